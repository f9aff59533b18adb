//! The discrete Fourier transform of series of any length.
//!
//! Powers of two by Cooley and Tukey's algorithm (1965), other lengths as a convolution by Bluestein's (1970), so that
//! time grows as n log n.

use std::f64::consts::PI;

/// A complex number: real and imaginary part.
pub(super) type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn turn(angle: f64) -> Complex {
    (angle.cos(), angle.sin())
}

/// `X[k] = Σ x[n] exp(-2πi k n / N)`; of the inverse the sign is turned and the result divided by N.
pub(super) fn transform(values: &[Complex], is_inverse: bool) -> Vec<Complex> {
    let sign = if is_inverse { 1.0 } else { -1.0 };
    let mut result = values.to_vec();
    if values.len().is_power_of_two() {
        radix_two(&mut result, sign);
    } else if !values.is_empty() {
        result = bluestein(values, sign);
    }
    if is_inverse {
        let scale = 1.0 / values.len().max(1) as f64;
        result.iter_mut().for_each(|value| *value = (value.0 * scale, value.1 * scale));
    }
    result
}

/// In place; the length is a power of two.
fn radix_two(values: &mut [Complex], sign: f64) {
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
    let mut size = 2;
    while size <= length {
        let half = size / 2;
        let turns: Vec<Complex> = (0..half).map(|k| turn(sign * 2.0 * PI * k as f64 / size as f64)).collect();
        for block in values.chunks_exact_mut(size) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), turn) in low.iter_mut().zip(high).zip(&turns) {
                let (a, b) = (*low, times(*high, *turn));
                *low = (a.0 + b.0, a.1 + b.1);
                *high = (a.0 - b.0, a.1 - b.1);
            }
        }
        size *= 2;
    }
}

fn bluestein(values: &[Complex], sign: f64) -> Vec<Complex> {
    let length = values.len();
    // The square is taken modulo twice the length, so that the angle stays exact.
    let chirp: Vec<Complex> = (0..length)
        .map(|k| {
            let square = (k as u128 * k as u128 % (2 * length as u128)) as f64;
            turn(sign * PI * square / length as f64)
        })
        .collect();
    let padded = (2 * length - 1).next_power_of_two();
    let mut left = vec![(0.0, 0.0); padded];
    let mut right = vec![(0.0, 0.0); padded];
    for (k, (value, chirp)) in values.iter().zip(&chirp).enumerate() {
        left[k] = times(*value, *chirp);
        let conjugate = (chirp.0, -chirp.1);
        right[k] = conjugate;
        right[(padded - k) % padded] = conjugate;
    }
    radix_two(&mut left, -1.0);
    radix_two(&mut right, -1.0);
    let mut product: Vec<Complex> = left.iter().zip(&right).map(|(a, b)| times(*a, *b)).collect();
    radix_two(&mut product, 1.0);
    let scale = 1.0 / padded as f64;
    chirp.iter().zip(product).map(|(chirp, value)| times((value.0 * scale, value.1 * scale), *chirp)).collect()
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
