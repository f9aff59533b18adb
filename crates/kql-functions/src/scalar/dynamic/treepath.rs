//! `treepath`: the paths of all values in a dynamic.

use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, MAX_DEPTH, elements, entries, kind, unquote};
use crate::signature::fixed;

pub(super) static TREEPATH: Definition = Definition::new(
    "treepath",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let values = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let json = values.get(row).filter(|json| matches!(kind(json), Kind::Bag | Kind::Array));
            let Some(json) = json else { return false };
            let mut array = ArrayWriter::new(out);
            write_paths(&mut array, &mut String::new(), json, MAX_DEPTH);
            array.end();
            true
        })
    },
);

fn write_paths(array: &mut ArrayWriter<'_>, path: &mut String, json: &str, depth: usize) {
    if depth == 0 {
        return;
    }
    let length = path.len();
    let mut visit = |path: &mut String, step: &str, value: &str| {
        path.push_str(step);
        array.push_text(path);
        write_paths(array, path, value, depth - 1);
        path.truncate(length);
    };
    for (name, value) in entries(json) {
        visit(path, &format!("['{}']", unquote(name)), value);
    }
    // All elements of an array share one path.
    if let Some(value) = elements(json).next() {
        visit(path, "[0]", value);
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};

    #[test]
    fn every_value_has_a_path() {
        check(
            "treepath",
            &[json(r#"{"a": "b", "c": 123, "d": [{"e": 1}]}"#)],
            json(r#"["['a']","['c']","['d']","['d'][0]","['d'][0]['e']"]"#),
        );
    }
}
