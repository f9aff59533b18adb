//! `series_seasonal`: the part of a series that comes again.

use super::lists::SeriesRows;
use super::periods::detect;
use super::values::{parameters, row_numbers, write_reals};
use crate::Resolved;
use crate::Type::{Dynamic, Long};
use crate::column::{longs, result_rows, written_nullable};
use crate::definition::Definition;

/// The score that a period must have to be taken, as the function's page says.
const THRESHOLD: f64 = 0.7;

pub(super) static SERIES_SEASONAL: Definition = Definition::new(
    "series_seasonal",
    |args| Ok(Resolved { parameters: parameters(args, 1, &[Long], 1)?, result: Dynamic }),
    |args, _, ctx| {
        let (arrays, periods) = (SeriesRows::of(&args[0]), args.get(1).map(longs));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(values) = row_numbers(&arrays, row) else { return false };
            let asked = periods.as_ref().map_or(Some(AUTOMATIC), |column| column.get(row));
            let period = period_of(&values, asked.unwrap_or(0), THRESHOLD);
            write_reals(out, &seasonal(&values, period, values.len()));
            true
        })
    },
)
.of_series();

/// The argument that asks for the period to be detected.
pub(super) const AUTOMATIC: i64 = -1;

/// Shortest and, as a part of the length, longest period that is detected.
const SHORTEST: f64 = 4.0;

/// The period that an argument asks for; 0 for none.
pub(super) fn period_of(values: &[f64], asked: i64, threshold: f64) -> usize {
    if asked != AUTOMATIC {
        return usize::try_from(asked).unwrap_or(0);
    }
    let best = detect(values, SHORTEST, values.len() as f64 / 2.0).into_iter().next();
    best.filter(|(_, score)| *score >= threshold).map_or(0, |(period, _)| period as usize)
}

/// For each of `length` places the median of the known values at the same place of all periods; 0 without a period.
pub(super) fn seasonal(known: &[f64], period: usize, length: usize) -> Vec<f64> {
    if period == 0 || period >= known.len() {
        return vec![0.0; length];
    }
    let medians: Vec<f64> =
        (0..period).map(|phase| median(known.iter().skip(phase).step_by(period).copied().collect())).collect();
    (0..length).map(|at| medians[at % period]).collect()
}

/// The middle value, or the mean of the two in the middle; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.get(middle) {
        None => 0.0,
        Some(upper) if values.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(values[middle - 1], *upper),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn phases_become_their_medians() {
        check("series_seasonal", &[json("[1,2,3,4,5,6]"), Long(2)], json("[3.0,4.0,3.0,4.0,3.0,4.0]"));
        check("series_seasonal", &[json("[1,3,5,2,4,6]"), Long(3)], json("[1.5,3.5,5.5,1.5,3.5,5.5]"));
        check("series_seasonal", &[json("[1,2]"), Long(0)], json("[0.0,0.0]"));
        check("series_seasonal", &[json("[1,2]"), Long(-7)], json("[0.0,0.0]"));
        check("series_seasonal", &[json("[1,null]")], Value::Null(Type::Dynamic));
    }

    #[test]
    fn a_period_is_found_if_it_fits_more_than_twice() {
        check(
            "series_seasonal",
            &[json("[2,5,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1,2,3,4,3,2,1]")],
            json(
                "[1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0,2.0,3.0,4.0,3.0,2.0,1.0]",
            ),
        );
        check(
            "series_seasonal",
            &[json("[1,3,5,2,4,6,1,3,5,2,4,6]")],
            json("[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]"),
        );
    }
}
