//! `series_fir` and `series_iir`: linear filters. What lies before the first element counts as 0.

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

/// `y[i] = Σ f[j] x[i - j]`, moved half a filter to the left where it is centered.
fn fir(values: &[Option<f64>], filter: &[f64], divisor: f64, center: bool) -> Vec<Option<f64>> {
    let lead = if center { (filter.len() - 1) / 2 } else { 0 };
    let at = |place: Option<usize>| place.and_then(|place| values.get(place)).copied().unwrap_or(Some(0.0));
    (0..values.len())
        .map(|i| {
            let sum: Option<f64> =
                filter.iter().enumerate().map(|(j, weight)| Some(weight * at((i + lead).checked_sub(j))?)).sum();
            sum.map(|sum| sum / divisor)
        })
        .collect()
}

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
            if numerators.is_empty() || denominators.first().is_none_or(|first| *first == 0.0) {
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
    }

    #[test]
    fn recursive_filters_add_up() {
        check("series_iir", &[json("[1,2,3]"), json("[1]"), json("[1,-1]")], json("[1.0,3.0,6.0]"));
        check("series_iir", &[json("[4,4]"), json("[1]"), json("[2]")], json("[2.0,2.0]"));
        check("series_iir", &[json("[1]"), json("[1]"), json("[0]")], Value::Null(Type::Dynamic));
    }
}
