//! Polygons and multipolygons.

use std::borrow::Cow;

use super::edge::near_pairs;
use super::line::{Line, circle, closest_of, edges_meet};
use super::predicates::{Crossing, crossing};
use super::{Point, Ring, geojson, overlay};

/// Regions, each a shell without its holes. What several parts cover counts once.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    pub(crate) parts: Vec<Part>,
}

/// One shell and its holes, all turned counterclockwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub shell: Ring,
    pub holes: Vec<Ring>,
}

impl Polygon {
    /// Reads a GeoJSON `Polygon` or `MultiPolygon`; `None` where it is not a valid one.
    pub fn parse(json: &str) -> Option<Self> {
        let parts = geojson::parse_polygons(json)?.iter().map(|rings| Part::new(rings)).collect::<Option<Vec<_>>>()?;
        (!parts.is_empty()).then_some(Polygon { parts })
    }

    /// Whether a point is inside. Points of the border belong to one of the regions that share it.
    pub fn contains(&self, p: Point) -> bool {
        self.parts.iter().any(|part| part.contains(p))
    }

    /// A circle around it: center and radius in radians; no radius where the circle is half of the sphere or more.
    pub fn circle(&self) -> (Point, Option<f64>) {
        circle(self.parts.iter().flat_map(|part| part.shell.points.iter().copied()))
    }

    /// All edges, the inside on their left.
    pub(crate) fn edges(&self) -> Vec<(Point, Point)> {
        self.parts.iter().flat_map(Part::edges).collect()
    }

    /// The point of the region that is closest to `p`: `p` itself inside.
    pub fn closest_point(&self, p: Point) -> Point {
        if self.contains(p) {
            return p;
        }
        closest_of(&self.edges(), p).map_or(p, |(_, point)| point)
    }

    /// The distance from `p`, in radians: 0 inside.
    pub fn distance(&self, p: Point) -> f64 {
        p.angle(self.closest_point(p))
    }

    /// The same region in parts that are disjoint and share no border.
    pub(crate) fn dissolved(&self) -> Cow<'_, Self> {
        if self.is_disjoint() {
            return Cow::Borrowed(self);
        }
        let parts = self.parts.iter().map(|part| Polygon { parts: vec![part.clone()] }).collect();
        overlay::union_all(parts).map_or(Cow::Borrowed(self), Cow::Owned)
    }

    fn is_disjoint(&self) -> bool {
        let parts = &self.parts;
        (0..parts.len()).all(|i| (0..i).all(|j| !parts[i].overlaps(&parts[j])))
    }

    /// The area of parts that are disjoint, in steradians.
    pub(crate) fn area(&self) -> f64 {
        let holes = |part: &Part| part.holes.iter().map(Ring::area).sum::<f64>();
        self.parts.iter().map(|part| part.shell.area() - holes(part)).sum()
    }

    /// The length of the border of parts that are disjoint, in radians.
    pub(crate) fn perimeter(&self) -> f64 {
        self.edges().iter().map(|(a, b)| a.angle(*b)).sum()
    }

    /// The middle of parts that are disjoint.
    pub(crate) fn centroid(&self) -> Option<Point> {
        let sum = self.parts.iter().fold(Point::new(0.0, 0.0, 0.0), |sum, part| {
            part.holes.iter().fold(sum + part.shell.centroid(), |sum, hole| sum - hole.centroid())
        });
        (sum.norm() > 0.0).then(|| sum.unit())
    }

    /// Whether the regions, borders included, have a point in common.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let touches = |left: &Self, right: &Self| left.parts.iter().any(|part| right.contains(part.shell.points[0]));
        edges_meet(&self.edges(), &other.edges()) || touches(self, other) || touches(other, self)
    }

    /// Whether the region, its border included, and a line have a point in common.
    pub(crate) fn intersects_line(&self, line: &Line) -> bool {
        edges_meet(&self.edges(), &line.edges()) || line.parts.iter().any(|part| self.contains(part[0]))
    }
}

impl Part {
    fn new(rings: &[Vec<(f64, f64)>]) -> Option<Self> {
        let mut rings = rings.iter().map(|positions| points(positions).map(Ring::new)).collect::<Option<Vec<_>>>()?;
        if rings.is_empty() {
            return None;
        }
        let holes = rings.split_off(1);
        let part = Part { shell: rings.pop()?, holes };
        part.is_valid().then_some(part)
    }

    fn contains(&self, p: Point) -> bool {
        self.shell.contains(p) && !self.holes.iter().any(|hole| hole.contains(p))
    }

    fn edges(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        self.shell.edges().chain(self.holes.iter().flat_map(|hole| hole.edges().map(|(a, b)| (b, a))))
    }

    /// No two edges cross or are the same.
    fn is_valid(&self) -> bool {
        let edges: Vec<_> = self.edges().collect();
        let mut is_valid = true;
        near_pairs(&edges, &edges, |i, j| {
            let ((a, b), (c, d)) = (edges[i], edges[j]);
            let is_same = (a, b) == (c, d) || (a, b) == (d, c);
            is_valid = i == j || !is_same && crossing(a, b, c, d) != Crossing::Interior;
            !is_valid
        });
        is_valid
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (own, others): (Vec<_>, Vec<_>) = (self.edges().collect(), other.edges().collect());
        let mut crosses = false;
        near_pairs(&own, &others, |i, j| {
            let ((a, b), (c, d)) = (own[i], others[j]);
            crosses = crossing(a, b, c, d) == Crossing::Interior || (a, b) == (c, d) || (a, b) == (d, c);
            crosses
        });
        // Without crossings one is inside of the other or they are apart: the middle of an edge tells.
        let middle = |edges: &[(Point, Point)]| edges.first().map(|(a, b)| (*a + *b).unit());
        crosses || middle(&own).is_some_and(|p| other.contains(p)) || middle(&others).is_some_and(|p| self.contains(p))
    }
}

/// The distinct points of a ring that ends where it starts; at least three.
fn points(positions: &[(f64, f64)]) -> Option<Vec<Point>> {
    let (last, rest) = positions.split_last()?;
    if rest.first() != Some(last) || rest.len() < 3 {
        return None;
    }
    let points = rest.iter().map(|(x, y)| Point::checked(*x, *y)).collect::<Option<Vec<_>>>()?;
    let mut sorted: Vec<_> = points.iter().map(|p| p.parts().map(f64::to_bits)).collect();
    sorted.sort_unstable();
    let is_distinct = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    let has_edges = (0..points.len()).all(|at| !points[at].is_opposite(points[(at + 1) % points.len()]));
    (is_distinct && has_edges).then_some(points)
}
