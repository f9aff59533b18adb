//! `regex_quote`: a pattern that matches a text itself.

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{any, fixed};

pub(super) static REGEX_QUOTE: Definition = Definition::new(
    "regex_quote",
    |args| fixed(&any(args, &[0]), &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| out.push_str(&regex::escape(texts.text(row))))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn signs_with_a_meaning_are_escaped() {
        check("regex_quote", &[text("(so$me.Te^xt)")], text(r"\(so\$me\.Te\^xt\)"));
    }
}
