//! Points: `geo_distance_2points`, `geo_azimuth`, `geo_angle`, `geo_point_in_circle`.

use std::f64::consts::TAU;

use super::shapes::{Points, meters, radians};
use crate::Type::{Bool, Real};
use crate::column::{bool_results, real_results, reals, result_rows};
use crate::definition::Definition;
use crate::geometry::Point;
use crate::signature::fixed;

pub(super) static GEO_DISTANCE_2POINTS: Definition = Definition::new(
    "geo_distance_2points",
    |args| fixed(args, &[Real, Real, Real, Real], 4, Real),
    |args, _, ctx| {
        let (from, to) = (Points::of(args, 0), Points::of(args, 2));
        real_results(result_rows(args, ctx), |row| Some(meters(haversine(from.degrees(row)?, to.degrees(row)?))))
    },
);

pub(super) static GEO_AZIMUTH: Definition = Definition::new(
    "geo_azimuth",
    |args| fixed(args, &[Real, Real, Real, Real], 4, Real),
    |args, _, ctx| {
        let (from, to) = (Points::of(args, 0), Points::of(args, 2));
        real_results(result_rows(args, ctx), |row| azimuth(from.degrees(row)?, to.degrees(row)?))
    },
);

pub(super) static GEO_ANGLE: Definition = Definition::new(
    "geo_angle",
    |args| fixed(args, &[Real; 6], 6, Real),
    |args, _, ctx| {
        let points = [0, 2, 4].map(|first| Points::of(args, first));
        real_results(result_rows(args, ctx), |row| {
            let [first, middle, last] = [0, 1, 2].map(|at: usize| points[at].degrees(row));
            let angle = azimuth(middle?, last?)? - azimuth(middle?, first?)?;
            Some(angle.rem_euclid(TAU))
        })
    },
);

pub(super) static GEO_POINT_IN_CIRCLE: Definition = Definition::new(
    "geo_point_in_circle",
    |args| fixed(args, &[Real; 5], 5, Bool),
    |args, _, ctx| {
        let (points, centers, sizes) = (Points::of(args, 0), Points::of(args, 2), reals(&args[4]));
        bool_results(result_rows(args, ctx), |row| {
            let (point, center) = (points.get(row)?, centers.get(row)?);
            let radius = sizes.get(row).filter(|radius| *radius > 0.0).and_then(radians)?;
            Some(point.angle(center) <= radius)
        })
    },
);

/// The angle between two points in radians, by the haversine formula.
fn haversine(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half_sine = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let cosines = from.1.to_radians().cos() * to.1.to_radians().cos();
    let haversine = half_sine(to.1 - from.1) + cosines * half_sine(to.0 - from.0);
    2.0 * haversine.sqrt().min(1.0).asin()
}

/// The direction from one point to another, clockwise from north in `[0, 2π)`.
/// `None` where there is no one direction: the points are equal or opposite.
fn azimuth(from: (f64, f64), to: (f64, f64)) -> Option<f64> {
    let (a, b) = (Point::checked(from.0, from.1)?, Point::checked(to.0, to.1)?);
    if a == b || a.is_opposite(b) {
        return None;
    }
    let turn = (to.0 - from.0).to_radians();
    let (here, there) = (from.1.to_radians(), to.1.to_radians());
    let east = turn.sin() * there.cos();
    let north = here.cos() * there.sin() - here.sin() * there.cos() * turn.cos();
    Some(east.atan2(north).rem_euclid(TAU))
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

    #[test]
    fn directions_are_clockwise_from_north() {
        use std::f64::consts::{FRAC_PI_2, PI};
        check("geo_azimuth", &[0.0, 0.0, 0.0, 10.0].map(Real), Real(0.0));
        check("geo_azimuth", &[0.0, 0.0, 10.0, 0.0].map(Real), Real(FRAC_PI_2));
        check("geo_azimuth", &[0.0, 0.0, -10.0, 0.0].map(Real), Real(PI + FRAC_PI_2));
        check("geo_azimuth", &[5.0, 5.0, 5.0, 5.0].map(Real), Value::Null(Type::Real));
        check("geo_azimuth", &[5.0, 5.0, -175.0, -5.0].map(Real), Value::Null(Type::Real));
        check("geo_angle", &[0.0, 10.0, 0.0, 0.0, 10.0, 0.0].map(Real), Real(FRAC_PI_2));
        check("geo_angle", &[0.0, 10.0, 0.0, 0.0, 0.0, 0.0].map(Real), Value::Null(Type::Real));
    }

    #[test]
    fn a_circle_has_a_positive_radius() {
        check("geo_point_in_circle", &[0.0, 0.1, 0.0, 0.0, 12_000.0].map(Real), Value::Bool(true));
        check("geo_point_in_circle", &[0.0, 0.1, 0.0, 0.0, 11_000.0].map(Real), Value::Bool(false));
        check("geo_point_in_circle", &[0.0, 0.1, 0.0, 0.0, 0.0].map(Real), Value::Null(Type::Bool));
    }
}
