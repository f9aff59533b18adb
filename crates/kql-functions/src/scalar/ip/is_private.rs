//! `ipv4_is_private`: in one of the networks of RFC 1918.

use super::address::{IPV4_BITS, Network};
use crate::Type::{Bool, String as Text};
use crate::column::{Strings, bool_results, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

/// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16.
const PRIVATE: [Network; 3] = [
    Network { bits: 0x0a00_0000, prefix: 8, width: IPV4_BITS },
    Network { bits: 0xac10_0000, prefix: 12, width: IPV4_BITS },
    Network { bits: 0xc0a8_0000, prefix: 16, width: IPV4_BITS },
];

pub(super) static IPV4_IS_PRIVATE: Definition = Definition::new(
    "ipv4_is_private",
    |args| fixed(args, &[Text], 1, Bool),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        bool_results(result_rows(args, ctx), |row| {
            let network = Network::parse_v4(texts.text(row))?;
            Some(PRIVATE.iter().any(|private| network.prefix >= private.prefix && private.contains(&network)))
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn three_networks_are_private() {
        for (address, expected) in [
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("172.32.0.1", false),
            ("192.168.1.1/24", true),
            ("208.5.1.2", false),
        ] {
            check("ipv4_is_private", &[text(address)], Bool(expected));
        }
        for address in ["", "fe80::1", "1.2.3", "300.1.1.1"] {
            check("ipv4_is_private", &[text(address)], Value::Null(Type::Bool));
        }
    }
}
