//! `geo_info_from_ip_address`: the place of an address, from the database that the operator gave.
//!
//! <https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function>

use std::net::IpAddr;

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, write_value};
use crate::signature::fixed;
use crate::{GeoPlace, Value};

pub(super) static GEO_INFO_FROM_IP_ADDRESS: Definition = Definition::new(
    "geo_info_from_ip_address",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let address = texts.text(row).trim().parse::<IpAddr>().ok();
            let place = address.and_then(|address| ctx.geo_database?.find(address.to_canonical()));
            place.is_some_and(|place| write_place(out, &place))
        })
    },
)
.reads_geo_database();

/// Writes what is known of a place; false when that is nothing.
fn write_place(out: &mut String, place: &GeoPlace) -> bool {
    let text = |text: &Option<String>| text.clone().map(Value::String);
    let properties = [
        ("country", text(&place.country)),
        ("state", text(&place.state)),
        ("city", text(&place.city)),
        ("latitude", place.latitude.map(Value::Real)),
        ("longitude", place.longitude.map(Value::Real)),
    ];
    if properties.iter().all(|(_, value)| value.is_none()) {
        return false;
    }
    let mut bag = BagWriter::new(out);
    for (name, value) in properties {
        if let Some(value) = value {
            let mut json = String::new();
            write_value(&mut json, &value);
            bag.push(name, &json);
        }
    }
    bag.end();
    true
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use crate::convert::cast;
    use crate::scalar::testing::{check, text};
    use crate::{Arg, ArgumentInfo, EvalContext, GeoDatabase, GeoPlace, Type, Value};

    #[derive(Debug)]
    struct Sydney;

    impl GeoDatabase for Sydney {
        fn find(&self, address: IpAddr) -> Option<GeoPlace> {
            match address {
                IpAddr::V4(Ipv4Addr::LOCALHOST) => Some(GeoPlace::default()),
                IpAddr::V4(address) if address.octets()[0] == 20 => Some(GeoPlace {
                    country: Some("Australia".to_owned()),
                    state: Some("New South Wales".to_owned()),
                    latitude: Some(-33.8715),
                    longitude: Some(151.0),
                    ..GeoPlace::default()
                }),
                _ => None,
            }
        }
    }

    fn place(address: &str) -> Value {
        let function = crate::scalar("geo_info_from_ip_address").unwrap();
        assert!(function.reads_geo_database());
        let info = ArgumentInfo { ty: Type::String, constant: None };
        let resolved = function.resolve(&[info]).unwrap();
        let arg = Arg::Array(cast(&text(address).to_array(), Type::String, Type::String));
        let context = EvalContext { rows: 1, now: 0, geo_database: Some(&Sydney), wanted: crate::ALL_RESULTS };
        Value::from_array(&function.eval(&[arg], &resolved, &context), 0, Type::Dynamic)
    }

    #[test]
    fn what_is_known_of_a_place_is_in_the_bag() {
        let known = r#"{"country":"Australia","state":"New South Wales","latitude":-33.8715,"longitude":151.0}"#;
        for address in ["20.53.203.50", " 20.53.203.50 ", "::ffff:20.53.203.50"] {
            assert_eq!(place(address), Value::Dynamic(known.to_owned()), "{address}");
        }
        for address in ["10.0.0.1", "127.0.0.1", "::1", "20.53.203", "20.53.203.50/24", "", "a"] {
            assert_eq!(place(address), Value::Null(Type::Dynamic), "{address}");
        }
    }

    #[test]
    fn without_a_database_nothing_is_known() {
        check("geo_info_from_ip_address", &[text("20.53.203.50")], Value::Null(Type::Dynamic));
    }
}
