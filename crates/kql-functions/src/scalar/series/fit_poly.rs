//! `series_fit_poly`: the polynomial of least squares.

use super::fit_line::rsquare;
use super::values::{parameters, row_numbers, write_number, write_reals, write_results};
use crate::Type::{Dynamic, Int, Real};
use crate::column::{Strings, ints, result_rows, written_nullable};
use crate::definition::Definition;
use crate::{Resolved, Type};

const RESULTS: &[(&str, Type)] =
    &[("rsquare", Real), ("coefficients", Dynamic), ("variance", Real), ("rvariance", Real), ("poly_fit", Dynamic)];

/// Highest degree: beyond it, powers in a real say nothing any more.
const MAX_DEGREE: usize = 32;

pub(super) static SERIES_FIT_POLY: Definition = Definition::new(
    "series_fit_poly",
    |args| Ok(Resolved { parameters: parameters(args, 2, &[Int], 1)?, result: Dynamic }),
    |args, _, ctx| {
        let arrays = Strings::of(&args[0]);
        let (places, degrees) = (args.get(1).map(Strings::of), args.get(2).map(ints));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(values) = row_numbers(&arrays, row) else { return false };
            let places = match &places {
                None => Some((1..=values.len()).map(|x| x as f64).collect()),
                Some(column) => row_numbers(column, row),
            };
            let degree = degrees.as_ref().map_or(Some(1), |column| column.get(row));
            let degree = degree.and_then(|degree| usize::try_from(degree).ok());
            let (Some(places), Some(degree)) = (places, degree) else { return false };
            let Some(fit) = Polynomial::fit(&places, &values, degree) else { return false };
            write_results(ctx, out, RESULTS.len(), |index, out| match index {
                0 => write_number(out, Some(fit.rsquare), false),
                1 => write_reals(out, &fit.coefficients),
                2 => write_number(out, Some(fit.variance), false),
                3 => write_number(out, Some(fit.rvariance), false),
                _ => write_reals(out, &fit.values),
            });
            true
        })
    },
)
.results(RESULTS);

#[derive(Debug)]
struct Polynomial {
    rsquare: f64,
    /// From the highest power to the lowest.
    coefficients: Vec<f64>,
    variance: f64,
    rvariance: f64,
    values: Vec<f64>,
}

impl Polynomial {
    /// Nothing where there are not more values than powers, or where two series differ in length.
    fn fit(places: &[f64], values: &[f64], degree: usize) -> Option<Self> {
        let count = values.len();
        if places.len() != count || count < 2 || degree + 1 > count || degree > MAX_DEGREE {
            return None;
        }
        let low = places.iter().copied().fold(f64::INFINITY, f64::min);
        let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (center, scale) = (f64::midpoint(low, high), (high - low) / 2.0);
        if scale <= 0.0 {
            return None;
        }
        // Places between -1 and 1 keep the powers of one size.
        let scaled: Vec<f64> = places.iter().map(|x| (x - center) / scale).collect();
        let solution = least_squares(&scaled, values, degree + 1)?;
        let fitted: Vec<f64> = scaled.iter().map(|x| solution.iter().rev().fold(0.0, |sum, c| sum * x + c)).collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let total: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
        let rest: f64 = values.iter().zip(&fitted).map(|(y, fit)| (y - fit) * (y - fit)).sum();
        let mut coefficients = unscaled(&solution, center, scale);
        coefficients.reverse();
        let degrees = (count - 1) as f64;
        Some(Polynomial {
            rsquare: rsquare(total, rest),
            coefficients,
            variance: total / degrees,
            rvariance: rest / degrees,
            values: fitted,
        })
    }
}

