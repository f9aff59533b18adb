//! Lines and multilines.

use super::edge::{closest_point, near_pairs, point_at};
use super::predicates::{Crossing, crossing};
use super::{Point, geojson};

/// A line of at least two points, or several: edges are geodesics shorter than half a circle.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(crate) parts: Vec<Vec<Point>>,
}

impl Line {
    /// Reads a GeoJSON `LineString` or `MultiLineString`; `None` where it is not a valid one.
    pub fn parse(json: &str) -> Option<Self> {
        let parts = geojson::parse_lines(json)?.into_iter().map(|part| points(&part)).collect::<Option<Vec<_>>>()?;
        (!parts.is_empty()).then_some(Line { parts })
    }

    /// The points, where it is one line.
    pub(crate) fn single(&self) -> Option<&[Point]> {
        match self.parts.as_slice() {
            [part] => Some(part),
            _ => None,
        }
    }

    /// All edges; an edge that several lines share comes once, as their union has it.
    pub(crate) fn edges(&self) -> Vec<(Point, Point)> {
        let mut edges: Vec<_> = self.parts.iter().flat_map(|part| part.windows(2).map(|p| (p[0], p[1]))).collect();
        if self.parts.len() > 1 {
            drop_repeated(&mut edges);
        }
        edges
    }

    /// The length of all edges, in radians.
    pub(crate) fn length(&self) -> f64 {
        self.edges().iter().map(|(a, b)| a.angle(*b)).sum()
    }

    /// The middle of all points; `None` where there is no such direction.
    pub(crate) fn centroid(&self) -> Option<Point> {
        let sum = self.edges().iter().fold(Point::new(0.0, 0.0, 0.0), |sum, (a, b)| {
            let (difference, middle) = (*a - *b, *a + *b);
            sum + middle * (difference.dot(difference) / middle.dot(middle)).sqrt()
        });
        (sum.norm() > 0.0).then(|| sum.unit())
    }

    /// The point that is closest to `p`.
    pub fn closest_point(&self, p: Point) -> Point {
        closest_of(&self.edges(), p).map_or(p, |(_, point)| point)
    }

    /// The distance from `p`, in radians.
    pub fn distance(&self, p: Point) -> f64 {
        p.angle(self.closest_point(p))
    }

    /// A circle around it: center and radius in radians; no radius where the circle is half of the sphere or more.
    pub fn circle(&self) -> (Point, Option<f64>) {
        circle(self.parts.iter().flatten().copied())
    }

    /// Whether the lines have a point in common.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        edges_meet(&self.edges(), &other.edges())
    }
}

/// A circle around points: center and radius. One smaller than half of the sphere holds the edges between them, too.
pub(crate) fn circle(points: impl Iterator<Item = Point> + Clone) -> (Point, Option<f64>) {
    let center = points.clone().fold(Point::new(0.0, 0.0, 0.0), |sum, point| sum + point).unit();
    let reach = points.map(|point| point.angle(center)).fold(0.0, f64::max) + 1e-12;
    (center, (reach < std::f64::consts::FRAC_PI_2).then_some(reach))
}

/// The points of a part: at least two, none equal or opposite to the one before.
fn points(positions: &[(f64, f64)]) -> Option<Vec<Point>> {
    let points = positions.iter().map(|(x, y)| Point::checked(*x, *y)).collect::<Option<Vec<_>>>()?;
    let is_edge = |pair: &[Point]| pair[0] != pair[1] && !pair[0].is_opposite(pair[1]);
    (points.len() >= 2 && points.windows(2).all(is_edge)).then_some(points)
}

fn drop_repeated(edges: &mut Vec<(Point, Point)>) {
    let key = |(a, b): &(Point, Point)| {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        [low.parts(), high.parts()].concat().iter().map(|part| part.to_bits()).collect::<Vec<_>>()
    };
    let mut seen = std::collections::HashSet::new();
    edges.retain(|edge| seen.insert(key(edge)));
}

/// The closest point of some edges to `p`, and which edge it lies on.
pub(crate) fn closest_of(edges: &[(Point, Point)], p: Point) -> Option<(usize, Point)> {
    let mut best: Option<(f64, usize, Point)> = None;
    for (index, (a, b)) in edges.iter().enumerate() {
        let point = closest_point(p, *a, *b);
        let away = point - p;
        let distance = away.dot(away);
        if best.is_none_or(|(least, ..)| distance < least) {
            best = Some((distance, index, point));
        }
    }
    best.map(|(_, index, point)| (index, point))
}

/// Whether two sets of edges cross or have a vertex in common.
pub(crate) fn edges_meet(first: &[(Point, Point)], second: &[(Point, Point)]) -> bool {
    let mut found = false;
    near_pairs(first, second, |i, j| {
        let ((a, b), (c, d)) = (first[i], second[j]);
        found = crossing(a, b, c, d) != Crossing::None;
        found
    });
    found
}

/// The point at a fraction of a line's length.
pub(crate) fn interpolate_along(points: &[Point], fraction: f64) -> Option<Point> {
    let total: f64 = points.windows(2).map(|pair| pair[0].angle(pair[1])).sum();
    let mut rest = fraction * total;
    for pair in points.windows(2) {
        let length = pair[0].angle(pair[1]);
        if rest < length {
            return Some(point_at(pair[0], pair[1], rest));
        }
        rest -= length;
    }
    points.last().copied()
}

/// The fraction of a line's length at which it is closest to `p`.
pub(crate) fn locate_along(points: &[Point], p: Point) -> Option<f64> {
    let edges: Vec<_> = points.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let (edge, point) = closest_of(&edges, p)?;
    let length = |edges: &[(Point, Point)]| edges.iter().map(|(a, b)| a.angle(*b)).sum::<f64>();
    let before = length(&edges[..edge]) + edges[edge].0.angle(point);
    Some((before / length(&edges)).min(1.0))
}
