//! `strcat_array`: the elements of an array as one text.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::dynamic::{elements, write_text};
use crate::signature::{any, fixed};

pub(super) static STRCAT_ARRAY: Definition = Definition::new(
    "strcat_array",
    |args| fixed(&any(args, &[1]), &[Dynamic, Text], 2, Text),
    |args, _, ctx| {
        let (arrays, delimiters) = (Strings::of(&args[0]), Strings::of(&args[1]));
        written_strings(result_rows(args, ctx), |row, out| {
            for (index, element) in elements(arrays.text(row)).enumerate() {
                if index > 0 {
                    out.push_str(delimiters.text(row));
                }
                write_text(out, element);
            }
        })
    },
)
.alias(&["array_strcat"]);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn elements_are_joined_as_text() {
        check("strcat_array", &[json(r#"[1, "a", true, null]"#), text("->")], text("1->a->true->"));
        check("strcat_array", &[json("[]"), text(",")], text(""));
        check("strcat_array", &[Value::Null(Type::Dynamic), text(",")], text(""));
    }
}
