//! Internet addresses: only those reserved for documentation (RFC 5737, RFC 3849), private ones inside.

use crate::sites::{self, Place, SITES};

/// One end of a connection as the cloud sees it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) ip: String,
    pub(crate) place: &'static Place,
    pub(crate) asn: u32,
    /// The trusted named location it belongs to, if any.
    pub(crate) named_location: Option<&'static str>,
}

/// Hosts usable in a /24 for homes.
const HOMES_PER_NETWORK: u32 = 250;
/// First host of 203.0.113.0/24 that is a home; below are the attackers and the internet's noise.
const FIRST_HOME_IN_SHARED_NETWORK: u32 = 64;

/// The address of a home. Homes beyond the IPv4 documentation ranges have IPv6.
pub(crate) fn home(user: u32, site: usize, town: usize) -> Endpoint {
    let ip = match user {
        0..HOMES_PER_NETWORK => format!("198.51.100.{}", user + 2),
        _ if user - HOMES_PER_NETWORK < HOMES_PER_NETWORK - FIRST_HOME_IN_SHARED_NETWORK => {
            format!("203.0.113.{}", user - HOMES_PER_NETWORK + FIRST_HOME_IN_SHARED_NETWORK)
        }
        _ => format!("2001:db8:{site:x}:{user:x}::1"),
    };
    Endpoint { ip, place: &SITES[site].homes[town], asn: SITES[site].home_asn, named_location: None }
}

/// The shared address of an office.
pub(crate) fn office(site: usize) -> Endpoint {
    let site = &SITES[site];
    named(site.office_ip, &site.place, site.office_asn, "Offices")
}

/// The VPN's way out.
pub(crate) fn vpn() -> Endpoint {
    named("192.0.2.10", &sites::VPN_PLACE, 64499, "Corporate VPN")
}

/// The carrier's gateway for the phones of a site.
pub(crate) fn carrier(site: usize) -> Endpoint {
    let place = &SITES[site].place;
    Endpoint { ip: format!("192.0.2.{}", 20 + site), place, asn: 64503, named_location: None }
}

/// A hotel's guest network.
pub(crate) fn hotel() -> Endpoint {
    unnamed("192.0.2.100", &sites::HOTEL_PLACE, 64504)
}

/// The cloud region where workload `number` runs.
pub(crate) fn cloud(number: u32) -> Endpoint {
    unnamed(&format!("192.0.2.{}", 40 + number % 20), &sites::CLOUD_PLACE, 64505)
}

/// The office of the partner company.
pub(crate) fn partner() -> Endpoint {
    unnamed("192.0.2.150", &sites::PARTNER_PLACE, 64506)
}

/// The address from which passwords are sprayed.
pub(crate) fn sprayer() -> Endpoint {
    unnamed("203.0.113.45", &sites::SPRAY_PLACE, 64507)
}

/// The address from which a stolen session is used.
pub(crate) fn thief() -> Endpoint {
    unnamed("203.0.113.21", &sites::THEFT_PLACE, 64508)
}

/// One of the internet's many password guessers.
pub(crate) fn guesser(number: u32) -> Endpoint {
    let place = &sites::BACKGROUND_PLACES[number as usize % sites::BACKGROUND_PLACES.len()];
    unnamed(&format!("2001:db8:ffff:{number:x}::2"), place, 64509)
}

fn named(ip: &str, place: &'static Place, asn: u32, location: &'static str) -> Endpoint {
    Endpoint { ip: ip.into(), place, asn, named_location: Some(location) }
}

fn unnamed(ip: &str, place: &'static Place, asn: u32) -> Endpoint {
    Endpoint { ip: ip.into(), place, asn, named_location: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_home_has_an_address_of_its_own() {
        let homes: BTreeSet<String> = (0..crate::MAX_USERS).map(|user| home(user, 0, 0).ip).collect();
        assert_eq!(homes.len(), crate::MAX_USERS as usize);
        for ip in &homes {
            assert!(ip.parse::<std::net::IpAddr>().is_ok(), "{ip}");
        }
        for other in [sprayer(), thief(), hotel(), vpn(), partner()] {
            assert!(!homes.contains(&other.ip));
        }
    }
}
