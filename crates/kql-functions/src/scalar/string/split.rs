//! `split`: the parts between delimiters; with an index, an array of that part alone.

use crate::Type::{Dynamic, Long, String as Text};
use crate::column::{Strings, longs, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::{any, fixed};

pub(super) static SPLIT: Definition = Definition::new(
    "split",
    |args| fixed(&any(args, &[0]), &[Text, Text, Long], 2, Dynamic),
    |args, _, ctx| {
        let (texts, delimiters, indexes) = (Strings::of(&args[0]), Strings::of(&args[1]), args.get(2).map(longs));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (text, delimiter) = (texts.text(row), delimiters.text(row));
            match &indexes {
                None => write_all(out, text, delimiter),
                Some(indexes) => return indexes.get(row).is_some_and(|index| write_part(out, text, delimiter, index)),
            }
            true
        })
    },
);

fn write_all(out: &mut String, text: &str, delimiter: &str) {
    let mut array = ArrayWriter::new(out);
    if delimiter.is_empty() {
        array.push_text(text);
    } else {
        text.split(delimiter).for_each(|part| array.push_text(part));
    }
    array.end();
}

fn write_part(out: &mut String, text: &str, delimiter: &str, index: i64) -> bool {
    let index = usize::try_from(index).ok();
    let part = match (index, delimiter.is_empty()) {
        (Some(0), true) => Some(text),
        (Some(index), false) => text.split(delimiter).nth(index),
        _ => None,
    };
    part.map(|part| {
        let mut array = ArrayWriter::new(out);
        array.push_text(part);
        array.end();
    })
    .is_some()
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn parts_come_as_an_array() {
        check("split", &[text("aa_bb"), text("_")], json(r#"["aa","bb"]"#));
        check("split", &[text("aaa_bbb_ccc"), text("_"), Long(1)], json(r#"["bbb"]"#));
        check("split", &[text("a__b"), text("_")], json(r#"["a","","b"]"#));
        check("split", &[text("aabbcc"), text("bb")], json(r#"["aa","cc"]"#));
        check("split", &[text(""), text(",")], json(r#"[""]"#));
        check("split", &[text("a,b"), text(","), Long(2)], Value::Null(Type::Dynamic));
        check("split", &[text("a,b"), text(","), Long(-1)], Value::Null(Type::Dynamic));
    }
}
