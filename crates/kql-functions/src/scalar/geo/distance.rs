//! `geo_distance_2points`: meters between two points, by the haversine formula on a sphere.

use crate::Type::Real;
use crate::column::{real_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

/// Meters; the sphere with which Kusto's documented distances agree.
const EARTH_RADIUS: f64 = 6_371_010.0;

pub(super) static GEO_DISTANCE_2POINTS: Definition = Definition::new(
    "geo_distance_2points",
    |args| fixed(args, &[Real, Real, Real, Real], 4, Real),
    |args, _, ctx| {
        let columns: Vec<_> = args.iter().map(reals).collect();
        real_results(result_rows(args, ctx), |row| {
            let part = |at: usize| columns[at].get(row);
            distance((part(0)?, part(1)?), (part(2)?, part(3)?))
        })
    },
);

/// Longitude and latitude in degrees; null outside of their ranges.
fn distance(from: (f64, f64), to: (f64, f64)) -> Option<f64> {
    let is_point = |(longitude, latitude): (f64, f64)| longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
    if !is_point(from) || !is_point(to) {
        return None;
    }
    let half_sine = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let cosines = from.1.to_radians().cos() * to.1.to_radians().cos();
    let haversine = half_sine(to.1 - from.1) + cosines * half_sine(to.0 - from.0);
    Some(2.0 * EARTH_RADIUS * haversine.sqrt().min(1.0).asin())
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, results};
    use crate::{Type, Value, Value::Real};

    #[test]
    fn distances_agree_with_the_documentation() {
        let args = [-122.407_628, 47.578_557, -118.275_287, 34.019_056].map(Real);
        for found in results("geo_distance_2points", &args) {
            let Real(meters) = found else { panic!("{found:?}") };
            assert!((meters - 1_546_754.351_973_81).abs() < 0.001, "{meters}");
        }
        check("geo_distance_2points", &[300.0, 1.0, 1.0, 1.0].map(Real), Value::Null(Type::Real));
    }
}
