//! S2 cells: of a point, of a line, of a polygon, and what is asked of a cell.

use std::rc::Rc;

use arrow::array::ArrayRef;

use super::shapes::{Points, Shapes, lines, polygons, radians};
use crate::Type::{Dynamic, Int, Real, String as Text};
use crate::column::{Strings, ints, reals, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::geometry::cell::{Cell, MAX_LEVEL};
use crate::geometry::covering::Covering;
use crate::geometry::geojson::{write_point, write_polygons};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// The level where none is asked for, as documented.
const DEFAULT_LEVEL: i32 = 11;

fn level(number: Option<i32>) -> Option<u8> {
    u8::try_from(number?).ok().filter(|level| *level <= MAX_LEVEL)
}

pub(super) static GEO_POINT_TO_S2CELL: Definition = Definition::new(
    "geo_point_to_s2cell",
    |args| fixed(args, &[Real, Real, Int], 2, Text),
    |args, _, ctx| {
        let (points, levels) = (Points::of(args, 0), args.get(2).map(ints));
        written_strings(result_rows(args, ctx), |row, out| {
            let level = level(levels.as_ref().map_or(Some(DEFAULT_LEVEL), |levels| levels.get(row)));
            if let (Some(point), Some(level)) = (points.get(row), level) {
                out.push_str(&Cell::of(point, level).token());
            }
        })
    },
);

pub(super) static GEO_S2CELL_TO_CENTRAL_POINT: Definition = Definition::new(
    "geo_s2cell_to_central_point",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = Cell::parse(texts.text(row)) else { return false };
            write_point(out, cell.center());
            true
        })
    },
);

pub(super) static GEO_S2CELL_TO_POLYGON: Definition = Definition::new(
    "geo_s2cell_to_polygon",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = Cell::parse(texts.text(row)) else { return false };
            let [a, b, c, d] = cell.vertices().map(|vertex| vertex.degrees());
            write_polygons(out, &[vec![vec![a, b, c, d, a]]]);
            true
        })
    },
);

pub(super) static GEO_S2CELL_NEIGHBORS: Definition = Definition::new(
    "geo_s2cell_neighbors",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = Cell::parse(texts.text(row)) else { return false };
            write_cells(out, &cell.neighbors());
            true
        })
    },
);

pub(super) static GEO_LINE_TO_S2CELLS: Definition = Definition::new(
    "geo_line_to_s2cells",
    |args| fixed(args, &[Dynamic, Int, Real], 1, Dynamic),
    |args, _, ctx| covering(args, ctx, lines(&args[0]), |line, level, radius| Covering::of_line(&line, level, radius)),
);

pub(super) static GEO_POLYGON_TO_S2CELLS: Definition = Definition::new(
    "geo_polygon_to_s2cells",
    |args| fixed(args, &[Dynamic, Int, Real], 1, Dynamic),
    |args, _, ctx| {
        covering(args, ctx, polygons(&args[0]), |polygon, level, radius| Covering::of_polygon(&polygon, level, radius))
    },
);

/// A shape, a level and a radius in meters, the last two optional.
fn covering<T>(
    args: &[Arg],
    ctx: &EvalContext,
    mut shapes: Shapes<T>,
    cover: impl Fn(Rc<T>, u8, f64) -> Option<Vec<Cell>>,
) -> ArrayRef {
    let (levels, sizes) = (args.get(1).map(ints), args.get(2).map(reals));
    written_nullable(result_rows(args, ctx), |row, out| {
        let level = level(levels.as_ref().map_or(Some(DEFAULT_LEVEL), |levels| levels.get(row)));
        let radius = sizes.as_ref().map_or(Some(0.0), |sizes| sizes.get(row)).and_then(radians);
        let (Some(shape), Some(level), Some(radius)) = (shapes.get(row), level, radius) else { return false };
        let Some(cells) = cover(shape, level, radius) else { return false };
        write_cells(out, &cells);
        true
    })
}

fn write_cells(out: &mut String, cells: &[Cell]) {
    let mut list = ArrayWriter::new(out);
    cells.iter().for_each(|cell| list.push_text(&cell.token()));
    list.end();
}
