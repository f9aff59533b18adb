//! `strrep`: a text repeated, with an optional delimiter.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, longs, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{any, fixed};

/// Most repetitions that Kusto takes.
const MAX_REPETITIONS: i64 = 1024;

pub(super) static STRREP: Definition = Definition::new(
    "strrep",
    |args| fixed(&any(args, &[0, 2]), &[Text, Long, Text], 2, Text),
    |args, _, ctx| {
        let (texts, counts, delimiters) = (Strings::of(&args[0]), longs(&args[1]), args.get(2).map(Strings::of));
        written_strings(result_rows(args, ctx), |row, out| {
            for index in 0..counts.get(row).unwrap_or(0).min(MAX_REPETITIONS) {
                if index > 0 {
                    out.push_str(delimiters.as_ref().map_or("", |delimiter| delimiter.text(row)));
                }
                out.push_str(texts.text(row));
            }
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn repetitions_are_delimited() {
        check("strrep", &[text("abc"), Long(3)], text("abcabcabc"));
        check("strrep", &[text("a"), Long(2), text(",")], text("a,a"));
        check("strrep", &[text("a"), Long(-1)], text(""));
    }
}
