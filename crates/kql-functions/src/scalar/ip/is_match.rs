//! Comparison of addresses under their prefixes, and membership in ranges.

use std::cmp::Ordering;

use arrow::array::ArrayRef;

use super::address::{IPV4_BITS, IPV6_BITS, Network};
use crate::Type::{Bool, Dynamic, Long, String as Text};
use crate::column::{Strings, bool_results, long_results, longs, result_rows};
use crate::definition::{Definition, Kernel};
use crate::dynamic::{Kind, elements, kind, unquote};
use crate::signature::{accept, count, fixed};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

type Parse = fn(&str) -> Option<Network>;

pub(super) static IPV4_IS_MATCH: Definition = Definition::new(
    "ipv4_is_match",
    |args| fixed(args, &[Text, Text, Long], 2, Bool),
    |args, _, ctx| {
        let order = order(args, Network::parse_v4, IPV4_BITS);
        bool_results(result_rows(args, ctx), |row| order(row).map(Ordering::is_eq))
    },
);

pub(super) static IPV6_IS_MATCH: Definition = Definition::new(
    "ipv6_is_match",
    |args| fixed(args, &[Text, Text, Long], 2, Bool),
    |args, _, ctx| {
        let order = order(args, Network::parse_v6, IPV6_BITS);
        bool_results(result_rows(args, ctx), |row| order(row).map(Ordering::is_eq))
    },
);

pub(super) static IPV4_COMPARE: Definition = Definition::new(
    "ipv4_compare",
    |args| fixed(args, &[Text, Text, Long], 2, Long),
    |args, _, ctx| {
        let order = order(args, Network::parse_v4, IPV4_BITS);
        long_results(result_rows(args, ctx), |row| order(row).map(|order| order as i64))
    },
);

pub(super) static IPV6_COMPARE: Definition = Definition::new(
    "ipv6_compare",
    |args| fixed(args, &[Text, Text, Long], 2, Long),
    |args, _, ctx| {
        let order = order(args, Network::parse_v6, IPV6_BITS);
        long_results(result_rows(args, ctx), |row| order(row).map(|order| order as i64))
    },
);

/// The order of two addresses cut to the shortest of their prefixes and the one given.
fn order(args: &[Arg], parse: Parse, width: u8) -> impl Fn(usize) -> Option<Ordering> + use<> {
    let (left, right, prefixes) = (Strings::of(&args[0]), Strings::of(&args[1]), args.get(2).map(longs));
    move |row| {
        let (left, right) = (parse(left.text(row))?, parse(right.text(row))?);
        let given = prefixes.as_ref().map_or(Some(i64::from(width)), |column| column.get(row))?;
        let given = u8::try_from(given).ok().filter(|prefix| *prefix <= width)?;
        let prefix = given.min(left.prefix).min(right.prefix);
        Some(left.masked(prefix).cmp(&right.masked(prefix)))
    }
}

pub(super) static IPV4_IS_IN_RANGE: Definition =
    in_range("ipv4_is_in_range", |args, _, ctx| ranges(args, ctx, Network::parse_v4));
pub(super) static IPV6_IS_IN_RANGE: Definition =
    in_range("ipv6_is_in_range", |args, _, ctx| ranges(args, ctx, Network::parse_v6));

const fn in_range(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Text, Text], 2, Bool), kernel)
}

pub(super) static IPV4_IS_IN_ANY_RANGE: Definition =
    Definition::new("ipv4_is_in_any_range", resolve_any, |args, _, ctx| ranges(args, ctx, Network::parse_v4));
pub(super) static IPV6_IS_IN_ANY_RANGE: Definition =
    Definition::new("ipv6_is_in_any_range", resolve_any, |args, _, ctx| ranges(args, ctx, Network::parse_v6));

/// Ranges come one by one, or as an array.
fn resolve_any(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 2, 64)?;
    let parameter = |(index, arg): (usize, &ArgumentInfo)| match arg.ty {
        Dynamic if index > 0 => Ok(Dynamic),
        ty => accept(index, ty, Text),
    };
    let parameters = args.iter().enumerate().map(parameter).collect::<Result<_, _>>()?;
    Ok(Resolved { parameters, result: Bool })
}

