//! `reverse`: the characters of a text in opposite order.

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::{Resolved, signature};

pub(super) static REVERSE: Definition = Definition::new(
    "reverse",
    |args| {
        signature::count(args, 1, 1)?;
        Ok(Resolved { parameters: vec![Text], result: Text })
    },
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| out.extend(texts.text(row).chars().rev()))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn characters_change_their_order() {
        check("reverse", &[text("añb")], text("bña"));
        check("reverse", &[crate::Value::Long(123)], text("321"));
    }
}
