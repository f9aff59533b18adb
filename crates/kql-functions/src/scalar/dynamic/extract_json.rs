//! `extract_json` (`extractjson`): a value at a JSON path inside a text.

use arrow::array::ArrayRef;

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::dynamic::{get_path, parse, parse_path, write_text};
use crate::scalar::string::type_of_name;
use crate::signature::{fixed, plain_text};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Value, convert};

pub(super) static EXTRACT_JSON: Definition = Definition::new("extract_json", resolve, extract).alias(&["extractjson"]);

/// The third argument is a type literal, which reaches us as the name of a type.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    plain_text(args, &[0])?;
    let result = match args.get(2).and_then(|arg| arg.constant.as_ref()) {
        Some(Value::String(name)) => type_of_name(name)?,
        _ => Text,
    };
    fixed(args, &[Text, Text, Text], 2, result)
}

fn extract(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let (paths, texts) = (Strings::of(&args[0]), Strings::of(&args[1]));
    let constant = paths.constant().map(parse_path);
    let found = written_strings(result_rows(&args[..2], ctx), |row, out| {
        let path = constant.clone().unwrap_or_else(|| parse_path(paths.text(row)));
        if let (Some(path), Some(json)) = (path, parse(texts.text(row)))
            && let Some(value) = get_path(json, &path)
        {
            write_text(out, value);
        }
    });
    convert::cast(&found, Text, resolved.result)
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
