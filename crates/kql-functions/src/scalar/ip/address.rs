//! Addresses with a prefix length, as `10.0.0.0/8`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Bits of an IPv4 address.
pub(super) const IPV4_BITS: u8 = 32;
/// Bits of an IPv6 address.
pub(super) const IPV6_BITS: u8 = 128;
/// Bits before the IPv4 address in a mapped IPv6 address.
const MAPPED_BITS: u8 = IPV6_BITS - IPV4_BITS;

/// An address of either kind as its bits, with the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    pub(super) bits: u128,
    pub(super) prefix: u8,
    /// 32 or 128
    pub(super) width: u8,
}

impl Network {
    /// An IPv4 address with or without `/prefix`.
    pub fn parse_v4(text: &str) -> Option<Network> {
        let (address, prefix) = split(text.trim(), IPV4_BITS)?;
        let address: Ipv4Addr = address.parse().ok()?;
        Some(Network { bits: u32::from(address).into(), prefix, width: IPV4_BITS })
    }

    /// An IPv6 address, or an IPv4 address that is then mapped into IPv6.
    pub fn parse_v6(text: &str) -> Option<Network> {
        if let Some(v4) = Network::parse_v4(text) {
            let bits = u128::from(Ipv4Addr::from(u32::try_from(v4.bits).ok()?).to_ipv6_mapped());
            return Some(Network { bits, prefix: v4.prefix + MAPPED_BITS, width: IPV6_BITS });
        }
        let (address, prefix) = split(text.trim(), IPV6_BITS)?;
        let address: Ipv6Addr = address.parse().ok()?;
        Some(Network { bits: address.into(), prefix, width: IPV6_BITS })
    }

    /// The bits that a prefix covers.
    pub(super) fn masked(&self, prefix: u8) -> u128 {
        let dropped = u32::from(self.width.saturating_sub(prefix));
        self.bits.checked_shr(dropped).and_then(|kept| kept.checked_shl(dropped)).unwrap_or(0)
    }

    /// Its first and its last address.
    pub fn range(&self) -> (u128, u128) {
        let first = self.masked(self.prefix);
        let free = u32::from(self.width.saturating_sub(self.prefix));
        let last = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
        (first, first | last)
    }

    /// Whether an address lies in this network.
    pub(super) fn contains(&self, other: &Network) -> bool {
        self.masked(self.prefix) == other.masked(self.prefix)
    }
}

fn split(text: &str, width: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        None => Some((text, width)),
        Some((address, prefix)) => {
            let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
            let prefix = is_number.then(|| prefix.parse().ok()).flatten()?;
            (prefix <= width).then_some((address, prefix))
        }
    }
}
