//! H3 cells (<https://h3geo.org>): hexagons of sixteen resolutions.

use std::collections::HashSet;

use h3o::{CellIndex, LatLng, Resolution};

use super::shapes::Points;
use crate::Type::{Dynamic, Int, Real, String as Text};
use crate::column::{Strings, int_results, ints, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::geometry::geojson::{Position, parse_polygons, write_polygons, write_position, write_shape};
use crate::geometry::{Point, Polygon};
use crate::signature::{count, fixed};
use crate::{FunctionError, Value};

/// The resolution where none is asked for, as documented.
const DEFAULT_RESOLUTION: i32 = 6;
/// Most levels between a cell and its children, as documented.
const MAX_CHILD_LEVELS: u8 = 5;
/// Farthest ring around a cell, as documented.
const MAX_RING: i32 = 142;
/// Most cells of a polygon, as documented.
const MAX_CELLS: usize = 61_680;
/// Most places along a polygon's border that are looked at; more of them would have too many cells.
const MAX_BORDER_STEPS: f64 = 200_000.0;

fn cell(text: &str) -> Option<CellIndex> {
    text.parse().ok()
}

fn resolution(number: Option<i32>) -> Option<Resolution> {
    Resolution::try_from(u8::try_from(number?).ok()?).ok()
}

pub(super) static GEO_POINT_TO_H3CELL: Definition = Definition::new(
    "geo_point_to_h3cell",
    |args| fixed(args, &[Real, Real, Int], 2, Text),
    |args, _, ctx| {
        let (points, levels) = (Points::of(args, 0), args.get(2).map(ints));
        written_strings(result_rows(args, ctx), |row, out| {
            let level = resolution(levels.as_ref().map_or(Some(DEFAULT_RESOLUTION), |levels| levels.get(row)));
            let place = points.degrees(row).and_then(|(longitude, latitude)| LatLng::new(latitude, longitude).ok());
            if let (Some(place), Some(level)) = (place, level) {
                out.push_str(&place.to_cell(level).to_string());
            }
        })
    },
);

pub(super) static GEO_H3CELL_LEVEL: Definition = Definition::new(
    "geo_h3cell_level",
    |args| fixed(args, &[Text], 1, Int),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        int_results(result_rows(args, ctx), |row| cell(texts.text(row)).map(|cell| u8::from(cell.resolution()).into()))
    },
);

pub(super) static GEO_H3CELL_TO_CENTRAL_POINT: Definition = Definition::new(
    "geo_h3cell_to_central_point",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = cell(texts.text(row)) else { return false };
            let center = LatLng::from(cell);
            write_shape(out, "Point", |out| write_position(out, (center.lng(), center.lat())));
            true
        })
    },
);

pub(super) static GEO_H3CELL_TO_POLYGON: Definition = Definition::new(
    "geo_h3cell_to_polygon",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = cell(texts.text(row)) else { return false };
            let mut ring: Vec<Position> = cell.boundary().iter().map(|corner| (corner.lng(), corner.lat())).collect();
            ring.extend(ring.first().copied());
            write_polygons(out, &[vec![ring]]);
            true
        })
    },
);

pub(super) static GEO_H3CELL_PARENT: Definition = Definition::new(
    "geo_h3cell_parent",
    |args| fixed(args, &[Text, Int], 1, Text),
    |args, _, ctx| {
        let (texts, levels) = (Strings::of(&args[0]), args.get(1).map(ints));
        written_strings(result_rows(args, ctx), |row, out| {
            let found = cell(texts.text(row)).and_then(|cell| {
                let level = match &levels {
                    Some(levels) => resolution(levels.get(row))?,
                    None => Resolution::try_from(u8::from(cell.resolution()).checked_sub(1)?).ok()?,
                };
                cell.parent(level)
            });
            if let Some(parent) = found {
                out.push_str(&parent.to_string());
            }
        })
    },
);

pub(super) static GEO_H3CELL_CHILDREN: Definition = Definition::new(
    "geo_h3cell_children",
    |args| fixed(args, &[Text, Int], 1, Dynamic),
    |args, _, ctx| {
        let (texts, levels) = (Strings::of(&args[0]), args.get(1).map(ints));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = cell(texts.text(row)) else { return false };
            let own = u8::from(cell.resolution());
            let level = levels.as_ref().map_or(Some(i32::from(own) + 1), |levels| levels.get(row));
            let wanted = |level: &Resolution| (own..=own + MAX_CHILD_LEVELS).contains(&u8::from(*level));
            let Some(level) = resolution(level).filter(wanted) else { return false };
            write_cells(out, cell.children(level));
            true
        })
    },
);

pub(super) static GEO_H3CELL_NEIGHBORS: Definition = Definition::new(
    "geo_h3cell_neighbors",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(cell) = cell(texts.text(row)) else { return false };
            write_cells(out, cell.edges().map(|edge| edge.destination()));
            true
        })
    },
);

