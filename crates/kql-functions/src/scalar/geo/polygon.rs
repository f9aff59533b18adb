//! Polygons: what they contain, how far they are, how large, where their middle lies.

use super::line::Tolerance;
use super::shapes::{Points, meters, polygons};
use crate::Type::{Bool, Dynamic, Real};
use crate::column::{Strings, bool_results, real_results, result_rows, written_nullable};
use crate::definition::Definition;
use crate::geometry::geojson::{parse_polygons, write_point, write_polygons};
use crate::geometry::tessellate::densify;
use crate::geometry::{EARTH_RADIUS, Point, Polygon};
use crate::signature::fixed;

pub(super) static GEO_POINT_IN_POLYGON: Definition = Definition::new(
    "geo_point_in_polygon",
    |args| fixed(args, &[Real, Real, Dynamic], 3, Bool),
    |args, _, ctx| {
        let (points, mut polygons) = (Points::of(args, 0), polygons(&args[2]));
        bool_results(result_rows(args, ctx), |row| {
            let point = points.get(row)?;
            Some(polygons.get(row)?.contains(point))
        })
    },
);

pub(super) static GEO_DISTANCE_POINT_TO_POLYGON: Definition = Definition::new(
    "geo_distance_point_to_polygon",
    |args| fixed(args, &[Real, Real, Dynamic], 3, Real),
    |args, _, ctx| {
        let (points, mut polygons) = (Points::of(args, 0), polygons(&args[2]));
        real_results(result_rows(args, ctx), |row| {
            let point = points.get(row)?;
            Some(meters(polygons.get(row)?.distance(point)))
        })
    },
);

pub(super) static GEO_CLOSEST_POINT_ON_POLYGON: Definition = Definition::new(
    "geo_closest_point_on_polygon",
    |args| fixed(args, &[Real, Real, Dynamic], 3, Dynamic),
    |args, _, ctx| {
        let (points, mut polygons) = (Points::of(args, 0), polygons(&args[2]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(point), Some(polygon)) = (points.get(row), polygons.get(row)) else { return false };
            write_point(out, polygon.closest_point(point));
            true
        })
    },
);

pub(super) static GEO_POLYGON_AREA: Definition = Definition::new(
    "geo_polygon_area",
    |args| fixed(args, &[Dynamic], 1, Real),
    |args, _, ctx| {
        let mut polygons = polygons(&args[0]);
        real_results(result_rows(args, ctx), |row| {
            Some(polygons.get(row)?.dissolved().area() * EARTH_RADIUS * EARTH_RADIUS)
        })
    },
);

pub(super) static GEO_POLYGON_PERIMETER: Definition = Definition::new(
    "geo_polygon_perimeter",
    |args| fixed(args, &[Dynamic], 1, Real),
    |args, _, ctx| {
        let mut polygons = polygons(&args[0]);
        real_results(result_rows(args, ctx), |row| Some(meters(polygons.get(row)?.dissolved().perimeter())))
    },
);

pub(super) static GEO_POLYGON_CENTROID: Definition = Definition::new(
    "geo_polygon_centroid",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let mut polygons = polygons(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(centroid) = polygons.get(row).and_then(|polygon| polygon.dissolved().centroid()) else {
                return false;
            };
            write_point(out, centroid);
            true
        })
    },
);

pub(super) static GEO_INTERSECTS_2POLYGONS: Definition = Definition::new(
    "geo_intersects_2polygons",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Bool),
    |args, _, ctx| {
        let (mut first, mut second) = (polygons(&args[0]), polygons(&args[1]));
        bool_results(result_rows(args, ctx), |row| Some(first.get(row)?.intersects(second.get(row)?.as_ref())))
    },
);

pub(super) static GEO_POLYGON_DENSIFY: Definition = Definition::new(
    "geo_polygon_densify",
    |args| fixed(args, &[Dynamic, Real, Bool], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        let tolerance = Tolerance::of(args);
        written_nullable(result_rows(args, ctx), |row, out| {
            let dense = tolerance.get(row).zip(texts.get(row)).and_then(|(tolerance, json)| {
                Polygon::parse(json)?;
                dense_rings(json, tolerance)
            });
            let Some(dense) = dense else { return false };
            write_polygons(out, &dense);
            true
        })
    },
);

/// The rings of a polygon, each by its positions in degrees.
type Rings = Vec<Vec<(f64, f64)>>;

/// The rings of each part with more points; shells turned counterclockwise, holes clockwise.
fn dense_rings(json: &str, tolerance: f64) -> Option<Vec<Rings>> {
    let ring = |index: usize, positions: &Vec<(f64, f64)>| {
        let points = densify(positions, tolerance)?;
        let is_shell = index == 0;
        let turns_left = planar_area(positions) >= 0.0;
        let mut positions: Vec<_> = points.into_iter().map(Point::degrees).collect();
        if is_shell != turns_left {
            // The ring as S2 turns it: the last point but one comes first.
            positions.pop();
            positions.reverse();
            positions.extend(positions.first().copied());
        }
        Some(positions)
    };
    let rings = |rings: Vec<Vec<_>>| rings.iter().enumerate().map(|(at, positions)| ring(at, positions)).collect();
    parse_polygons(json)?.into_iter().map(rings).collect()
}

/// Twice the area on the plane: positive where the ring is counterclockwise.
fn planar_area(positions: &[(f64, f64)]) -> f64 {
    positions.windows(2).map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1).sum()
}
