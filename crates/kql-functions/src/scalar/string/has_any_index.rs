//! `has_any_index`: the place in an array of the first element that a text has as a term.

use crate::Type::{Dynamic, Long, String as Text};
use crate::column::{Strings, long_results, result_rows};
use crate::definition::Definition;
use crate::dynamic::{elements, text_of};
use crate::signature::fixed;
use crate::string_ops::{Needle, StringOpKind};

pub(super) static HAS_ANY_INDEX: Definition = Definition::new(
    "has_any_index",
    |args| fixed(args, &[Text, Dynamic], 2, Long),
    |args, _, ctx| {
        let (texts, arrays) = (Strings::of(&args[0]), Strings::of(&args[1]));
        long_results(result_rows(args, ctx), |row| {
            let text = texts.text(row);
            let found = elements(arrays.text(row))
                .position(|item| Needle::new(StringOpKind::Has, &text_of(item), false).is_in(text));
            found.map_or(Some(-1), |place| i64::try_from(place).ok())
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn terms_are_found_ignoring_case() {
        let sample = || text("this is an Example 2");
        check("has_any_index", &[sample(), json(r#"["not", "example"]"#)], Long(1));
        check("has_any_index", &[sample(), json(r#"["exam"]"#)], Long(-1));
        check("has_any_index", &[sample(), json("[1,2,3]")], Long(1));
        check("has_any_index", &[sample(), json("[]")], Long(-1));
    }
}
