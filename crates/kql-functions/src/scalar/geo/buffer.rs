//! `geo_point_buffer`, `geo_line_buffer`, `geo_polygon_buffer`: regions around shapes.

use arrow::array::ArrayRef;

use super::line::DEFAULT_TOLERANCE;
use super::shapes::{Points, lines, polygons};
use crate::Type::{Dynamic, Real};
use crate::column::{reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::geometry::buffer::Buffer;
use crate::geometry::geojson::write_polygons;
use crate::geometry::{EARTH_RADIUS, Polygon};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static GEO_POINT_BUFFER: Definition = Definition::new(
    "geo_point_buffer",
    |args| fixed(args, &[Real; 4], 3, Dynamic),
    |args, _, ctx| {
        let points = Points::of(args, 0);
        buffered(args, 2, ctx, |row, buffer| buffer.point(points.get(row)?))
    },
);

pub(super) static GEO_LINE_BUFFER: Definition = Definition::new(
    "geo_line_buffer",
    |args| fixed(args, &[Dynamic, Real, Real], 2, Dynamic),
    |args, _, ctx| {
        let mut lines = lines(&args[0]);
        buffered(args, 1, ctx, |row, buffer| buffer.line(lines.get(row)?.as_ref()))
    },
);

pub(super) static GEO_POLYGON_BUFFER: Definition = Definition::new(
    "geo_polygon_buffer",
    |args| fixed(args, &[Dynamic, Real, Real], 2, Dynamic),
    |args, _, ctx| {
        let mut polygons = polygons(&args[0]);
        buffered(args, 1, ctx, |row, buffer| buffer.polygon(&polygons.get(row)?.dissolved()))
    },
);

/// The argument at `first` is the radius in meters, the one behind it the tolerance.
fn buffered(
    args: &[Arg],
    first: usize,
    ctx: &EvalContext,
    mut region: impl FnMut(usize, Buffer) -> Option<Polygon>,
) -> ArrayRef {
    let (radii, tolerances) = (reals(&args[first]), args.get(first + 1).map(reals));
    written_nullable(result_rows(args, ctx), |row, out| {
        let tolerance = tolerances.as_ref().map_or(Some(DEFAULT_TOLERANCE), |column| column.get(row));
        let buffer = radii
            .get(row)
            .zip(tolerance)
            .and_then(|(radius, tolerance)| Buffer::new(radius / EARTH_RADIUS, tolerance / EARTH_RADIUS));
        let Some(polygon) = buffer.and_then(|buffer| region(row, buffer)) else { return false };
        write_polygons(out, &polygon.positions());
        true
    })
}
