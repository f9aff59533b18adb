//! `extract` and `extract_all`: what a pattern's groups match.

use arrow::array::ArrayRef;
use regex::{Captures, Regex};

use crate::Type::{Dynamic, Long, String as Text};
use crate::column::{Strings, longs, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, elements, text_of};
use crate::pattern::Patterns;
use crate::signature::{fixed, plain_text};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, Value, convert};

pub(super) static EXTRACT: Definition = Definition::new("extract", resolve_extract, extract);

pub(super) static EXTRACT_ALL: Definition =
    Definition::new("extract_all", resolve_extract_all, extract_all).alias(&["extractall"]);

/// The fourth argument is a type literal, which reaches us as the name of a type.
fn resolve_extract(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    plain_text(args, &[0])?;
    let result = match args.get(3).and_then(|arg| arg.constant.as_ref()) {
        Some(Value::String(name)) => type_of_name(name)?,
        _ => Text,
    };
    fixed(args, &[Text, Long, Text, Text], 3, result)
}

/// The type of a name as `typeof()` takes it.
pub(crate) fn type_of_name(name: &str) -> Result<Type, FunctionError> {
    Ok(match name {
        "bool" | "boolean" => Type::Bool,
        "int" => Type::Int,
        "long" => Long,
        "real" | "double" => Type::Real,
        "decimal" => Type::Decimal,
        "string" => Type::String,
        "guid" => Type::Guid,
        "datetime" | "date" => Type::DateTime,
        "timespan" | "time" => Type::TimeSpan,
        "dynamic" => Dynamic,
        _ => return Err(FunctionError::Other { index: None, message: format!("`{name}` is no type") }),
    })
}

fn extract(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let (patterns, groups, texts) = (Strings::of(&args[0]), longs(&args[1]), Strings::of(&args[2]));
    let compiled = Patterns::default();
    let found = written_strings(result_rows(&args[..3], ctx), |row, out| {
        let group = groups.get(row).and_then(|group| usize::try_from(group).ok());
        if let (Some(regex), Some(group)) = (compiled.get(patterns.text(row)), group) {
            out.push_str(group_text(&regex, texts.text(row), group));
        }
    });
    convert::cast(&found, Text, resolved.result)
}

/// Most groups of a pattern that Kusto takes.
const MAX_GROUPS: usize = 16;

fn group_text<'a>(regex: &Regex, text: &'a str, group: usize) -> &'a str {
    if group == 0 {
        return regex.find(text).map_or("", |found| found.as_str());
    }
    regex.captures(text).and_then(|captures| captures.get(group)).map_or("", |found| found.as_str())
}

fn resolve_extract_all(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    plain_text(args, &[0])?;
    if let Some(Value::String(pattern)) = args.first().and_then(|arg| arg.constant.as_ref())
        && let Ok(regex) = crate::pattern::compile(pattern)
        && !(2..=MAX_GROUPS + 1).contains(&regex.captures_len())
    {
        let message = format!("the pattern has {} groups, not 1 to {MAX_GROUPS}", regex.captures_len() - 1);
        return Err(FunctionError::Other { index: Some(0), message });
    }
    if args.len() == 3 {
        return fixed(args, &[Text, Dynamic, Text], 3, Dynamic);
    }
    fixed(args, &[Text, Text], 2, Dynamic)
}

fn extract_all(args: &[Arg], _: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let patterns = Strings::of(&args[0]);
    let chosen = (args.len() == 3).then(|| Strings::of(&args[1]));
    let texts = Strings::of(&args[args.len() - 1]);
    let compiled = Patterns::default();
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(regex) = compiled.get(patterns.text(row)) else { return false };
        let groups = match &chosen {
            Some(chosen) => chosen_groups(&regex, chosen.text(row)),
            None if regex.captures_len() == 1 => vec![0],
            None => (1..regex.captures_len()).collect(),
        };
        write_matches(out, &regex, texts.text(row), &groups)
    })
}

/// Group numbers of a JSON array of numbers or names.
fn chosen_groups(regex: &Regex, json: &str) -> Vec<usize> {
    let of_name = |name: &str| regex.capture_names().position(|group| group == Some(name));
    let group = |json| {
        let text = text_of(json);
        text.parse().ok().or_else(|| of_name(&text))
    };
    elements(json).filter_map(group).collect()
}

/// False when nothing matches: the result is null then.
fn write_matches(out: &mut String, regex: &Regex, text: &str, groups: &[usize]) -> bool {
    let mut matches = regex.captures_iter(text).peekable();
    if matches.peek().is_none() {
        return false;
    }
    let of_group =
        |captures: &Captures<'_>, group: usize| captures.get(group).map_or("", |found| found.as_str()).to_owned();
    let mut array = ArrayWriter::new(out);
    for captures in matches {
        if let [group] = groups {
            array.push_text(&of_group(&captures, *group));
            continue;
        }
        let mut inner = ArrayWriter::new(array.element());
        groups.iter().for_each(|group| inner.push_text(&of_group(&captures, *group)));
        inner.end();
    }
    array.end();
    true
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn extract_gives_a_group_or_nothing() {
        let x = || text("hello x=45.6|wo");
        check("extract", &[text("x=([0-9.]+)"), Value::Long(1), x()], text("45.6"));
        check("extract", &[text("x=([0-9.]+)"), Value::Long(0), x()], text("x=45.6"));
        check("extract", &[text("x=([0-9.]+)"), Value::Long(2), x()], text(""));
        check("extract", &[text("y=([0-9.]+)"), Value::Long(1), x()], text(""));
        check("extract", &[text("("), Value::Long(1), x()], text(""));
        check("extract", &[text("x=([0-9.]+)"), Value::Long(1), x(), text("real")], Value::Real(45.6));
        check("extract", &[text("y=(.*)"), Value::Long(1), x(), text("int")], Value::Null(Type::Int));
    }

    #[test]
    fn extract_all_gives_all_groups_of_all_matches() {
        check("extract_all", &[text(r"(\d)"), text("a1b2")], json(r#"["1","2"]"#));
        check("extract_all", &[text(r"(\w)(\d)"), text("a1b2")], json(r#"[["a","1"],["b","2"]]"#));
        check("extract_all", &[text(r"(\w)(\d)"), json("[2]"), text("a1b2")], json(r#"["1","2"]"#));
        check("extract_all", &[text(r"(?P<c>\w)(\d)"), json(r#"["c",2]"#), text("a1")], json(r#"[["a","1"]]"#));
        check("extract_all", &[text(r"(\d)"), text("ab")], Value::Null(Type::Dynamic));
    }
}
