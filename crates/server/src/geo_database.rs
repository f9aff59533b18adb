//! A MaxMind database file as the engine reads it.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use kql_functions::{GeoDatabase, GeoPlace};
use maxminddb::{Reader, geoip2};

use crate::Error;

/// A database in MaxMind's format (<https://maxmind.github.io/MaxMind-DB/>) such as GeoLite2-City, held in memory.
pub(crate) struct MaxMindDatabase {
    reader: Reader<Vec<u8>>,
}

impl MaxMindDatabase {
    /// Reads the file.
    pub(crate) fn open(file: &Path) -> Result<Self, Error> {
        let failed = |error| Error::new(format!("failed to read the geo database `{}`: {error}", file.display()));
        let reader = Reader::open_readfile(file).map_err(failed)?;
        Ok(Self { reader })
    }
}

impl fmt::Debug for MaxMindDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MaxMindDatabase").field(&self.reader.metadata().database_type).finish()
    }
}

impl GeoDatabase for MaxMindDatabase {
    fn find(&self, address: IpAddr) -> Option<GeoPlace> {
        let found: geoip2::City<'_> = self.reader.lookup(address).ok()?.decode().ok()??;
        let name = |names: &geoip2::Names<'_>| names.english.map(str::to_owned);
        Some(GeoPlace {
            country: name(&found.country.names),
            state: found.subdivisions.first().and_then(|part| name(&part.names)),
            city: name(&found.city.names),
            latitude: found.location.latitude,
            longitude: found.location.longitude,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value of the format, in the few kinds that a test needs.
    enum Datum {
        Text(&'static str),
        Number(u16),
        Count(u32),
        Time(u64),
        Real(f64),
        Map(Vec<(&'static str, Datum)>),
        List(Vec<Datum>),
    }

    use Datum::{Count, List, Map, Number, Real, Text, Time};

    fn write(out: &mut Vec<u8>, datum: &Datum) {
        let size = |length: usize| u8::try_from(length).ok().filter(|length| *length < 29).expect("a short value");
        match datum {
            Text(text) => {
                out.push(2 << 5 | size(text.len()));
                out.extend(text.as_bytes());
            }
            Real(value) => {
                out.push(3 << 5 | 8);
                out.extend(value.to_be_bytes());
            }
            Number(value) => {
                out.push(5 << 5 | 2);
                out.extend(value.to_be_bytes());
            }
            Count(value) => {
                out.push(6 << 5 | 4);
                out.extend(value.to_be_bytes());
            }
            // Kinds after 7 stand in a second byte, counted from there.
            Time(value) => {
                out.extend([8, 9 - 7]);
                out.extend(value.to_be_bytes());
            }
            Map(entries) => {
                out.push(7 << 5 | size(entries.len()));
                for (name, value) in entries {
                    write(out, &Text(name));
                    write(out, value);
                }
            }
            List(items) => {
                out.extend([size(items.len()), 11 - 7]);
                items.iter().for_each(|item| write(out, item));
            }
        }
    }

    /// A database of IPv4 addresses in which `first.0.0.0/8` has one entry.
    fn database(first: u8, entry: &Datum) -> Vec<u8> {
        const NODES: u32 = 8;
        let mut out = Vec::new();
        for bit in 0..NODES {
            let next = if bit + 1 < NODES { bit + 1 } else { NODES + 16 };
            let is_one = first >> (7 - bit) & 1 == 1;
            for record in if is_one { [NODES, next] } else { [next, NODES] } {
                out.extend(&record.to_be_bytes()[1..]);
            }
        }
        out.extend([0; 16]);
        write(&mut out, entry);
        out.extend(b"\xab\xcd\xefMaxMind.com");
        let metadata = Map(vec![
            ("binary_format_major_version", Number(2)),
            ("binary_format_minor_version", Number(0)),
            ("build_epoch", Time(1)),
            ("database_type", Text("GeoLite2-City")),
            ("description", Map(vec![("en", Text("a test"))])),
            ("ip_version", Number(4)),
            ("languages", List(vec![Text("en")])),
            ("node_count", Count(8)),
            ("record_size", Number(24)),
        ]);
        write(&mut out, &metadata);
        out
    }

    fn named(name: &'static str) -> Datum {
        Map(vec![("names", Map(vec![("de", Text("x")), ("en", Text(name))]))])
    }

    #[test]
    fn places_are_read_by_address() {
        let entry = Map(vec![
            ("city", named("Sydney")),
            ("country", named("Australia")),
            ("location", Map(vec![("latitude", Real(-33.8715)), ("longitude", Real(151.2006))])),
            ("subdivisions", List(vec![named("New South Wales"), named("Ward")])),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("places.mmdb");
        std::fs::write(&file, database(20, &entry)).expect("a file");
        let database = MaxMindDatabase::open(&file).expect("a database");
        let place = database.find("20.53.203.50".parse().expect("an address")).expect("a place");
        assert_eq!(
            (place.country.as_deref(), place.state.as_deref(), place.city.as_deref(), place.latitude, place.longitude),
            (Some("Australia"), Some("New South Wales"), Some("Sydney"), Some(-33.8715), Some(151.2006))
        );
        assert_eq!(database.find("10.0.0.1".parse().expect("an address")), None);
        assert_eq!(database.find("::1".parse().expect("an address")), None);
        let query = |geo_database: Option<&Path>| {
            let session = crate::Session::open_or_create(&folder.path().join("workspace")).expect("a session");
            let session = session.with_geo_database(geo_database).expect("a database");
            let text =
                "print place = geo_info_from_ip_address('20.53.203.50'), none = geo_info_from_ip_address('10.0.0.1')
                | project city = tostring(place.city), latitude = toreal(place.latitude), none = isnull(none)";
            let now = chrono::DateTime::UNIX_EPOCH;
            session.query_on(&session.catalog().expect("a catalog"), text, now, None)
        };
        let rows: Vec<_> = query(Some(&file)).expect("a result").rows_json().collect();
        assert_eq!(serde_json::json!(rows), serde_json::json!([["Sydney", -33.8715, true]]));
        let error = query(None).expect_err("no database");
        assert!(format!("{error:?}").contains("--geo-database"), "{error:?}");
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("places.mmdb");
        std::fs::write(&file, "text").expect("a file");
        for path in [&file, &folder.path().join("missing.mmdb")] {
            let error = MaxMindDatabase::open(path).expect_err("no database");
            assert!(error.message.contains(&path.display().to_string()), "{error}");
        }
    }
}
