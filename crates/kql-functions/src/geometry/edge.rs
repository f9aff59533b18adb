//! One edge: its points, its distance from a point, where it meets another.

use super::Point;

/// The point of an edge at a distance from its start, in radians.
pub(crate) fn point_at(a: Point, b: Point, radians: f64) -> Point {
    let direction = a.stable_cross(b).cross(a).unit();
    (a * radians.cos() + direction * radians.sin()).unit()
}

/// The point that divides an edge in a ratio.
pub(crate) fn interpolate(a: Point, b: Point, fraction: f64) -> Point {
    if fraction == 0.0 {
        a
    } else if fraction == 1.0 {
        b
    } else {
        point_at(a, b, fraction * a.angle(b))
    }
}

/// The point of an edge that is closest to `p`.
pub(crate) fn closest_point(p: Point, a: Point, b: Point) -> Point {
    if p == a || p == b {
        return p;
    }
    let normal = a.stable_cross(b).unit();
    let foot = normal.cross(p).cross(normal).unit();
    let is_between = a.cross(foot).dot(normal) > 0.0 && foot.cross(b).dot(normal) > 0.0;
    if is_between {
        return foot;
    }
    let (to_a, to_b) = (p - a, p - b);
    if to_a.dot(to_a) <= to_b.dot(to_b) { a } else { b }
}

/// Where two edges cross that are known to do so in their interiors.
pub(crate) fn intersection(a: Point, b: Point, c: Point, d: Point) -> Point {
    let (first, second) = (a.stable_cross(b).unit(), c.stable_cross(d).unit());
    let found = first.stable_cross(second).unit();
    // The two great circles meet twice; the edges do on their own side.
    if found.dot((a + b) + (c + d)) < 0.0 { -found } else { found }
}

/// How far from a straight box around its ends an edge can bulge.
pub(crate) fn bulge(a: Point, b: Point) -> f64 {
    1.0 - (a.angle(b) / 2.0).cos() + 1e-15
}

/// Pairs of edges whose boxes meet: `meets(i, j)` for each, an edge of `first` with one of `second`.
/// Stops when `meets` says so.
pub(crate) fn near_pairs(
    first: &[(Point, Point)],
    second: &[(Point, Point)],
    mut meets: impl FnMut(usize, usize) -> bool,
) {
    let boxes = |edges: &[(Point, Point)]| edges.iter().map(EdgeBox::of).collect::<Vec<_>>();
    let (left, right) = (boxes(first), boxes(second));
    let mut order: Vec<usize> = (0..right.len()).collect();
    order.sort_by(|i, j| right[*i].low[0].total_cmp(&right[*j].low[0]));
    // The widest box bounds how far back a box that still reaches here can start.
    let widest = right.iter().map(|b| b.high[0] - b.low[0]).fold(0.0, f64::max);
    for (i, own) in left.iter().enumerate() {
        let start = order.partition_point(|j| right[*j].low[0] < own.low[0] - widest);
        for j in order[start..].iter().copied().take_while(|j| right[*j].low[0] <= own.high[0]) {
            if own.meets(&right[j]) && meets(i, j) {
                return;
            }
        }
    }
}

struct EdgeBox {
    low: [f64; 3],
    high: [f64; 3],
}

impl EdgeBox {
    fn of((a, b): &(Point, Point)) -> Self {
        let bulge = bulge(*a, *b);
        let (a, b) = (a.parts(), b.parts());
        EdgeBox {
            low: std::array::from_fn(|axis| a[axis].min(b[axis]) - bulge),
            high: std::array::from_fn(|axis| a[axis].max(b[axis]) + bulge),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        (0..3).all(|axis| self.low[axis] <= other.high[axis] && other.low[axis] <= self.high[axis])
    }
}