/// The coefficients, lowest power first, that come nearest to `values`, by Householder reflections of the matrix of
/// powers (Golub and Van Loan, Matrix Computations, 5.3).
fn least_squares(places: &[f64], values: &[f64], powers: usize) -> Option<Vec<f64>> {
    let rows = places.len();
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(powers + 1);
    columns.push(vec![1.0; rows]);
    for power in 1..powers {
        columns.push(columns[power - 1].iter().zip(places).map(|(previous, x)| previous * x).collect());
    }
    columns.push(values.to_vec());
    let mut diagonal = Vec::with_capacity(powers);
    for k in 0..powers {
        let norm = columns[k][k..].iter().map(|x| x * x).sum::<f64>().sqrt();
        let head = columns[k][k];
        let alpha = if head > 0.0 { -norm } else { norm };
        let mut reflector = columns[k][k..].to_vec();
        reflector[0] -= alpha;
        let square: f64 = reflector.iter().map(|x| x * x).sum();
        diagonal.push(alpha);
        if square == 0.0 {
            continue;
        }
        for column in &mut columns[k + 1..] {
            let product: f64 = reflector.iter().zip(&column[k..]).map(|(v, x)| v * x).sum();
            let factor = 2.0 * product / square;
            column[k..].iter_mut().zip(&reflector).for_each(|(x, v)| *x -= factor * v);
        }
    }
    let mut solution = vec![0.0; powers];
    for k in (0..powers).rev() {
        let known: f64 = (k + 1..powers).map(|j| columns[j][k] * solution[j]).sum();
        if diagonal[k] == 0.0 {
            return None;
        }
        solution[k] = (columns[powers][k] - known) / diagonal[k];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// The coefficients of p((x - center) / scale) in powers of x, lowest first.
fn unscaled(coefficients: &[f64], center: f64, scale: f64) -> Vec<f64> {
    let mut result: Vec<f64> = Vec::with_capacity(coefficients.len());
    // Horner's scheme with polynomials: result = result * (x - center) / scale + c.
    for coefficient in coefficients.iter().rev() {
        let mut next = vec![0.0; result.len() + 1];
        for (power, value) in result.iter().enumerate() {
            next[power + 1] += value / scale;
            next[power] -= value * center / scale;
        }
        next[0] += coefficient;
        result = next;
    }
    result.truncate(coefficients.len());
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, json};

    fn close(left: &[f64], right: &[f64]) {
        assert_eq!(left.len(), right.len());
        left.iter().zip(right).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{left:?} {right:?}"));
    }

    #[test]
    fn polynomials_are_found_again() {
        let places: Vec<f64> = (0..20).map(|i| f64::from(i) * 0.3 - 2.0).collect();
        let values: Vec<f64> = places.iter().map(|x| x.powi(5) - 8.0 * x.powi(3) + 10.0 * x + 6.0).collect();
        let fit = Polynomial::fit(&places, &values, 5).unwrap();
        close(&fit.coefficients, &[1.0, 0.0, -8.0, 0.0, 10.0, 6.0]);
        close(&fit.values, &values);
        assert!(fit.rsquare > 0.999_999);
    }

    #[test]
    fn the_first_degree_is_the_line() {
        let values = [2.0, 5.0, 6.0, 8.0, 11.0, 15.0];
        let places: Vec<f64> = (1..=6).map(f64::from).collect();
        let fit = Polynomial::fit(&places, &values, 1).unwrap();
        let line = super::super::fit_line::Line::fit(&values).unwrap();
        close(&fit.coefficients, &[line.slope, line.interception]);
        close(&[fit.rsquare, fit.variance, fit.rvariance], &[line.rsquare, line.variance, line.rvariance]);
    }

    #[test]
    fn what_cannot_be_fitted_is_null() {
        check("series_fit_poly", &[json("[1,null]")], Value::Null(Dynamic));
        check("series_fit_poly", &[json("[1,2,3]"), json("[1,2]")], Value::Null(Dynamic));
        check("series_fit_poly", &[json("[1,2]"), json("[1,2]"), Value::Int(2)], Value::Null(Dynamic));
        check("series_fit_poly", &[json("[1,2]"), json("[3,3]"), Value::Int(1)], Value::Null(Dynamic));
    }
}
