//! Lines: length, middle, points on them, what they meet.

use super::shapes::{Points, lines, meters, polygons};
use crate::Type::{Bool, Dynamic, Real};
use crate::column::{Strings, bool_results, real_results, reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::geometry::geojson::{parse_lines, write_lines, write_point};
use crate::geometry::line::{interpolate_along, locate_along};
use crate::geometry::tessellate::{cut_at_antimeridian, densify};
use crate::signature::{count, fixed};
use crate::{Arg, FunctionError, Value};

/// Meters where no tolerance is given, as documented.
pub(super) const DEFAULT_TOLERANCE: f64 = 10.0;

pub(super) static GEO_LINE_LENGTH: Definition = Definition::new(
    "geo_line_length",
    |args| fixed(args, &[Dynamic], 1, Real),
    |args, _, ctx| {
        let mut lines = lines(&args[0]);
        real_results(result_rows(args, ctx), |row| Some(meters(lines.get(row)?.length())))
    },
);

pub(super) static GEO_LINE_CENTROID: Definition = Definition::new(
    "geo_line_centroid",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let mut lines = lines(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(centroid) = lines.get(row).and_then(|line| line.centroid()) else { return false };
            write_point(out, centroid);
            true
        })
    },
);

pub(super) static GEO_DISTANCE_POINT_TO_LINE: Definition = Definition::new(
    "geo_distance_point_to_line",
    |args| fixed(args, &[Real, Real, Dynamic], 3, Real),
    |args, _, ctx| {
        let (points, mut lines) = (Points::of(args, 0), lines(&args[2]));
        real_results(result_rows(args, ctx), |row| Some(meters(lines.get(row)?.distance(points.get(row)?))))
    },
);

pub(super) static GEO_CLOSEST_POINT_ON_LINE: Definition = Definition::new(
    "geo_closest_point_on_line",
    |args| fixed(args, &[Real, Real, Dynamic], 3, Dynamic),
    |args, _, ctx| {
        let (points, mut lines) = (Points::of(args, 0), lines(&args[2]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(point), Some(line)) = (points.get(row), lines.get(row)) else { return false };
            write_point(out, line.closest_point(point));
            true
        })
    },
);

pub(super) static GEO_LINE_INTERPOLATE_POINT: Definition = Definition::new(
    "geo_line_interpolate_point",
    |args| fixed(args, &[Dynamic, Real], 2, Dynamic),
    |args, _, ctx| {
        let (mut lines, fractions) = (lines(&args[0]), reals(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let fraction = fractions.get(row).filter(|fraction| (0.0..=1.0).contains(fraction));
            let (Some(line), Some(fraction)) = (lines.get(row), fraction) else { return false };
            let Some(point) = line.single().and_then(|points| interpolate_along(points, fraction)) else {
                return false;
            };
            write_point(out, point);
            true
        })
    },
);

pub(super) static GEO_LINE_LOCATE_POINT: Definition = Definition::new(
    "geo_line_locate_point",
    |args| {
        count(args, 3, 4)?;
        if args.get(3).is_some_and(|spheroid| spheroid.constant != Some(Value::Bool(false))) {
            let message = "distances on a spheroid are not supported yet".to_owned();
            return Err(FunctionError::Other { index: Some(3), message });
        }
        fixed(args, &[Dynamic, Real, Real, Bool], 3, Real)
    },
    |args, _, ctx| {
        let (mut lines, points) = (lines(&args[0]), Points::of(args, 1));
        real_results(result_rows(args, ctx), |row| locate_along(lines.get(row)?.single()?, points.get(row)?))
    },
);

pub(super) static GEO_INTERSECTS_2LINES: Definition = Definition::new(
    "geo_intersects_2lines",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Bool),
    |args, _, ctx| {
        let (mut first, mut second) = (lines(&args[0]), lines(&args[1]));
        bool_results(result_rows(args, ctx), |row| Some(first.get(row)?.intersects(second.get(row)?.as_ref())))
    },
);

pub(super) static GEO_INTERSECTS_LINE_WITH_POLYGON: Definition = Definition::new(
    "geo_intersects_line_with_polygon",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Bool),
    |args, _, ctx| {
        let (mut lines, mut polygons) = (lines(&args[0]), polygons(&args[1]));
        bool_results(result_rows(args, ctx), |row| {
            let line = lines.get(row)?;
            Some(polygons.get(row)?.intersects_line(&line))
        })
    },
);

pub(super) static GEO_LINE_DENSIFY: Definition = Definition::new(
    "geo_line_densify",
    |args| fixed(args, &[Dynamic, Real, Bool], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        let tolerance = Tolerance::of(args);
        let keeps_crossing = args.get(2).map(crate::column::Bools::of);
        written_nullable(result_rows(args, ctx), |row, out| {
            let keeps_crossing = keeps_crossing.as_ref().is_some_and(|column| column.get(row) == Some(true));
            let dense = tolerance.get(row).zip(texts.get(row)).and_then(|(tolerance, json)| {
                let parts = parse_lines(json)?;
                let is_valid = |part: &Vec<(f64, f64)>| part.len() >= 2 && part.iter().all(|p| p.1.abs() <= 90.0);
                if parts.is_empty() || !parts.iter().all(is_valid) {
                    return None;
                }
                parts.iter().map(|part| densify(part, tolerance)).collect::<Option<Vec<_>>>()
            });
            let Some(dense) = dense else { return false };
            let positions = dense.iter().flat_map(|part| {
                if keeps_crossing {
                    vec![part.iter().map(|point| point.degrees()).collect()]
                } else {
                    cut_at_antimeridian(part)
                }
            });
            write_lines(out, &positions.collect::<Vec<_>>());
            true
        })
    },
);

/// The second argument of functions that make shapes denser: meters, within the documented range.
pub(super) struct Tolerance(Option<crate::column::Reals>);

impl Tolerance {
    pub fn of(args: &[Arg]) -> Self {
        Tolerance(args.get(1).map(reals))
    }

    pub fn get(&self, row: usize) -> Option<f64> {
        let tolerance = self.0.as_ref().map_or(Some(DEFAULT_TOLERANCE), |column| column.get(row));
        tolerance.filter(|tolerance| (0.1..=10_000.0).contains(tolerance))
    }
}
