//! `series_fir` and `series_iir`: linear filters. What lies before the first element counts as 0.

use super::transform::{Complex, transform};
use super::values::{parameters, row_numbers, row_series, write_numbers};
use crate::Resolved;
use crate::Type::{Bool, Dynamic};
use crate::column::{Bools, Strings, result_rows, written_nullable};
use crate::definition::Definition;

pub(super) static SERIES_FIR: Definition = Definition::new(
    "series_fir",
    |args| Ok(Resolved { parameters: parameters(args, 2, &[Bool, Bool], 2)?, result: Dynamic }),
    |args, _, ctx| {
        let (arrays, filters) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let (normalize, center) = (args.get(2).map(Bools::of), args.get(3).map(Bools::of));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(series), Some(filter)) = (row_series(&arrays, row), row_numbers(&filters, row)) else {
                return false;
            };
            let has_negative = filter.iter().any(|weight| *weight < 0.0);
            let normalize = normalize.as_ref().and_then(|column| column.get(row)).unwrap_or(!has_negative);
            let center = center.as_ref().and_then(|column| column.get(row)).unwrap_or(false);
            if filter.is_empty() || normalize && has_negative {
                return false;
            }
            let divisor = if normalize { filter.iter().sum() } else { 1.0 };
            write_numbers(out, fir(&series.values, &filter, divisor, center), false);
            true
        })
    },
);

/// Longer filters are applied by Fourier transform, so that time does not grow with the product of two lengths.
const MAX_DIRECT: usize = 256;

/// `y[i] = Σ f[j] x[i - j]`, moved half a filter to the left where it is centered. Null where the filter meets one.
fn fir(values: &[Option<f64>], filter: &[f64], divisor: f64, center: bool) -> Vec<Option<f64>> {
    let lead = if center { (filter.len() - 1) / 2 } else { 0 };
    let known: Vec<f64> =
        values.iter().map(|value| value.unwrap_or(0.0)).chain(std::iter::repeat_n(0.0, lead)).collect();
    let sums = if filter.len() > MAX_DIRECT { convolved(&known, filter) } else { convolved_directly(&known, filter) };
    let mut nulls = vec![0_usize];
    for value in values {
        nulls.push(nulls[nulls.len() - 1] + usize::from(value.is_none()));
    }
    (0..values.len())
        .map(|i| {
            let (from, to) = ((i + lead + 1).saturating_sub(filter.len()), (i + lead + 1).min(values.len()));
            (nulls[to] == nulls[from.min(to)]).then(|| sums[i + lead] / divisor)
        })
        .collect()
}

fn convolved_directly(values: &[f64], filter: &[f64]) -> Vec<f64> {
    let sum = |i: usize| filter.iter().zip(values[..=i].iter().rev()).fold(0.0, |sum, (f, x)| sum + f * x);
    (0..values.len()).map(sum).collect()
}

/// The same by the convolution theorem.
fn convolved(values: &[f64], filter: &[f64]) -> Vec<f64> {
    let length = (values.len() + filter.len()).next_power_of_two();
    let padded = |numbers: &[f64]| -> Vec<Complex> {
        numbers.iter().copied().chain(std::iter::repeat(0.0)).take(length).map(|x| (x, 0.0)).collect()
    };
    let (left, right) = (transform(&padded(values), false), transform(&padded(filter), false));
    let product: Vec<Complex> =
        left.iter().zip(&right).map(|(a, b)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)).collect();
    transform(&product, true).into_iter().take(values.len()).map(|x| x.0).collect()
}

/// Most coefficients of a recursive filter: each costs a step for each element. Longer ones give null.
const MAX_ORDER: usize = 1024;

pub(super) static SERIES_IIR: Definition = Definition::new(
    "series_iir",
    |args| Ok(Resolved { parameters: parameters(args, 3, &[], 3)?, result: Dynamic }),
    |args, _, ctx| {
        let (arrays, ups, downs) = (Strings::of(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(series), Some(numerators), Some(denominators)) =
                (row_series(&arrays, row), row_numbers(&ups, row), row_numbers(&downs, row))
            else {
                return false;
            };
            let is_long = numerators.len().max(denominators.len()) > MAX_ORDER;
            if is_long || numerators.is_empty() || denominators.first().is_none_or(|first| *first == 0.0) {
                return false;
            }
            write_numbers(out, iir(&series.values, &numerators, &denominators), false);
            true
        })
    },
);

/// `y[i] = (Σ b[j] x[i - j] - Σ a[j] y[i - j]) / a[0]`, with `j` from 1 in the second sum.
fn iir(values: &[Option<f64>], b: &[f64], a: &[f64]) -> Vec<Option<f64>> {
    let mut results: Vec<Option<f64>> = Vec::with_capacity(values.len());
    for i in 0..values.len() {
        let before = |from: &[Option<f64>], j: usize| i.checked_sub(j).map_or(Some(0.0), |at| from[at]);
        let input: Option<f64> = b.iter().enumerate().map(|(j, weight)| Some(weight * before(values, j)?)).sum();
        let back: Option<f64> =
            a.iter().enumerate().skip(1).map(|(j, weight)| Some(weight * before(&results, j)?)).sum();
        results.push(input.zip(back).map(|(input, back)| (input - back) / a[0]));
    }
    results
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn finite_filters_weigh_elements_before() {
        let spike = || json("[0,0,6,0,0]");
        check("series_fir", &[spike(), json("[1,1,1]")], json("[0.0,0.0,2.0,2.0,2.0]"));
        check("series_fir", &[spike(), json("[1,1,1]"), Bool(true), Bool(true)], json("[0.0,2.0,2.0,2.0,0.0]"));
        check("series_fir", &[json("[1,2,4]"), json("[1,-1]")], json("[1.0,1.0,2.0]"));
        check("series_fir", &[spike(), json("[1,-1]"), Bool(true)], Value::Null(Type::Dynamic));
        check("series_fir", &[json("[1,null,3]"), json("[1]")], json("[1.0,null,3.0]"));
        check("series_fir", &[json("[1,null,3,4]"), json("[1,1]"), Bool(false)], json("[1.0,null,null,7.0]"));
    }

    #[test]
    fn long_filters_give_the_same() {
        let values: Vec<f64> = (0..700_u32).map(|i| f64::from(i * i % 17)).collect();
        let filter: Vec<f64> = (0..300_u32).map(|i| f64::from(i % 5)).collect();
        for (a, b) in super::convolved(&values, &filter).iter().zip(super::convolved_directly(&values, &filter)) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn recursive_filters_add_up() {
        check("series_iir", &[json("[1,2,3]"), json("[1]"), json("[1,-1]")], json("[1.0,3.0,6.0]"));
        check("series_iir", &[json("[4,4]"), json("[1]"), json("[2]")], json("[2.0,2.0]"));
        check("series_iir", &[json("[1]"), json("[1]"), json("[0]")], Value::Null(Type::Dynamic));
    }
}
