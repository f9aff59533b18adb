//! `tolower` and `toupper`.

use arrow::array::ArrayRef;

use crate::Arg;
use crate::EvalContext;
use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{any, fixed};

pub(super) static TOLOWER: Definition = Definition::new(
    "tolower",
    |args| fixed(&any(args, &[0]), &[Text], 1, Text),
    |args, _, ctx| convert(args, ctx, str::make_ascii_lowercase, str::to_lowercase),
);

pub(super) static TOUPPER: Definition = Definition::new(
    "toupper",
    |args| fixed(&any(args, &[0]), &[Text], 1, Text),
    |args, _, ctx| convert(args, ctx, str::make_ascii_uppercase, str::to_uppercase),
);

fn convert(args: &[Arg], ctx: &EvalContext, ascii: fn(&mut str), other: fn(&str) -> String) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    written_strings(result_rows(args, ctx), |row, out| {
        let text = texts.text(row);
        if text.is_ascii() {
            out.push_str(text);
            ascii(out);
        } else {
            out.push_str(&other(text));
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn letters_of_all_scripts_change_case() {
        check("tolower", &[text("ABC É")], text("abc é"));
        check("toupper", &[text("abc é")], text("ABC É"));
        check("tolower", &[text("")], text(""));
    }
}
