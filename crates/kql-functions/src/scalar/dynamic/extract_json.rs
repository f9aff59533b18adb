//! `extract_json` (`extractjson`): a value at a JSON path inside a text.

use arrow::array::ArrayRef;

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::dynamic::{Step, get_path, parse, write_text};
use crate::scalar::string::type_of_name;
use crate::signature::fixed;
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Value, convert};

pub(super) static EXTRACT_JSON: Definition = Definition::new("extract_json", resolve, extract).alias(&["extractjson"]);

/// The third argument is a type literal, which reaches us as the name of a type.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let result = match args.get(2).and_then(|arg| arg.constant.as_ref()) {
        Some(Value::String(name)) => type_of_name(name)?,
        _ => Text,
    };
    fixed(args, &[Text, Text, Text], 2, result)
}

fn extract(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let (paths, texts) = (Strings::of(&args[0]), Strings::of(&args[1]));
    let constant = paths.constant().map(steps);
    let found = written_strings(result_rows(&args[..2], ctx), |row, out| {
        let path = constant.clone().unwrap_or_else(|| steps(paths.text(row)));
        if let (Some(path), Some(json)) = (path, parse(texts.text(row)))
            && let Some(value) = get_path(json, &path)
        {
            write_text(out, value);
        }
    });
    convert::cast(&found, Text, resolved.result)
}

/// `$.a.b[0]['c']`; `None` when the text is no such path.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            steps.push(Step::Key(tail[..end].to_owned()));
            rest = &tail[end..];
            continue;
        }
        let (inner, tail) = rest.strip_prefix('[')?.split_once(']')?;
        let quoted = |quote| inner.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
        steps.push(match quoted('\'').or_else(|| quoted('"')) {
            Some(key) => Step::Key(key.to_owned()),
            None => Step::Index(inner.trim().parse().ok()?),
        });
        rest = tail;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value};

    #[test]
    fn paths_reach_into_texts() {
        let doc = || text(r#"{"hosts": [{"name": "a b", "n": 7}], "x-y": {"z": [1, 2]}}"#);
        check("extract_json", &[text("$.hosts[0].name"), doc()], text("a b"));
        check("extractjson", &[text("$.hosts[0].n"), doc(), text("int")], Value::Int(7));
        check("extract_json", &[text("$['x-y'].z"), doc()], text("[1,2]"));
        check("extract_json", &[text("$.hosts[1].name"), doc()], text(""));
        check("extract_json", &[text("$.hosts[0].name"), doc(), text("long")], Value::Null(Type::Long));
        check("extract_json", &[text("$.a"), text("no json")], text(""));
        check("extract_json", &[text("a"), doc()], text(""));
    }
}
