//! `ipv4_lookup` and `ipv6_lookup`: rows of a table of networks, by the address in a row.
//!
//! <https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin>

mod ip_lookup;
mod networks;
