//! `ipv4_range_to_cidr_list`: the fewest networks that cover all addresses from one to another.

use std::fmt::Write;
use std::net::Ipv4Addr;

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::fixed;

pub(super) static IPV4_RANGE_TO_CIDR_LIST: Definition = Definition::new(
    "ipv4_range_to_cidr_list",
    |args| fixed(args, &[Text, Text], 2, Dynamic),
    |args, _, ctx| {
        let (starts, ends) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let address = |text: &str| text.trim().parse::<Ipv4Addr>().ok().map(u32::from);
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(start), Some(end)) = (address(starts.text(row)), address(ends.text(row))) else { return false };
            write_networks(out, start.into(), end.into());
            true
        })
    },
);

/// At each place the largest network that starts there and does not go beyond the end.
fn write_networks(out: &mut String, start: u64, end: u64) {
    let mut array = ArrayWriter::new(out);
    let mut next = start;
    while next <= end {
        let aligned = if next == 0 { 32 } else { next.trailing_zeros().min(32) };
        let bits = (0..=aligned).rev().find(|bits| next + (1 << bits) - 1 <= end).unwrap_or(0);
        let address = Ipv4Addr::from(u32::try_from(next).unwrap_or(u32::MAX));
        // Writing to a string does not fail.
        let _ = write!(array.element(), "\"{address}/{}\"", 32 - bits);
        next += 1 << bits;
    }
    array.end();
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn ranges_are_covered_by_few_networks() {
        for (start, end, expected) in [
            ("1.1.128.0", "1.1.140.255", r#"["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]"#),
            ("0.0.0.0", "255.255.255.255", r#"["0.0.0.0/0"]"#),
            ("10.0.0.1", "10.0.0.1", r#"["10.0.0.1/32"]"#),
            ("10.0.0.2", "10.0.0.1", "[]"),
        ] {
            check("ipv4_range_to_cidr_list", &[text(start), text(end)], json(expected));
        }
        check("ipv4_range_to_cidr_list", &[text("x"), text("10.0.0.1")], Value::Null(Type::Dynamic));
    }
}
