//! Rows of another table, by what is in a row: `ipv4_lookup`, `ipv6_lookup`, `geo_polygon_lookup`, `geo_line_lookup`.
//!
//! <https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin>

mod geo_lookup;
mod ip_lookup;
mod networks;
