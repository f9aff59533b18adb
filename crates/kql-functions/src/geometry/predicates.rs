//! On which side a point lies, exactly; where edges cross.
//!
//! Three points that lie on one great circle are told apart by moving each by an amount too small to
//! measure (Edelsbrunner and Mücke, "Simulation of Simplicity", 1990), so that no two edges ever touch
//! except in a common vertex.

use super::Point;

/// A point that no vertex is likely to equal; inside and outside are counted from it.
pub(crate) const ORIGIN: Point =
    Point::new(-0.009_999_466_435_025_02, 0.002_592_454_260_932_412, 0.999_946_643_502_502);

/// Below this, rounding may have changed the sign of a determinant of unit vectors.
const UNCERTAIN: f64 = 1e-15;

/// 1 where the points turn left (counterclockwise), -1 where right; 0 only where two are equal.
pub(crate) fn sign(a: Point, b: Point, c: Point) -> i32 {
    let determinant = a.cross(b).dot(c);
    if determinant > UNCERTAIN {
        1
    } else if determinant < -UNCERTAIN {
        -1
    } else {
        exact_sign(a, b, c)
    }
}

fn exact_sign(a: Point, b: Point, c: Point) -> i32 {
    if a == b || b == c || c == a {
        return 0;
    }
    // The perturbation needs the points in one order, whatever order they are given in.
    let mut points = [a, b, c];
    let mut permutation = 1;
    for (i, j) in [(0, 1), (1, 2), (0, 1)] {
        if points[i] > points[j] {
            points.swap(i, j);
            permutation = -permutation;
        }
    }
    let [a, b, c] = points.map(Point::parts);
    let exact = determinant_sign(&a, &b, &c);
    permutation * if exact == 0 { perturbed_sign(&a, &b, &c) } else { exact }
}

/// The sign of the determinant without rounding.
fn determinant_sign(a: &[f64; 3], b: &[f64; 3], c: &[f64; 3]) -> i32 {
    let mut sum = Expansion::default();
    for (i, j, k) in [(0, 1, 2), (1, 2, 0), (2, 0, 1)] {
        sum.add_product(a[i], b[j], c[k]);
        sum.add_product(-a[j], b[i], c[k]);
    }
    sum.sign()
}

/// The sign of `a × b`'s component without rounding.
fn minor_sign(a: &[f64; 3], b: &[f64; 3], i: usize, j: usize) -> i32 {
    let mut sum = Expansion::default();
    sum.add_product(a[i], b[j], 1.0);
    sum.add_product(-a[j], b[i], 1.0);
    sum.sign()
}

fn plain_sign(value: f64) -> i32 {
    i32::from(value > 0.0) - i32::from(value < 0.0)
}

/// The sign after each coordinate was moved by its own infinitesimal amount: the first term of the
/// determinant's series that is not zero. The coefficients are those of S2, for `a < b < c`.
fn perturbed_sign(a: &[f64; 3], b: &[f64; 3], c: &[f64; 3]) -> i32 {
    let candidates: [&dyn Fn() -> i32; 12] = [
        &|| minor_sign(b, c, 0, 1),
        &|| minor_sign(b, c, 2, 0),
        &|| minor_sign(b, c, 1, 2),
        &|| minor_sign(c, a, 0, 1),
        &|| plain_sign(c[0]),
        &|| -plain_sign(c[1]),
        &|| minor_sign(c, a, 2, 0),
        &|| plain_sign(c[2]),
        &|| minor_sign(a, b, 0, 1),
        &|| -plain_sign(b[0]),
        &|| plain_sign(b[1]),
        &|| plain_sign(a[0]),
    ];
    candidates.iter().map(|term| term()).find(|sign| *sign != 0).unwrap_or(1)
}

/// A sum of floating-point numbers kept without rounding (Shewchuk, "Adaptive Precision Floating-Point
/// Arithmetic", 1997): parts that do not overlap, smallest first.
#[derive(Default)]
struct Expansion(Vec<f64>);

impl Expansion {
    fn add_product(&mut self, a: f64, b: f64, c: f64) {
        let (high, low) = two_product(a, b);
        for part in [low, high] {
            let (product, error) = two_product(part, c);
            self.add(error);
            self.add(product);
        }
    }

    fn add(&mut self, value: f64) {
        let mut carried = value;
        for part in &mut self.0 {
            let sum = carried + *part;
            let virtual_part = sum - carried;
            *part = (carried - (sum - virtual_part)) + (*part - virtual_part);
            carried = sum;
        }
        self.0.push(carried);
        self.0.retain(|part| *part != 0.0);
    }

    /// The last part is larger than all others together.
    fn sign(&self) -> i32 {
        self.0.last().map_or(0, |part| plain_sign(*part))
    }
}

/// A product and its rounding error.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// Whether the directions from `o` to `a`, `b`, `c` come in this order counterclockwise.
pub(crate) fn is_ordered(a: Point, b: Point, c: Point, o: Point) -> bool {
    let left = i32::from(sign(b, o, a) >= 0) + i32::from(sign(c, o, b) >= 0) + i32::from(sign(a, o, c) > 0);
    left >= 2
}

/// How two edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crossing {
    /// Not at all.
    None,
    /// They have a vertex in common.
    Vertex,
    /// In a point inside of both.
    Interior,
}

/// How edge `ab` meets edge `cd`.
pub(crate) fn crossing(a: Point, b: Point, c: Point, d: Point) -> Crossing {
    if a == c || a == d || b == c || b == d {
        return Crossing::Vertex;
    }
    if a == b || c == d {
        return Crossing::None;
    }
    let side = sign(a, b, c);
    if side == sign(a, b, d) {
        return Crossing::None;
    }
    // `c` and `d` lie on different sides of `ab`; so must `a` and `b` of `cd`, the right way round.
    if sign(c, d, b) == side && sign(c, d, a) == -side { Crossing::Interior } else { Crossing::None }
}

/// Whether going along `ab` crosses `cd` an odd number of times; common vertices count for one side only.
pub(crate) fn is_crossed(a: Point, b: Point, c: Point, d: Point) -> bool {
    match crossing(a, b, c, d) {
        Crossing::None => false,
        Crossing::Interior => true,
        Crossing::Vertex => is_crossed_at_vertex(a, b, c, d),
    }
}

fn is_crossed_at_vertex(a: Point, b: Point, c: Point, d: Point) -> bool {
    if a == b || c == d {
        false
    } else if a == c {
        b == d || is_ordered(a.reference_direction(), d, b, a)
    } else if b == d {
        is_ordered(b.reference_direction(), c, a, b)
    } else if a == d {
        b == c || is_ordered(a.reference_direction(), c, b, a)
    } else {
        is_ordered(b.reference_direction(), d, a, b)
    }
}
