//! A closed ring of edges and the smaller of the two regions that it bounds.

use super::Point;
use super::predicates::{ORIGIN, is_crossed, is_ordered, sign};

/// A ring whose inside lies on its left and is at most half of the sphere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ring {
    pub points: Vec<Point>,
    /// Whether [`ORIGIN`] is inside; all other points are told from it.
    has_origin: bool,
}

/// Edges of a fan of triangles longer than this are no longer stable, in radians.
const MAX_FAN_EDGE: f64 = std::f64::consts::PI - 1e-5;
/// What each vertex may add to the error of an area: S2's bound for a ring's curvature.
const AREA_ERROR: f64 = 9.73 * f64::EPSILON;

impl Ring {
    /// The ring of distinct points, turned so that the smaller region is on its left.
    pub fn new(mut points: Vec<Point>) -> Self {
        if curvature(&points) < -1e-14 * points.len() as f64 {
            points.reverse();
        }
        Self::oriented(points)
    }

    /// The ring as it is: the region on its left, however large.
    pub fn oriented(points: Vec<Point>) -> Self {
        let mut ring = Ring { points, has_origin: false };
        if let [first, second, third, ..] = ring.points[..] {
            let is_inside = is_ordered(second.reference_direction(), first, third, second);
            ring.has_origin = is_inside != ring.contains(second);
        }
        ring
    }

    pub fn edges(&self) -> impl Iterator<Item = (Point, Point)> + '_ {
        (0..self.points.len()).map(|at| (self.points[at], self.points[(at + 1) % self.points.len()]))
    }

    /// Whether a point is inside: each point of the sphere is in exactly one of the regions that share borders.
    pub fn contains(&self, p: Point) -> bool {
        self.edges().filter(|(a, b)| is_crossed(ORIGIN, p, *a, *b)).count() % 2 == usize::from(!self.has_origin)
    }

    /// The area on the left, in steradians.
    pub fn area(&self) -> f64 {
        let sphere = 4.0 * std::f64::consts::PI;
        let area = surface_integral(&self.points, 0.0, |sum, a, b, c| sum + signed_area(a, b, c));
        // Nothing and all look the same here; which way the ring turns is told exactly.
        let is_small = if area.abs() <= AREA_ERROR * self.points.len() as f64 {
            curvature(&self.points) > 0.0
        } else {
            area > 0.0
        };
        if is_small { area.max(0.0) } else { sphere + area.min(0.0) }
    }

    /// The centroid times the area.
    pub fn centroid(&self) -> Point {
        surface_integral(&self.points, Point::new(0.0, 0.0, 0.0), |sum, a, b, c| sum + triangle_centroid(a, b, c))
    }
}

/// The sum of the angles by which a ring turns left: below zero where it goes around the larger region.
fn curvature(points: &[Point]) -> f64 {
    let count = points.len();
    (0..count).map(|at| turn(points[at], points[(at + 1) % count], points[(at + 2) % count])).sum()
}

fn turn(a: Point, b: Point, c: Point) -> f64 {
    let angle = a.stable_cross(b).angle(b.stable_cross(c));
    if sign(a, b, c) > 0 { angle } else { -angle }
}

/// The area of a triangle, negative where it is clockwise (van Oosterom and Strackee, 1983).
fn signed_area(a: Point, b: Point, c: Point) -> f64 {
    let volume = a.dot((b - a).cross(c - a));
    2.0 * volume.atan2(1.0 + a.dot(b) + b.dot(c) + c.dot(a))
}

/// The centroid of a triangle times its area: half the sum of the edges' normals times their lengths.
fn triangle_centroid(a: Point, b: Point, c: Point) -> Point {
    let weight = |from: Point, to: Point| {
        let angle = from.angle(to);
        if angle == 0.0 { 1.0 } else { angle / angle.sin() }
    };
    let (ra, rb, rc) = (weight(b, c), weight(c, a), weight(a, b));
    // Differences from `a` keep small triangles accurate.
    let x = Point::new(a.x, b.x - a.x, c.x - a.x);
    let y = Point::new(a.y, b.y - a.y, c.y - a.y);
    let z = Point::new(a.z, b.z - a.z, c.z - a.z);
    let r = Point::new(ra, rb - ra, rc - ra);
    Point::new(y.cross(z).dot(r), z.cross(x).dot(r), x.cross(y).dot(r)) * 0.5
}

/// Sums over a fan of oriented triangles that covers the region, as S2 chooses them.
fn surface_integral<T>(points: &[Point], start: T, add: impl Fn(T, Point, Point, Point) -> T) -> T {
    let Some((first, last)) = points.first().copied().zip(points.last().copied()) else { return start };
    let (mut sum, mut origin) = (start, first);
    for pair in points.windows(2).skip(1) {
        let (at, next) = (pair[0], pair[1]);
        if next.angle(origin) > MAX_FAN_EDGE {
            let old = origin;
            if origin == first {
                origin = first.stable_cross(at).unit();
            } else if at.angle(first) < MAX_FAN_EDGE {
                origin = first;
            } else {
                origin = first.cross(old);
                sum = add(sum, first, old, origin);
            }
            sum = add(sum, old, at, origin);
        }
        sum = add(sum, origin, at, next);
    }
    if origin == first { sum } else { add(sum, origin, last, first) }
}
