//! Shapes as GeoJSON text (RFC 7946).

use super::overlay::Common;
use super::polygon::Part;
use super::{Point, Polygon};
use crate::dynamic::{Kind, elements, get_key, kind, unquote};
use crate::number;

/// Longitude and latitude as they stand in the text.
pub(crate) type Position = (f64, f64);

/// The parts of a `LineString` or `MultiLineString`, unchecked.
pub(crate) fn parse_lines(json: &str) -> Option<Vec<Vec<Position>>> {
    let coordinates = coordinates(json)?;
    match unquote(get_key(json, "type")?).as_ref() {
        "LineString" => Some(vec![positions(coordinates)?]),
        "MultiLineString" => list(coordinates, positions),
        _ => None,
    }
}

/// The rings of each part of a `Polygon` or `MultiPolygon`, unchecked.
pub(crate) fn parse_polygons(json: &str) -> Option<Vec<Vec<Vec<Position>>>> {
    let coordinates = coordinates(json)?;
    match unquote(get_key(json, "type")?).as_ref() {
        "Polygon" => Some(vec![list(coordinates, positions)?]),
        "MultiPolygon" => list(coordinates, |part| list(part, positions)),
        _ => None,
    }
}

fn coordinates(json: &str) -> Option<&str> {
    if kind(json) == Kind::Bag { get_key(json, "coordinates") } else { None }
}

fn list<T>(json: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    if kind(json) == Kind::Array { elements(json).map(read).collect() } else { None }
}

fn positions(json: &str) -> Option<Vec<Position>> {
    list(json, |position| {
        let numbers = list(position, |item| if kind(item) == Kind::Number { number::parse_real(item) } else { None })?;
        match numbers[..] {
            [longitude, latitude, ..] => Some((longitude, latitude)),
            _ => None,
        }
    })
}

/// Appends a point.
pub(crate) fn write_point(out: &mut String, point: Point) {
    write_shape(out, "Point", |out| write_position(out, point.degrees()));
}

/// Appends a line or a multiline.
pub(crate) fn write_lines(out: &mut String, parts: &[Vec<Position>]) {
    match parts {
        [part] => write_shape(out, "LineString", |out| write_list(out, part, |out, p| write_position(out, *p))),
        parts => {
            write_shape(out, "MultiLineString", |out| write_list(out, parts, |out, part| write_positions(out, part)))
        }
    }
}

/// Appends a polygon or a multipolygon, given by the rings of each part; rings end where they start.
pub(crate) fn write_polygons(out: &mut String, parts: &[Vec<Vec<Position>>]) {
    let rings =
        |out: &mut String, rings: &Vec<Vec<Position>>| write_list(out, rings, |out, ring| write_positions(out, ring));
    match parts {
        [part] => write_shape(out, "Polygon", |out| rings(out, part)),
        parts => write_shape(out, "MultiPolygon", |out| write_list(out, parts, rings)),
    }
}

/// Appends what two shapes have in common: one shape, or a collection of none or of several kinds.
pub(crate) fn write_common(out: &mut String, common: &Common) {
    let mut shapes = Vec::new();
    let degrees = |points: &Vec<Point>| points.iter().map(|point| point.degrees()).collect::<Vec<_>>();
    let mut add = |write: &dyn Fn(&mut String)| {
        let mut shape = String::new();
        write(&mut shape);
        shapes.push(shape);
    };
    match common.points[..] {
        [] => {}
        [point] => add(&|out| write_point(out, point)),
        _ => add(&|out| write_shape(out, "MultiPoint", |out| write_positions(out, &degrees(&common.points)))),
    }
    if !common.lines.is_empty() {
        add(&|out| write_lines(out, &common.lines.iter().map(degrees).collect::<Vec<_>>()));
    }
    if !common.parts.is_empty() {
        add(&|out| write_polygons(out, &Polygon { parts: common.parts.clone() }.positions()));
    }
    match &shapes[..] {
        [shape] => out.push_str(shape),
        shapes => write_collection(out, shapes),
    }
}

/// Appends a collection of shapes given as text.
pub(crate) fn write_collection(out: &mut String, shapes: &[String]) {
    out.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
    write_list(out, shapes, |out, shape| out.push_str(shape));
    out.push('}');
}

/// Appends a shape: its type and the coordinates that the caller writes.
pub(crate) fn write_shape(out: &mut String, name: &str, coordinates: impl FnOnce(&mut String)) {
    out.push_str("{\"type\":\"");
    out.push_str(name);
    out.push_str("\",\"coordinates\":");
    coordinates(out);
    out.push('}');
}

/// Appends a list of positions.
pub(crate) fn write_positions(out: &mut String, positions: &[Position]) {
    write_list(out, positions, |out, position| write_position(out, *position));
}

/// Appends one position.
pub(crate) fn write_position(out: &mut String, (longitude, latitude): Position) {
    out.push('[');
    number::write_real(out, longitude);
    out.push(',');
    number::write_real(out, latitude);
    out.push(']');
}

/// Appends a list.
pub(crate) fn write_list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

impl Polygon {
    /// The positions of its rings: shells counterclockwise, holes clockwise, each closed.
    pub(crate) fn positions(&self) -> Vec<Vec<Vec<Position>>> {
        let part = |part: &Part| {
            let hole = |ring: &super::Ring| closed(ring.points.iter().rev());
            std::iter::once(closed(part.shell.points.iter())).chain(part.holes.iter().map(hole)).collect()
        };
        self.parts.iter().map(part).collect()
    }
}

fn closed<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Position> {
    let mut positions: Vec<Position> = points.map(|p| p.degrees()).collect();
    positions.extend(positions.first().copied());
    positions
}