/// Null for an address that is none; ranges that are none hold nothing, unless there are no others.
fn ranges(args: &[Arg], ctx: &EvalContext, parse: Parse) -> ArrayRef {
    let addresses = Strings::of(&args[0]);
    let columns: Vec<Strings> = args[1..].iter().map(Strings::of).collect();
    let constants: Vec<Option<Vec<Network>>> =
        columns.iter().map(|column| column.constant().map(|text| networks(text, parse))).collect();
    bool_results(result_rows(args, ctx), |row| {
        let address = parse(addresses.text(row))?;
        let is_inside = |range: &Network| range.prefix <= address.prefix && range.contains(&address);
        let mut has_range = false;
        for (column, constant) in columns.iter().zip(&constants) {
            let holds = match constant {
                Some(ranges) => {
                    has_range |= !ranges.is_empty();
                    ranges.iter().any(is_inside)
                }
                None => {
                    let ranges = networks(column.text(row), parse);
                    has_range |= !ranges.is_empty();
                    ranges.iter().any(is_inside)
                }
            };
            if holds {
                return Some(true);
            }
        }
        has_range.then_some(false)
    })
}

/// The networks of a text or of a JSON array of texts.
fn networks(text: &str, parse: Parse) -> Vec<Network> {
    match kind(text) {
        Kind::Array => elements(text).filter_map(|item| parse(&unquote(item))).collect(),
        _ => parse(&unquote(text)).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Bool, Value::Long};

    #[test]
    fn addresses_match_under_the_shortest_prefix() {
        for (left, right, expected) in [
            ("192.168.1.0", "192.168.1.0", true),
            ("192.168.1.1/24", "192.168.1.255", true),
            ("192.168.1.1/30", "192.168.1.255/24", true),
            ("192.168.1.1", "192.168.1.2", false),
        ] {
            check("ipv4_is_match", &[text(left), text(right)], Bool(expected));
        }
        check("ipv4_is_match", &[text("192.168.1.1"), text("192.168.1.2"), Long(24)], Bool(true));
        check("ipv4_is_match", &[text("x"), text("192.168.1.2")], Value::Null(Type::Bool));
        check("ipv4_compare", &[text("192.168.1.1"), text("192.168.1.2")], Long(-1));
        check("ipv6_is_match", &[text("fe80::85d:e82c:9446:7994"), text("fe80::85d:e82c:9446:7995/120")], Bool(true));
        check("ipv6_is_match", &[text("192.168.1.1"), text("::ffff:c0a8:0101")], Bool(true));
        check("ipv6_compare", &[text("::2"), text("::1")], Long(1));
    }

    #[test]
    fn ranges_hold_addresses() {
        check("ipv4_is_in_range", &[text("192.168.1.6"), text("192.168.1.1/24")], Bool(true));
        check("ipv4_is_in_range", &[text("192.168.2.6"), text("192.168.1.1/24")], Bool(false));
        check("ipv4_is_in_range", &[text("1.2.3.4"), text("0.0.0.0/0")], Bool(true));
        check("ipv4_is_in_range", &[text("abc"), text("192.168.1.1/24")], Value::Null(Type::Bool));
        check("ipv4_is_in_range", &[text("1.2.3.4"), text("abc")], Value::Null(Type::Bool));
        let ranges = || json(r#"["10.0.0.0/8", "192.168.1.0/24"]"#);
        check("ipv4_is_in_any_range", &[text("192.168.1.6"), ranges()], Bool(true));
        check("ipv4_is_in_any_range", &[text("1.1.1.1"), ranges()], Bool(false));
        check("ipv4_is_in_any_range", &[text("1.1.1.1"), text("2.0.0.0/8"), text("1.0.0.0/8")], Bool(true));
        check(
            "ipv6_is_in_range",
            &[text("a5e:f127:8a9d:146d:e102:b5d3:c755:abcd"), text("a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112")],
            Bool(true),
        );
        check("ipv6_is_in_any_range", &[text("fe80::1"), json(r#"["fe80::/10"]"#)], Bool(true));
    }
}
