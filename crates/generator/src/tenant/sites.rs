//! Where the organisation works and where its people, its egress points and its attackers are.

use chrono::{Datelike, Days, NaiveDate};

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

/// The rule by which a place has summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Summer {
    /// From the second Sunday of March to the first of November (15 U.S.C. 260a).
    America,
    /// From the last Sunday of March to the last of October (Directive 2000/84/EC).
    Europe,
    /// Never.
    None,
}

impl Summer {
    /// Whether `date` is in summer time; the day of the change counts as its second half.
    pub(crate) fn holds(self, date: NaiveDate) -> bool {
        let (from, until) = match self {
            Self::America => (sunday(date.year(), 3, 8), sunday(date.year(), 11, 1)),
            Self::Europe => (sunday(date.year(), 3, 25), sunday(date.year(), 10, 25)),
            Self::None => return false,
        };
        from <= date && date < until
    }
}

/// The first Sunday of the month on or after `day`.
fn sunday(year: i32, month: u32, day: u32) -> NaiveDate {
    let date = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    date + Days::new(u64::from(7 - date.weekday().num_days_from_sunday()) % 7)
}

/// An office with the people around it.
#[derive(Debug)]
pub(crate) struct Site {
    /// Short name, part of computer names.
    pub(crate) code: &'static str,
    pub(crate) place: Place,
    /// The office's zone without summer time, minutes east of UTC.
    pub(crate) utc_offset_minutes: i64,
    /// When its clocks are an hour ahead.
    pub(crate) summer: Summer,
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
        summer: Summer::America,
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
        summer: Summer::Europe,
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
        summer: Summer::None,
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
/// Hotels of business trips, by the site they are near.
pub(crate) static HOTEL_PLACES: [Place; 3] = [
    place("Colorado Springs", "Colorado", "US", 38.8339, -104.8214),
    place("Utrecht", "Utrecht", "NL", 52.0907, 5.1214),
    place("Johor Bahru", "Johor", "MY", 1.4927, 103.7414),
];
/// Where the carriers' gateways for telephones are, by site: often far from the telephone, so that locations disagree.
pub(crate) static CARRIER_PLACES: [Place; 3] = [
    place("Phoenix", "Arizona", "US", 33.4484, -112.074),
    place("Amsterdam", "Noord-Holland", "NL", 52.3759, 4.8975),
    place("Singapore", "Central Singapore", "SG", 1.2897, 103.8501),
];
/// Where the service principals' workloads run.
pub(crate) static CLOUD_PLACE: Place = place("Amsterdam", "Noord-Holland", "NL", 52.3759, 4.8975);
/// Where the guests' own company is.
pub(crate) static PARTNER_PLACE: Place = place("Brussels", "Brussels Hoofdstedelijk Gewest", "BE", 50.8505, 4.3488);
/// The hosting company from which passwords are sprayed.
pub(crate) static SPRAY_PLACE: Place = place("Bucharest", "Bucuresti", "RO", 44.4268, 26.1025);
/// Where the stolen session of the impossible travel is used.
pub(crate) static THEFT_PLACE: Place = place("Sao Paulo", "Sao Paulo", "BR", -23.5505, -46.6333);

/// Where the machine stands that passes a sign-in on and keeps its session.
pub(crate) static RELAY_PLACE: Place = place("Riga", "Riga", "LV", 56.9496, 24.1052);
/// Where the session that was kept is used.
pub(crate) static REPLAY_PLACE: Place = place("Lagos", "Lagos", "NG", 6.4541, 3.3947);

/// Where further attackers rent machines.
pub(crate) static HOSTING_PLACES: [Place; 6] = [
    place("Chisinau", "Chisinau", "MD", 47.0042, 28.8574),
    place("Belgrade", "Beograd", "RS", 44.8046, 20.4637),
    place("Frankfurt am Main", "Hessen", "DE", 50.1155, 8.6842),
    place("Vilnius", "Vilniaus apskritis", "LT", 54.6892, 25.2798),
    place("Johannesburg", "Gauteng", "ZA", -26.2023, 28.0436),
    place("Santiago", "Region Metropolitana", "CL", -33.4569, -70.6483),
];

/// Cities from which the internet tries passwords all day, one here and one there.
pub(crate) static BACKGROUND_PLACES: [Place; 4] = [
    place("Hanoi", "Ha Noi", "VN", 21.0245, 105.8412),
    place("Kyiv", "Kyiv", "UA", 50.4547, 30.5238),
    place("Buenos Aires", "Ciudad Autonoma de Buenos Aires", "AR", -34.6132, -58.3772),
    place("Istanbul", "Istanbul", "TR", 41.0138, 28.9497),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_on_the_days_of_the_law() {
        let date = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
        let holds = |summer: Summer, dates: [(u32, u32); 4]| dates.map(|(month, day)| summer.holds(date(month, day)));
        let expected = [false, true, true, false];
        assert_eq!(holds(Summer::America, [(3, 7), (3, 8), (10, 31), (11, 1)]), expected);
        assert_eq!(holds(Summer::Europe, [(3, 28), (3, 29), (10, 24), (10, 25)]), expected);
        assert!(!Summer::None.holds(date(7, 1)));
    }
}
