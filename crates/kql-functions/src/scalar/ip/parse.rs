//! `parse_ipv4`, `parse_ipv6`, their `_mask` forms and `ipv4_netmask_suffix`.

use std::fmt::Write;

use super::address::{IPV4_BITS, Network};
use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, longs, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static PARSE_IPV4: Definition = Definition::new(
    "parse_ipv4",
    |args| fixed(args, &[Text], 1, Long),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| {
            let network = Network::parse_v4(texts.text(row))?;
            i64::try_from(network.masked(network.prefix)).ok()
        })
    },
);

pub(super) static PARSE_IPV4_MASK: Definition = Definition::new(
    "parse_ipv4_mask",
    |args| fixed(args, &[Text, Long], 2, Long),
    |args, _, ctx| {
        let (texts, prefixes) = (Strings::of(&args[0]), longs(&args[1]));
        long_results(result_rows(args, ctx), |row| {
            let network = Network::parse_v4(texts.text(row))?;
            let prefix = u8::try_from(prefixes.get(row)?).ok().filter(|prefix| *prefix <= IPV4_BITS)?;
            i64::try_from(network.masked(prefix.min(network.prefix))).ok()
        })
    },
);

pub(super) static PARSE_IPV6: Definition = Definition::new(
    "parse_ipv6",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| {
            if let Some(network) = Network::parse_v6(texts.text(row)) {
                write_full(out, network.masked(network.prefix));
            }
        })
    },
);

pub(super) static PARSE_IPV6_MASK: Definition = Definition::new(
    "parse_ipv6_mask",
    |args| fixed(args, &[Text, Long], 2, Text),
    |args, _, ctx| {
        let (texts, prefixes) = (Strings::of(&args[0]), longs(&args[1]));
        written_strings(result_rows(args, ctx), |row, out| {
            let prefix = prefixes.get(row).and_then(|prefix| u8::try_from(prefix).ok());
            if let (Some(network), Some(prefix)) = (Network::parse_v6(texts.text(row)), prefix) {
                write_full(out, network.masked(prefix.min(network.prefix)));
            }
        })
    },
);

/// Eight groups of four digits.
fn write_full(out: &mut String, bits: u128) {
    for group in (0..8).rev() {
        // Writing to a string does not fail.
        let _ = write!(out, "{:04x}", bits >> (group * 16) & 0xffff);
        out.push_str(if group > 0 { ":" } else { "" });
    }
}

pub(super) static IPV4_NETMASK_SUFFIX: Definition = Definition::new(
    "ipv4_netmask_suffix",
    |args| fixed(args, &[Text], 1, Long),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| {
            Network::parse_v4(texts.text(row)).map(|network| network.prefix.into())
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value};

    #[test]
    fn addresses_become_numbers_and_full_texts() {
        check("parse_ipv4", &[text("127.0.0.1")], Long(2_130_706_433));
        check("parse_ipv4", &[text("192.1.168.2/24")], Long(3_221_334_016));
        check("parse_ipv4", &[text("1.2.3.400")], Value::Null(Type::Long));
        check("parse_ipv4_mask", &[text("192.1.168.2"), Long(24)], Long(3_221_334_016));
        check("parse_ipv6", &[text("192.168.255.255/24")], text("0000:0000:0000:0000:0000:ffff:c0a8:ff00"));
        check("parse_ipv6", &[text("fe80::85d:e82c:9446:7994")], text("fe80:0000:0000:0000:085d:e82c:9446:7994"));
        check("parse_ipv6", &[text("x")], text(""));
        check(
            "parse_ipv6_mask",
            &[text("fe80::85d:e82c:9446:7994"), Long(120)],
            text("fe80:0000:0000:0000:085d:e82c:9446:7900"),
        );
        check("ipv4_netmask_suffix", &[text("10.1.2.3/24")], Long(24));
        check("ipv4_netmask_suffix", &[text("10.1.2.3")], Long(32));
    }
}
