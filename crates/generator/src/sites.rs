//! Where the organisation works and where its people, its egress points and its attackers are.

/// A city as sign-in logs describe it. Coordinates in degrees.
#[derive(Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) city: &'static str,
    pub(crate) state: &'static str,
    /// ISO 3166 two-letter code.
    pub(crate) country: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

const fn place(city: &'static str, state: &'static str, country: &'static str, latitude: f64, longitude: f64) -> Place {
    Place { city, state, country, latitude, longitude }
}

/// An office with the people around it.
#[derive(Debug)]
pub(crate) struct Site {
    /// Short name, part of computer names.
    pub(crate) code: &'static str,
    pub(crate) place: Place,
    /// The office's zone without summer time, minutes east of UTC.
    pub(crate) utc_offset_minutes: i64,
    /// The address that the whole office shares on the internet.
    pub(crate) office_ip: &'static str,
    pub(crate) office_asn: u32,
    /// Where employees live, all within an hour's drive.
    pub(crate) homes: [Place; 3],
    pub(crate) home_asn: u32,
    /// Share of the employees, in percent.
    pub(crate) percent: u64,
}

/// The offices: America, Europe, Asia. Autonomous systems are from the documentation range of RFC 5398.
pub(crate) static SITES: [Site; 3] = [
    Site {
        code: "DEN",
        place: place("Denver", "Colorado", "US", 39.7392, -104.9903),
        utc_offset_minutes: -7 * 60,
        office_ip: "192.0.2.1",
        office_asn: 64496,
        homes: [
            place("Aurora", "Colorado", "US", 39.7294, -104.8319),
            place("Boulder", "Colorado", "US", 40.015, -105.2705),
            place("Littleton", "Colorado", "US", 39.6133, -105.0166),
        ],
        home_asn: 64500,
        percent: 50,
    },
    Site {
        code: "RTM",
        place: place("Rotterdam", "Zuid-Holland", "NL", 51.9225, 4.4792),
        utc_offset_minutes: 60,
        office_ip: "192.0.2.2",
        office_asn: 64497,
        homes: [
            place("Delft", "Zuid-Holland", "NL", 52.0116, 4.3571),
            place("Dordrecht", "Zuid-Holland", "NL", 51.8133, 4.6901),
            place("Gouda", "Zuid-Holland", "NL", 52.0115, 4.7104),
        ],
        home_asn: 64501,
        percent: 30,
    },
    Site {
        code: "SIN",
        place: place("Singapore", "Central Singapore", "SG", 1.2897, 103.8501),
        utc_offset_minutes: 8 * 60,
        office_ip: "192.0.2.3",
        office_asn: 64498,
        homes: [
            place("Jurong East", "South West", "SG", 1.3329, 103.7436),
            place("Tampines", "North East", "SG", 1.3496, 103.9568),
            place("Woodlands", "North West", "SG", 1.4382, 103.789),
        ],
        home_asn: 64502,
        percent: 20,
    },
];

/// The site whose people the VPN and travel stories need, as an index into [`SITES`].
pub(crate) const EUROPE: usize = 1;

/// The corporate VPN's only way out, in the United States for everybody.
pub(crate) static VPN_PLACE: Place = place("Dallas", "Texas", "US", 32.7767, -96.797);
/// A hotel near the American office.
pub(crate) static HOTEL_PLACE: Place = place("Colorado Springs", "Colorado", "US", 38.8339, -104.8214);
/// Where the service principals' workloads run.
pub(crate) static CLOUD_PLACE: Place = place("Amsterdam", "Noord-Holland", "NL", 52.3759, 4.8975);
/// Where the guests' own company is.
pub(crate) static PARTNER_PLACE: Place = place("Brussels", "Brussels Hoofdstedelijk Gewest", "BE", 50.8505, 4.3488);
/// The hosting company from which passwords are sprayed.
pub(crate) static SPRAY_PLACE: Place = place("Bucharest", "Bucuresti", "RO", 44.4268, 26.1025);
/// Where the stolen session of the impossible travel is used.
pub(crate) static THEFT_PLACE: Place = place("Sao Paulo", "Sao Paulo", "BR", -23.5505, -46.6333);

/// Cities from which the internet tries passwords all day, one here and one there.
pub(crate) static BACKGROUND_PLACES: [Place; 4] = [
    place("Hanoi", "Ha Noi", "VN", 21.0245, 105.8412),
    place("Kyiv", "Kyiv", "UA", 50.4547, 30.5238),
    place("Buenos Aires", "Ciudad Autonoma de Buenos Aires", "AR", -34.6132, -58.3772),
    place("Istanbul", "Istanbul", "TR", 41.0138, 28.9497),
];
