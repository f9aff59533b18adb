//! Code points: `make_string`, `unicode_codepoints_from_string`, `isascii`, `isutf8`.

use arrow::array::ArrayRef;

use crate::Type::{Bool, Dynamic, String as Text};
use crate::column::{Strings, bool_results, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::{any, fixed, repeated};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, number};

pub(super) static MAKE_STRING: Definition =
    Definition::new("make_string", resolve_codes, |args, _, ctx| make_string(args, ctx))
        .alias(&["unicode_codepoints_to_string", "makestring"]);

/// Code points come one by one, or in arrays.
fn resolve_codes(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let whole: Vec<usize> = (0..args.len()).filter(|at| matches!(args[*at].ty, Type::Int | Type::Long)).collect();
    repeated(&any(args, &whole), Dynamic, 1, 64, Text)
}

fn make_string(args: &[Arg], ctx: &EvalContext) -> ArrayRef {
    let codes: Vec<_> = args.iter().map(Strings::of).collect();
    written_strings(result_rows(args, ctx), |row, out| {
        for json in codes.iter().filter_map(|codes| codes.get(row)) {
            if kind(json) == Kind::Array {
                out.extend(elements(json).filter_map(character));
            } else {
                out.extend(character(json));
            }
        }
    })
}

fn character(json: &str) -> Option<char> {
    char::from_u32(u32::try_from(number::parse_long(json.trim())?).ok()?)
}

pub(super) static UNICODE_CODEPOINTS: Definition = Definition::new(
    "unicode_codepoints_from_string",
    |args| fixed(&any(args, &[0]), &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut array = ArrayWriter::new(out);
            texts.text(row).chars().for_each(|character| array.push(&u32::from(character).to_string()));
            array.end();
            true
        })
    },
)
.alias(&["to_utf8", "toutf8"]);

pub(super) static ISASCII: Definition = Definition::new(
    "isascii",
    |args| fixed(&any(args, &[0]), &[Text], 1, Bool),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        bool_results(result_rows(args, ctx), |row| Some(texts.text(row).is_ascii()))
    },
);

pub(super) static ISUTF8: Definition = Definition::new(
    "isutf8",
    |args| fixed(&any(args, &[0]), &[Text], 1, Bool),
    // A string of the engine is valid UTF-8 always.
    |args, _, ctx| bool_results(result_rows(args, ctx), |_| Some(true)),
);

#[cfg(test)]
mod tests {
    use crate::Value::{Bool, Long};
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn texts_and_code_points_convert_both_ways() {
        check("make_string", &[Long(75), json("[117,115]"), Long(-1)], text("Kus"));
        check("unicode_codepoints_from_string", &[text("Aé")], json("[65,233]"));
        check("isascii", &[text("é")], Bool(false));
    }
}
