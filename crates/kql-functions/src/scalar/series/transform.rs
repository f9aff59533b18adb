//! The discrete Fourier transform of series of any length.
//!
//! Powers of two by Cooley and Tukey's algorithm (1965), other lengths as a convolution by Bluestein's (1970), so that
//! time grows as n log n.

use std::cell::RefCell;
use std::f64::consts::PI;
use std::rc::Rc;

/// A complex number: real and imaginary part.
pub(super) type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn turn(angle: f64) -> Complex {
    (angle.cos(), angle.sin())
}

/// Longest series whose angles are kept for the next series.
const MAX_KEPT: usize = 1 << 13;
/// How many lengths are kept: of the series, and of the powers of two in which they are transformed.
const MAX_LENGTHS: usize = 8;

thread_local! {
    /// What a length needs is the same for each series, and most series of a query are as long as each other.
    static KEPT: RefCell<Vec<(usize, bool, Rc<Angles>)>> = const { RefCell::new(Vec::new()) };
}

/// `X[k] = Σ x[n] exp(-2πi k n / N)`; of the inverse the sign is turned and the result divided by N.
pub(super) fn transform(values: &[Complex], is_inverse: bool) -> Vec<Complex> {
    if values.is_empty() {
        return Vec::new();
    }
    let angles = angles(values.len(), is_inverse);
    let mut result = angles.transformed(values);
    if is_inverse {
        let scale = 1.0 / values.len() as f64;
        result.iter_mut().for_each(|value| *value = (value.0 * scale, value.1 * scale));
    }
    result
}

fn angles(length: usize, is_inverse: bool) -> Rc<Angles> {
    let known = KEPT.with_borrow(|kept| {
        let known = kept.iter().find(|(known, inverse, _)| *known == length && *inverse == is_inverse);
        known.map(|(.., angles)| Rc::clone(angles))
    });
    known.unwrap_or_else(|| {
        let angles = Rc::new(Angles::of(length, if is_inverse { 1.0 } else { -1.0 }));
        if length <= MAX_KEPT {
            KEPT.with_borrow_mut(|kept| {
                if kept.len() >= MAX_LENGTHS {
                    kept.remove(0);
                }
                kept.push((length, is_inverse, Rc::clone(&angles)));
            });
        }
        angles
    })
}

/// What a length needs, whatever the values are.
enum Angles {
    Power(Turns),
    Other(Chirp),
}

impl Angles {
    fn of(length: usize, sign: f64) -> Self {
        if length.is_power_of_two() {
            Angles::Power(Turns::of(length, sign))
        } else {
            Angles::Other(Chirp::of(length, sign))
        }
    }

    fn transformed(&self, values: &[Complex]) -> Vec<Complex> {
        match self {
            Angles::Power(turns) => {
                let mut result = values.to_vec();
                turns.transform(&mut result);
                result
            }
            Angles::Other(chirp) => chirp.transformed(values),
        }
    }
}

/// The turns of a length that is a power of two, step by step.
struct Turns(Vec<Vec<Complex>>);

impl Turns {
    fn of(length: usize, sign: f64) -> Self {
        let sizes = (1..=length.trailing_zeros()).map(|bits| 1_usize << bits);
        let turns = |size: usize| (0..size / 2).map(|k| turn(sign * 2.0 * PI * k as f64 / size as f64)).collect();
        Turns(sizes.map(turns).collect())
    }

    /// In place.
    fn transform(&self, values: &mut [Complex]) {
        let length = values.len();
        if length < 2 {
            return;
        }
        let shift = usize::BITS - length.trailing_zeros();
        for i in 0..length {
            let j = i.reverse_bits() >> shift;
            if i < j {
                values.swap(i, j);
            }
        }
        for turns in &self.0 {
            let half = turns.len();
            for block in values.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((low, high), turn) in low.iter_mut().zip(high).zip(turns) {
                    let (a, b) = (*low, times(*high, *turn));
                    *low = (a.0 + b.0, a.1 + b.1);
                    *high = (a.0 - b.0, a.1 - b.1);
                }
            }
        }
    }
}

/// What Bluestein's convolution takes.
struct Chirp {
    chirp: Vec<Complex>,
    /// The transformed conjugates.
    right: Vec<Complex>,
    forward: Turns,
    backward: Turns,
}

impl Chirp {
    fn of(length: usize, sign: f64) -> Self {
        // The square is taken modulo twice the length, so that the angle stays exact.
        let chirp: Vec<Complex> = (0..length)
            .map(|k| {
                let square = (k as u128 * k as u128 % (2 * length as u128)) as f64;
                turn(sign * PI * square / length as f64)
            })
            .collect();
        let padded = (2 * length - 1).next_power_of_two();
        let mut right = vec![(0.0, 0.0); padded];
        for (k, chirp) in chirp.iter().enumerate() {
            let conjugate = (chirp.0, -chirp.1);
            right[k] = conjugate;
            right[(padded - k) % padded] = conjugate;
        }
        let (forward, backward) = (Turns::of(padded, -1.0), Turns::of(padded, 1.0));
        forward.transform(&mut right);
        Chirp { chirp, right, forward, backward }
    }

    fn transformed(&self, values: &[Complex]) -> Vec<Complex> {
        let padded = self.right.len();
        let mut left = vec![(0.0, 0.0); padded];
        for (k, (value, chirp)) in values.iter().zip(&self.chirp).enumerate() {
            left[k] = times(*value, *chirp);
        }
        self.forward.transform(&mut left);
        left.iter_mut().zip(&self.right).for_each(|(left, right)| *left = times(*left, *right));
        self.backward.transform(&mut left);
        let scale = 1.0 / padded as f64;
        let scaled = left.into_iter().map(|value| (value.0 * scale, value.1 * scale));
        self.chirp.iter().zip(scaled).map(|(chirp, value)| times(value, *chirp)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(values: &[Complex]) -> Vec<Complex> {
        let length = values.len();
        (0..length)
            .map(|k| {
                values.iter().enumerate().fold((0.0, 0.0), |sum, (n, value)| {
                    let part = times(*value, turn(-2.0 * PI * (k * n % length) as f64 / length as f64));
                    (sum.0 + part.0, sum.1 + part.1)
                })
            })
            .collect()
    }

    #[test]
    fn all_lengths_agree_with_the_sum_and_come_back() {
        for length in [1_usize, 2, 3, 4, 5, 7, 8, 12, 16, 25, 60, 97, 128] {
            let values: Vec<Complex> = (0..length).map(|n| ((n * n % 7) as f64 - 2.0, (n % 3) as f64)).collect();
            let result = transform(&values, false);
            for (left, right) in result.iter().zip(direct(&values)) {
                assert!((left.0 - right.0).abs() < 1e-9 && (left.1 - right.1).abs() < 1e-9, "{length}");
            }
            for (left, right) in transform(&result, true).iter().zip(&values) {
                assert!((left.0 - right.0).abs() < 1e-9 && (left.1 - right.1).abs() < 1e-9, "{length}");
            }
        }
        assert!(transform(&[], true).is_empty());
    }
}
