//! `strlen` in characters and `string_size` in bytes.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static STRLEN: Definition = Definition::new(
    "strlen",
    |args| fixed(args, &[Text], 1, Long),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| i64::try_from(texts.text(row).chars().count()).ok())
    },
);

pub(super) static STRING_SIZE: Definition = Definition::new(
    "string_size",
    |args| fixed(args, &[Text], 1, Long),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| i64::try_from(texts.text(row).len()).ok())
    },
)
.cheap();

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn characters_and_bytes_are_counted() {
        check("strlen", &[text("⒦⒰⒮⒯⒪")], Long(5));
        check("string_size", &[text("⒦⒰⒮⒯⒪")], Long(15));
        check("strlen", &[text("")], Long(0));
    }
}
