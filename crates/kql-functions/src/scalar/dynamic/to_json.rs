//! `dynamic_to_json`: a text that is the same for equal values, as names are sorted.

use std::borrow::Cow;

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, BagWriter, Kind, compact, elements, entries, kind, unquote};
use crate::{Resolved, signature};

pub(super) static DYNAMIC_TO_JSON: Definition = Definition::new(
    "dynamic_to_json",
    |args| {
        signature::count(args, 1, 1)?;
        let parameter = if args[0].ty == Dynamic { Dynamic } else { Text };
        Ok(Resolved { parameters: vec![parameter], result: Text })
    },
    |args, resolved, ctx| {
        let values = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| {
            if resolved.parameters[0] == Text {
                out.push_str(values.text(row));
            } else {
                write_canonical(out, values.get(row).unwrap_or("null"));
            }
        })
    },
);

fn write_canonical(out: &mut String, json: &str) {
    match kind(json) {
        Kind::Array => {
            let mut array = ArrayWriter::new(out);
            elements(json).for_each(|item| write_canonical(array.element(), item));
            array.end();
        }
        Kind::Bag => {
            let mut properties: Vec<(Cow<'_, str>, &str)> =
                entries(json).map(|(name, value)| (unquote(name), value)).collect();
            properties.sort_by(|left, right| left.0.cmp(&right.0));
            let mut bag = BagWriter::new(out);
            let mut text = String::new();
            for (name, value) in properties {
                text.clear();
                write_canonical(&mut text, value);
                bag.push(&name, &text);
            }
            bag.end();
        }
        _ => out.push_str(&compact(json)),
    }
}

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn names_are_sorted_at_all_depths() {
        check(
            "dynamic_to_json",
            &[json(r#"{"b": [{"y":1, "x":2}], "a": "s"}"#)],
            text(r#"{"a":"s","b":[{"x":2,"y":1}]}"#),
        );
        check("dynamic_to_json", &[Long(5)], text("5"));
    }
}