pub(super) static GEO_H3CELL_RINGS: Definition = Definition::new(
    "geo_h3cell_rings",
    |args| fixed(args, &[Text, Int], 2, Dynamic),
    |args, _, ctx| {
        let (texts, distances) = (Strings::of(&args[0]), ints(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let distance = distances.get(row).filter(|distance| (0..=MAX_RING).contains(distance));
            let distance = distance.and_then(|distance| u32::try_from(distance).ok());
            let (Some(cell), Some(distance)) = (cell(texts.text(row)), distance) else { return false };
            write_rings(out, cell, distance);
            true
        })
    },
);

fn write_rings(out: &mut String, center: CellIndex, distance: u32) {
    let mut rings: Vec<Vec<CellIndex>> = vec![Vec::new(); distance as usize + 1];
    for (cell, ring) in center.grid_disk_distances::<Vec<_>>(distance) {
        rings[ring as usize].push(cell);
    }
    let mut list = ArrayWriter::new(out);
    for ring in rings {
        write_cells(list.element(), ring.into_iter());
    }
    list.end();
}

fn write_cells(out: &mut String, cells: impl Iterator<Item = CellIndex>) {
    let mut list = ArrayWriter::new(out);
    cells.for_each(|cell| list.push_text(&cell.to_string()));
    list.end();
}

pub(super) static GEO_POLYGON_TO_H3CELLS: Definition = Definition::new(
    "geo_polygon_to_h3cells",
    |args| {
        count(args, 1, 3)?;
        let is_zero = |value: &Value| matches!(value, Value::Real(0.0) | Value::Int(0) | Value::Long(0));
        if args.get(2).is_some_and(|radius| !radius.constant.as_ref().is_some_and(is_zero)) {
            let message = "a radius other than 0 is not supported yet".to_owned();
            return Err(FunctionError::Other { index: Some(2), message });
        }
        fixed(args, &[Dynamic, Int, Real], 1, Dynamic)
    },
    |args, _, ctx| {
        let (texts, levels) = (Strings::of(&args[0]), args.get(1).map(ints));
        written_nullable(result_rows(args, ctx), |row, out| {
            let level = resolution(levels.as_ref().map_or(Some(DEFAULT_RESOLUTION), |levels| levels.get(row)));
            // The check of validity is that of all polygons; what is covered are the planar rings.
            let json = texts.get(row).filter(|json| Polygon::parse(json).is_some());
            let parts = json.and_then(parse_polygons);
            let Some(cells) = parts.zip(level).and_then(|(parts, level)| cover(&parts, level)) else { return false };
            write_cells(out, cells.into_iter());
            true
        })
    },
);

/// The cells whose centers are inside of planar polygons; `None` where there are too many.
fn cover(parts: &[Vec<Vec<Position>>], level: Resolution) -> Option<Vec<CellIndex>> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    for rings in parts {
        let is_inside = |cell: &CellIndex| {
            let center = LatLng::from(*cell);
            rings.iter().filter(|ring| ring_contains(ring, (center.lng(), center.lat()))).count() % 2 == 1
        };
        let mut waiting = border_cells(rings, level)?;
        while let Some(cell) = waiting.pop() {
            if !is_inside(&cell) || !known.insert(cell) {
                continue;
            }
            found.push(cell);
            if found.len() > MAX_CELLS {
                return None;
            }
            waiting.extend(cell.grid_disk_safe(1));
        }
    }
    found.sort_unstable();
    Some(found)
}

/// The cells on a polygon's border and next to it: from them all cells inside can be reached.
fn border_cells(rings: &[Vec<Position>], level: Resolution) -> Option<Vec<CellIndex>> {
    let mut cells = HashSet::new();
    let step = level.edge_length_rads() / 2.0;
    for pair in rings.iter().flat_map(|ring| ring.windows(2)) {
        let (from, to) = (pair[0], pair[1]);
        let length = Point::from_degrees(from.0, from.1).angle(Point::from_degrees(to.0, to.1));
        let steps = (length / step).ceil().max(1.0);
        if steps > MAX_BORDER_STEPS || cells.len() > 8 * MAX_CELLS {
            return None;
        }
        for at in 0..=steps as u32 {
            let part = f64::from(at) / steps;
            let (longitude, latitude) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            let cell = LatLng::new(latitude, longitude).ok()?.to_cell(level);
            cells.extend(cell.grid_disk_safe(1));
        }
    }
    Some(cells.into_iter().collect())
}

/// Whether a planar ring goes around a place.
fn ring_contains(ring: &[Position], (x, y): Position) -> bool {
    let crossed = |pair: &&[Position]| {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    };
    ring.windows(2).filter(crossed).count() % 2 == 1
}
