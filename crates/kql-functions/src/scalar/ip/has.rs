//! `has_ipv4` and its kin: an address, or one with a prefix, between characters that are neither letters nor digits.

use std::net::Ipv4Addr;

use arrow::array::ArrayRef;

use crate::Type::{Bool, Dynamic, String as Text};
use crate::column::{Strings, bool_results, result_rows};
use crate::definition::Definition;
use crate::dynamic::{Kind, elements, kind, unquote};
use crate::signature::{accept, count, fixed};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

pub(super) static HAS_IPV4: Definition =
    Definition::new("has_ipv4", |args| fixed(args, &[Text, Text], 2, Bool), |args, _, ctx| has(args, ctx, is_address));
pub(super) static HAS_ANY_IPV4: Definition =
    Definition::new("has_any_ipv4", resolve_any, |args, _, ctx| has(args, ctx, is_address));
pub(super) static HAS_IPV4_PREFIX: Definition = Definition::new(
    "has_ipv4_prefix",
    |args| fixed(args, &[Text, Text], 2, Bool),
    |args, _, ctx| has(args, ctx, has_prefix),
);
pub(super) static HAS_ANY_IPV4_PREFIX: Definition =
    Definition::new("has_any_ipv4_prefix", resolve_any, |args, _, ctx| has(args, ctx, has_prefix));

/// Addresses come one by one, or as an array.
fn resolve_any(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 2, 64)?;
    let parameter = |(index, arg): (usize, &ArgumentInfo)| match arg.ty {
        Dynamic if index > 0 => Ok(Dynamic),
        ty => accept(index, ty, Text),
    };
    let parameters = args.iter().enumerate().map(parameter).collect::<Result<_, _>>()?;
    Ok(Resolved { parameters, result: Bool })
}

/// Whether one of the addresses in the first text passes the test against one of the others.
fn has(args: &[Arg], ctx: &EvalContext, test: fn(&str, &str) -> bool) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    let wanted: Vec<Strings> = args[1..].iter().map(Strings::of).collect();
    bool_results(result_rows(args, ctx), |row| {
        let found = |wanted: &str| addresses(texts.text(row)).any(|address| test(address, wanted));
        Some(wanted.iter().any(|column| match (column.text(row), kind(column.text(row))) {
            (json, Kind::Array) => elements(json).any(|item| found(&unquote(item))),
            (text, _) => found(&unquote(text)),
        }))
    })
}

fn is_address(address: &str, wanted: &str) -> bool {
    address == wanted
}

/// A prefix ends with a point, or is an address.
fn has_prefix(address: &str, wanted: &str) -> bool {
    address == wanted || (wanted.ends_with('.') && address.starts_with(wanted))
}

/// The IPv4 addresses of a text that stand alone.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '.')
        .map(|run| run.trim_matches('.'))
        .filter(|run| run.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use crate::Value::Bool;
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn addresses_stand_alone_in_the_text() {
        for (log, address, expected) in [
            ("05:04:54 127.0.0.1 GET /favicon.ico 404", "127.0.0.1", true),
            ("05:04:54 127.0.0.256 GET", "127.0.0.256", false),
            ("05:04:54127.0.0.1 GET", "127.0.0.1", false),
            ("from 127.0.0.1.", "127.0.0.1", true),
            ("from 127.0.0.10", "127.0.0.1", false),
        ] {
            check("has_ipv4", &[text(log), text(address)], Bool(expected));
        }
        let log = || text("05:04:54 127.0.0.1 GET");
        check("has_any_ipv4", &[log(), text("127.0.0.2"), text("127.0.0.1")], Bool(true));
        check("has_any_ipv4", &[log(), json(r#"["127.0.0.2","127.0.0.3"]"#)], Bool(false));
        check("has_ipv4_prefix", &[log(), text("127.0.")], Bool(true));
        check("has_ipv4_prefix", &[log(), text("127.0")], Bool(false));
        check("has_any_ipv4_prefix", &[log(), json(r#"["10.","127."]"#)], Bool(true));
    }
}
