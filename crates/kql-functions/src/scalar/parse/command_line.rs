//! `parse_command_line`: the arguments as Windows programs get them (the rules of `CommandLineToArgvW`).

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::{ArgumentInfo, FunctionError, Resolved, Value, signature};

pub(super) static PARSE_COMMAND_LINE: Definition = Definition::new("parse_command_line", resolve, |args, _, ctx| {
    let texts = Strings::of(&args[0]);
    let mut argument = String::new();
    written_nullable(result_rows(args, ctx), |row, out| {
        let mut rest = texts.text(row).trim_start_matches(BLANKS);
        if rest.is_empty() {
            return false;
        }
        let mut array = ArrayWriter::new(out);
        while !rest.is_empty() {
            argument.clear();
            rest = read_argument(rest, &mut argument).trim_start_matches(BLANKS);
            array.push_text(&argument);
        }
        array.end();
        true
    })
});

const BLANKS: [char; 2] = [' ', '\t'];

/// The only parser that Kusto knows is `windows`.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let resolved = signature::fixed(&signature::any(args, &[0]), &[Text, Text], 2, Dynamic)?;
    match &args[1].constant {
        Some(Value::String(parser)) if !parser.eq_ignore_ascii_case("windows") => Err(FunctionError::Other {
            index: Some(1),
            message: format!("`{parser}` is no parser of command lines; there is `windows`"),
        }),
        _ => Ok(resolved),
    }
}

/// Reads an argument and returns what follows it.
fn read_argument<'a>(text: &'a str, argument: &mut String) -> &'a str {
    let mut is_quoted = false;
    let mut rest = text;
    loop {
        let backslashes = rest.len() - rest.trim_start_matches('\\').len();
        let after = &rest[backslashes..];
        let mut characters = after.chars();
        match characters.next() {
            Some('"') => {
                // Half of the backslashes before a quote stand for themselves.
                argument.extend(std::iter::repeat_n('\\', backslashes / 2));
                rest = characters.as_str();
                if backslashes % 2 == 1 {
                    argument.push('"');
                } else if is_quoted && rest.starts_with('"') {
                    argument.push('"');
                    rest = &rest[1..];
                } else {
                    is_quoted = !is_quoted;
                }
            }
            next => {
                argument.extend(std::iter::repeat_n('\\', backslashes));
                match next {
                    None => return "",
                    Some(' ' | '\t') if !is_quoted => return characters.as_str(),
                    Some(character) => argument.push(character),
                }
                rest = characters.as_str();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{ArgumentInfo, Type, Value};

    #[test]
    fn arguments_follow_the_rules_of_windows() {
        for (line, expected) in [
            (r#"echo "hello world!""#, r#"["echo","hello world!"]"#),
            ("C:\\a\\b.exe  -x\t-y", r#"["C:\\a\\b.exe","-x","-y"]"#),
            (r#"a "b \"c\" d" e"#, r#"["a","b \"c\" d","e"]"#),
            (r#"a "b\\" c"#, r#"["a","b\\","c"]"#),
            (r#"a "" b"#, r#"["a","","b"]"#),
            (r#"a "b""c""#, r#"["a","b\"c"]"#),
            (r#"a "open"#, r#"["a","open"]"#),
        ] {
            check("parse_command_line", &[text(line), text("windows")], json(expected));
        }
        check("parse_command_line", &[text(""), text("windows")], Value::Null(Type::Dynamic));
    }

    #[test]
    fn other_parsers_are_refused() {
        let arg = |value: &str| ArgumentInfo { ty: Type::String, constant: Some(text(value)) };
        assert!(crate::scalar("parse_command_line").unwrap().resolve(&[arg("a"), arg("bash")]).is_err());
    }
}
