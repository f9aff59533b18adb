//! Arguments of `geo_` functions.

use std::rc::Rc;

use crate::Arg;
use crate::column::{Reals, Strings, reals};
use crate::geometry::{EARTH_RADIUS, Line, Point, Polygon};

/// A longitude and a latitude, row by row.
pub(super) struct Points {
    longitude: Reals,
    latitude: Reals,
}

impl Points {
    /// Two arguments, the longitude first.
    pub fn of(args: &[Arg], first: usize) -> Self {
        Points { longitude: reals(&args[first]), latitude: reals(&args[first + 1]) }
    }

    /// Degrees of longitude and latitude; `None` out of range.
    pub fn degrees(&self, row: usize) -> Option<(f64, f64)> {
        let (longitude, latitude) = (self.longitude.get(row)?, self.latitude.get(row)?);
        (longitude.abs() <= 180.0 && latitude.abs() <= 90.0).then_some((longitude, latitude))
    }

    /// The point; `None` out of range.
    pub fn get(&self, row: usize) -> Option<Point> {
        self.degrees(row).and_then(|(longitude, latitude)| Point::checked(longitude, latitude))
    }
}

/// Shapes in GeoJSON, row by row. The same text is read once while it repeats.
pub(super) struct Shapes<T> {
    texts: Strings,
    parse: fn(&str) -> Option<T>,
    last: Option<(String, Option<Rc<T>>)>,
}

impl<T> Shapes<T> {
    pub fn of(arg: &Arg, parse: fn(&str) -> Option<T>) -> Self {
        Shapes { texts: Strings::of(arg), parse, last: None }
    }

    pub fn get(&mut self, row: usize) -> Option<Rc<T>> {
        let text = self.texts.get(row)?;
        if let Some((_, shape)) = self.last.as_ref().filter(|(known, _)| known == text) {
            return shape.clone();
        }
        let shape = (self.parse)(text).map(Rc::new);
        self.last = Some((text.to_owned(), shape.clone()));
        shape
    }
}

/// Lines and multilines.
pub(super) fn lines(arg: &Arg) -> Shapes<Line> {
    Shapes::of(arg, Line::parse)
}

/// Polygons and multipolygons.
pub(super) fn polygons(arg: &Arg) -> Shapes<Polygon> {
    Shapes::of(arg, Polygon::parse)
}

/// Radians on the sphere as meters on Earth.
pub(super) fn meters(radians: f64) -> f64 {
    radians * EARTH_RADIUS
}

/// Meters on Earth as radians; `None` where they are not zero or more.
pub(super) fn radians(meters: f64) -> Option<f64> {
    (meters >= 0.0 && meters.is_finite()).then_some(meters / EARTH_RADIUS)
}
