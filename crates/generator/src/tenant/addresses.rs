//! Internet addresses: only those reserved for documentation and tests (RFC 5737, RFC 3849, RFC 2544), private ones inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::sites::{self, Place, SITES};

/// One end of a connection as the cloud sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) place: &'static Place,
    pub(crate) asn: u32,
    /// The trusted named location it belongs to, if any.
    pub(crate) named_location: Option<&'static str>,
}

/// Weeks until a home has the address of another home that it had before.
const LEASES: u32 = 6;

/// The address of a home in a week: providers give another about weekly. All of 198.18.0.0/15 is homes.
pub(crate) fn home(user: u32, site: usize, town: usize, week: u32) -> Endpoint {
    let number = (user * LEASES + week % LEASES) % (1 << 17);
    let ip = Ipv4Addr::from_bits(Ipv4Addr::new(198, 18, 0, 0).to_bits() + number);
    unnamed(ip.into(), &SITES[site].homes[town], SITES[site].home_asn)
}

/// The same home with IPv6, whose second half is another every day (RFC 8981).
pub(crate) fn home_ipv6(user: u32, site: usize, town: usize, suffix: u64) -> Endpoint {
    let prefix: u128 = (0x2001_0db8_0000 + site as u128) << 80 | u128::from(user) << 64;
    let ip = Ipv6Addr::from_bits(prefix | u128::from(suffix));
    unnamed(ip.into(), &SITES[site].homes[town], SITES[site].home_asn)
}

/// The shared address of an office.
pub(crate) fn office(site: usize) -> Endpoint {
    let ip = [192, 0, 2, 1 + site as u8];
    let site = &SITES[site];
    named(ip, &site.place, site.office_asn, "Offices")
}

/// The VPN's way out.
pub(crate) fn vpn() -> Endpoint {
    named([192, 0, 2, 10], &sites::VPN_PLACE, 64499, "Corporate VPN")
}

/// The carrier's gateway for the phones of a site.
pub(crate) fn carrier(site: usize) -> Endpoint {
    unnamed_v4([192, 0, 2, 20 + site as u8], &sites::CARRIER_PLACES[site], 64503)
}

/// The guest network of a hotel near a site.
pub(crate) fn hotel(site: usize) -> Endpoint {
    unnamed_v4([192, 0, 2, 100 + site as u8], &sites::HOTEL_PLACES[site], 64504)
}

/// The cloud region where workload `number` runs.
pub(crate) fn cloud(number: u32) -> Endpoint {
    unnamed_v4([192, 0, 2, 40 + (number % 20) as u8], &sites::CLOUD_PLACE, 64505)
}

/// Way out `number` of Microsoft's own cloud, from which its services act.
pub(crate) fn microsoft(number: u64) -> Endpoint {
    unnamed_v4([198, 51, 100, (number % 96) as u8], &sites::CLOUD_PLACE, 64505)
}

/// A server of cloud application `number`.
pub(crate) fn cloud_app(number: usize) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, 96 + (number % 160) as u8).into()
}

/// The office of the partner company.
pub(crate) fn partner() -> Endpoint {
    unnamed_v4([192, 0, 2, 150], &sites::PARTNER_PLACE, 64506)
}

/// Machine `number` (below 64) of an attacker at `place`, with a network of its own.
pub(crate) fn attacker(number: u8, place: &'static Place) -> Endpoint {
    unnamed_v4([203, 0, 113, number], place, 64507 + u32::from(number) % 4)
}

/// One of the internet's many password guessers.
pub(crate) fn guesser(number: u32) -> Endpoint {
    let place = &sites::BACKGROUND_PLACES[number as usize % sites::BACKGROUND_PLACES.len()];
    let ip = Ipv6Addr::from_bits(0x2001_0db8_ffff_u128 << 80 | u128::from(number) << 64 | 2);
    unnamed(ip.into(), place, 64511)
}

/// The address of a person's laptop inside an office.
pub(crate) fn workstation(user: u32, site: usize) -> IpAddr {
    let [_, _, high, low] = (user + 256).to_be_bytes();
    Ipv4Addr::new(10, 20 + site as u8, high, low).into()
}

/// The address of a person's laptop on the VPN.
pub(crate) fn tunnel(user: u32) -> IpAddr {
    let [_, _, high, low] = (user + 256).to_be_bytes();
    Ipv4Addr::new(10, 99, high, low).into()
}

fn named(ip: [u8; 4], place: &'static Place, asn: u32, location: &'static str) -> Endpoint {
    Endpoint { named_location: Some(location), ..unnamed_v4(ip, place, asn) }
}

fn unnamed_v4(ip: [u8; 4], place: &'static Place, asn: u32) -> Endpoint {
    unnamed(Ipv4Addr::from(ip).into(), place, asn)
}

fn unnamed(ip: IpAddr, place: &'static Place, asn: u32) -> Endpoint {
    Endpoint { ip, place, asn, named_location: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_home_has_an_address_of_its_own_each_week() {
        let weeks = (0..5).flat_map(|week| (0..crate::MAX_USERS).map(move |user| home(user, 0, 0, week).ip));
        assert_eq!(weeks.collect::<BTreeSet<_>>().len(), 5 * crate::MAX_USERS as usize);
        assert_eq!(home(0, 0, 0, 0).ip.to_string(), "198.18.0.0");
        assert_eq!(home_ipv6(7, 2, 0, 9).ip.to_string(), "2001:db8:2:7::9");
        assert_eq!(workstation(crate::MAX_USERS - 1, 2).to_string(), "10.22.79.31");
    }
}
