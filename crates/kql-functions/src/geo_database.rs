//! Where an IP address lies, for `geo_info_from_ip_address`: the data comes from whoever runs the engine.

use std::fmt::Debug;
use std::net::IpAddr;

/// Knows places of IP addresses. Reading one never fails: what is not known is `None`.
pub trait GeoDatabase: Debug + Send + Sync {
    /// The place of an address.
    fn find(&self, address: IpAddr) -> Option<GeoPlace>;
}

/// What is known of a place: names in English, degrees of WGS 84.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GeoPlace {
    /// The country's name.
    pub country: Option<String>,
    /// The name of the country's largest part that the place lies in.
    pub state: Option<String>,
    /// The city's name.
    pub city: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
}
