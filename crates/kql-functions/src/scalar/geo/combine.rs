//! Unions and intersections of shapes.

use arrow::array::ArrayRef;

use super::shapes::{Shapes, lines, polygons};
use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{Kind, elements, kind};
use crate::geometry::geojson::{write_common, write_lines, write_polygons};
use crate::geometry::overlay::{self, Common};
use crate::geometry::{Line, Point, Polygon};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static GEO_UNION_POLYGONS_ARRAY: Definition = Definition::new(
    "geo_union_polygons_array",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let polygons = texts.get(row).and_then(|json| all(json, Polygon::parse));
            let polygons = polygons.map(|all| all.iter().map(|polygon| polygon.dissolved().into_owned()).collect());
            let Some(union) = polygons.and_then(overlay::union_all) else { return false };
            write_polygons(out, &union.positions());
            true
        })
    },
);

pub(super) static GEO_UNION_LINES_ARRAY: Definition = Definition::new(
    "geo_union_lines_array",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(lines) = texts.get(row).and_then(|json| all(json, Line::parse)) else { return false };
            let union = overlay::union_lines(&lines);
            let positions = |part: &Vec<Point>| part.iter().map(|point| point.degrees()).collect();
            write_lines(out, &union.iter().map(positions).collect::<Vec<_>>());
            true
        })
    },
);

/// The shapes of an array; `None` where there is none or one is not valid.
fn all<T>(json: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if kind(json) != Kind::Array {
        return None;
    }
    let shapes: Vec<T> = elements(json).map(parse).collect::<Option<_>>()?;
    (!shapes.is_empty()).then_some(shapes)
}

pub(super) static GEO_INTERSECTION_2LINES: Definition = Definition::new(
    "geo_intersection_2lines",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Dynamic),
    |args, _, ctx| common(args, ctx, lines(&args[0]), lines(&args[1]), overlay::intersect_lines),
);

pub(super) static GEO_INTERSECTION_LINE_WITH_POLYGON: Definition = Definition::new(
    "geo_intersection_line_with_polygon",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Dynamic),
    |args, _, ctx| {
        common(args, ctx, lines(&args[0]), polygons(&args[1]), |line, polygon| {
            overlay::intersect_line(line, &polygon.dissolved())
        })
    },
);

pub(super) static GEO_INTERSECTION_2POLYGONS: Definition = Definition::new(
    "geo_intersection_2polygons",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Dynamic),
    |args, _, ctx| {
        common(args, ctx, polygons(&args[0]), polygons(&args[1]), |first, second| {
            overlay::intersect(&first.dissolved(), &second.dissolved())
        })
    },
);

fn common<A, B>(
    args: &[Arg],
    ctx: &EvalContext,
    mut first: Shapes<A>,
    mut second: Shapes<B>,
    intersect: impl Fn(&A, &B) -> Common,
) -> ArrayRef {
    written_nullable(result_rows(args, ctx), |row, out| {
        let (Some(first), Some(second)) = (first.get(row), second.get(row)) else { return false };
        write_common(out, &intersect(&first, &second));
        true
    })
}
