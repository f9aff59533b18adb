//! `parse_json`: a text that is JSON becomes its value, any other a string.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{parse, write_quoted};
use crate::{ArgumentInfo, FunctionError, Resolved, signature};

pub(super) static PARSE_JSON: Definition = Definition::new("parse_json", resolve, |args, resolved, ctx| {
    if resolved.parameters[0] == Dynamic {
        return args[0].array().clone();
    }
    let texts = Strings::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let text = texts.text(row);
        match parse(text) {
            Some(json) => out.push_str(json),
            None if matches!(text.trim(), "" | "null") => return false,
            None => write_quoted(out, text),
        }
        true
    })
})
.alias(&["parsejson", "todynamic", "toobject"]);

/// A dynamic is its own value.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    signature::accept(0, args[0].ty, Text)?;
    let parameter = args[0].ty;
    Ok(Resolved { parameters: vec![parameter], result: Dynamic })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn what_is_no_json_stays_a_string() {
        check("parse_json", &[text(r#" {"a": 1} "#)], json(r#"{"a": 1}"#));
        check("todynamic", &[text("[1,2]")], json("[1,2]"));
        check("parse_json", &[text("abc")], json("\"abc\""));
        check("parse_json", &[text("12")], json("12"));
        check("parse_json", &[text("{a:1}")], json("\"{a:1}\""));
        check("parse_json", &[text("null")], Value::Null(Type::Dynamic));
        check("parse_json", &[text("")], Value::Null(Type::Dynamic));
        check("parsejson", &[json("[1]")], json("[1]"));
    }
}
