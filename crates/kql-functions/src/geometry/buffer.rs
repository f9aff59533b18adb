//! Regions around shapes: offset curves, and what they go around a positive number of times.
//!
//! The vertices are those of S2's `S2BufferOperation`, so that results agree with Kusto's.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::predicates::sign;
use super::{Line, Point, Polygon, overlay};

/// Least share of the radius by which a region may be off, as in S2.
const MIN_ERROR_SHARE: f64 = 1e-6;
/// Most vertices of offset curves: all of them are compared with one another.
const MAX_VERTICES: usize = 50_000;

/// How far around a shape, and in what steps.
pub(crate) struct Buffer {
    radius: f64,
    /// Between vertices of an arc around a vertex, in radians.
    vertex_step: f64,
    /// Between vertices along an edge, in radians.
    edge_step: f64,
    path: Vec<Point>,
    paths: Vec<Vec<Point>>,
    vertices: usize,
}

impl Buffer {
    /// Radius and tolerance in radians; `None` where there is no such region, or it goes around a quarter of
    /// the sphere and more.
    pub fn new(radius: f64, tolerance: f64) -> Option<Self> {
        if !(radius > 0.0 && radius < FRAC_PI_2 && tolerance > 0.0) {
            return None;
        }
        let error = tolerance.clamp(MIN_ERROR_SHARE * radius, radius);
        let (vertex_step, edge_step) = (widest_step(radius, error), widest_step(FRAC_PI_2 - radius, error));
        Some(Buffer { radius, vertex_step, edge_step, path: Vec::new(), paths: Vec::new(), vertices: 0 })
    }

    /// The region around a point.
    pub fn point(mut self, point: Point) -> Option<Polygon> {
        let step = TAU / (TAU / self.vertex_step).ceil() + 1e-15;
        let mut start = point.reference_direction();
        let mut angle = 0.0;
        for _ in 0..4 {
            let turned = point.cross(start).unit();
            while angle < FRAC_PI_2 {
                let direction = on_ray(start, turned, angle);
                self.path.push(on_ray(point, direction, self.radius));
                angle += step;
            }
            angle -= FRAC_PI_2;
            start = turned;
        }
        self.close()?;
        overlay::wound(&self.paths, -point)
    }

    /// The region around lines, with round ends.
    pub fn line(mut self, line: &Line) -> Option<Polygon> {
        for points in &line.parts {
            let there_and_back: Vec<Point> = points.iter().chain(points.iter().rev().skip(1)).copied().collect();
            let [first, second, ..] = there_and_back[..] else { return None };
            let axis = self.axis(first, second);
            self.vertex_arc(first, -axis, axis);
            for triple in there_and_back.windows(3) {
                self.edge_and_vertex(triple[0], triple[1], triple[2])?;
            }
            self.edge_arc(second, first);
            self.close()?;
        }
        let away = away_from(|p| line.distance(p), self.radius)?;
        overlay::wound(&self.paths, away)
    }

    /// The region around polygons.
    pub fn polygon(mut self, polygon: &Polygon) -> Option<Polygon> {
        for part in &polygon.parts {
            let holes = part.holes.iter().map(|hole| hole.points.iter().rev().copied().collect());
            for ring in std::iter::once(part.shell.points.clone()).chain(holes) {
                let count = ring.len();
                for at in 0..count {
                    self.edge_and_vertex(ring[at], ring[(at + 1) % count], ring[(at + 2) % count])?;
                }
                self.close()?;
            }
        }
        let away = away_from(|p| polygon.distance(p), self.radius)?;
        overlay::wound(&self.paths, away)
    }

    /// At a right angle to an edge, to its right.
    fn axis(&self, a: Point, b: Point) -> Point {
        b.stable_cross(a).unit()
    }

    /// The offset of an edge and, where the path turns left, an arc around its end.
    fn edge_and_vertex(&mut self, a: Point, b: Point, c: Point) -> Option<()> {
        self.edge_arc(a, b);
        if sign(a, b, c) >= 0 {
            self.vertex_arc(b, self.axis(a, b), self.axis(b, c));
        } else {
            self.path.push(on_ray(b, self.axis(a, b), self.radius));
            self.path.push(b);
        }
        (self.path.len() <= MAX_VERTICES).then_some(())
    }

    fn vertex_arc(&mut self, v: Point, start: Point, end: Point) {
        let turned = v.cross(start).unit();
        let (span, mut angle) = (start.angle(end), 0.0);
        loop {
            self.path.push(on_ray(v, on_ray(start, turned, angle), self.radius));
            angle += self.vertex_step;
            if angle >= span {
                break;
            }
        }
    }

    fn edge_arc(&mut self, a: Point, b: Point) {
        let axis = self.axis(a, b);
        let along = a.cross(axis).unit();
        let (span, mut angle) = (a.angle(b), 0.0);
        loop {
            self.path.push(on_ray(on_ray(a, along, angle), axis, self.radius));
            angle += self.edge_step;
            if angle >= span {
                break;
            }
        }
    }

    fn close(&mut self) -> Option<()> {
        self.vertices += self.path.len();
        self.paths.push(std::mem::take(&mut self.path));
        (self.vertices <= MAX_VERTICES).then_some(())
    }
}

/// The longest edge that stays within `error` of a circle of that radius.
fn widest_step(radius: f64, error: f64) -> f64 {
    let least = TAU / 3.0 + 1e-15;
    let inner = (radius - error).max(0.0);
    least.min(2.0 * (inner.tan() / radius.tan()).acos())
}

/// The point at a distance from `origin` in a direction at a right angle to it.
fn on_ray(origin: Point, direction: Point, radians: f64) -> Point {
    (origin * radians.cos() + direction * radians.sin()).unit()
}

/// A point that is farther away than the radius: outside of the region.
fn away_from(distance: impl Fn(Point) -> f64, radius: f64) -> Option<Point> {
    let axes = [Point::new(1.0, 0.0, 0.0), Point::new(0.0, 1.0, 0.0), Point::new(0.0, 0.0, 1.0)];
    // Points with coordinates that no vertex is likely to have.
    let tilted = axes.iter().flat_map(|axis| [*axis, -*axis]).map(|p| (p + Point::new(0.0123, 0.0456, 0.0789)).unit());
    let farthest = tilted.map(|p| (distance(p), p)).max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (farthest.0 > radius && farthest.0 < PI).then_some(farthest.1)
}
