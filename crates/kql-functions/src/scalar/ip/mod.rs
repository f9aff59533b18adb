//! IP addresses.

mod address;
mod cidr_list;
mod format;
mod has;
mod is_match;
mod is_private;
mod parse;

pub use address::Network;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &cidr_list::IPV4_RANGE_TO_CIDR_LIST,
        &format::FORMAT_IPV4,
        &format::FORMAT_IPV4_MASK,
        &has::HAS_IPV4,
        &has::HAS_ANY_IPV4,
        &has::HAS_IPV4_PREFIX,
        &has::HAS_ANY_IPV4_PREFIX,
        &is_match::IPV4_IS_MATCH,
        &is_match::IPV6_IS_MATCH,
        &is_match::IPV4_COMPARE,
        &is_match::IPV6_COMPARE,
        &is_match::IPV4_IS_IN_RANGE,
        &is_match::IPV6_IS_IN_RANGE,
        &is_match::IPV4_IS_IN_ANY_RANGE,
        &is_match::IPV6_IS_IN_ANY_RANGE,
        &is_private::IPV4_IS_PRIVATE,
        &parse::PARSE_IPV4,
        &parse::PARSE_IPV4_MASK,
        &parse::PARSE_IPV6,
        &parse::PARSE_IPV6_MASK,
        &parse::IPV4_NETMASK_SUFFIX,
    ]
}
