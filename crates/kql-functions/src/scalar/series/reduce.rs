//! One number of one series or of two: sums, products, similarity.

use super::elementwise::resolve_pair;
use super::values::{Operand, dynamic, parameters, row_series};
use crate::Type::Real;
use crate::column::{Strings, real_results, reals, result_rows};
use crate::definition::{Definition, Kernel};
use crate::signature::count;
use crate::{Arg, EvalContext, Resolved};
use arrow::array::ArrayRef;

pub(super) static SERIES_SUM: Definition = of_one("series_sum", |args, _, ctx| reduce(args, ctx, add));
pub(super) static SERIES_PRODUCT: Definition =
    of_one("series_product", |args, _, ctx| reduce(args, ctx, |values| values.product()));
pub(super) static SERIES_MAGNITUDE: Definition =
    of_one("series_magnitude", |args, _, ctx| reduce(args, ctx, |values| add(&mut values.map(|x| x * x)).sqrt()));

const fn of_one(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(
        name,
        |args| {
            count(args, 1, 1)?;
            Ok(Resolved { parameters: vec![dynamic(args, 0)?], result: Real })
        },
        kernel,
    )
}

/// The sum, which is 0 of nothing: `Iterator::sum` begins with -0.0.
fn add(values: &mut dyn Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

/// Elements that are no numbers don't count.
fn reduce(args: &[Arg], ctx: &EvalContext, f: fn(&mut dyn Iterator<Item = f64>) -> f64) -> ArrayRef {
    let arrays = Strings::of(&args[0]);
    real_results(result_rows(args, ctx), |row| {
        let series = row_series(&arrays, row)?;
        Some(f(&mut series.values.iter().copied().flatten()))
    })
}

pub(super) static SERIES_DOT_PRODUCT: Definition = Definition::new(
    "series_dot_product",
    |args| resolve_pair(args, Real),
    |args, _, ctx| {
        let (lefts, rights) = (Strings::of(&args[0]), Strings::of(&args[1]));
        real_results(result_rows(args, ctx), |row| {
            let pairs = common(lefts.get(row)?, rights.get(row)?)?;
            Some(dot(&pairs))
        })
    },
);

/// The pairs of numbers up to the shorter length; nothing if a series is empty.
fn common(left: &str, right: &str) -> Option<Vec<(f64, f64)>> {
    let (left, right) = (Operand::parse(left)?, Operand::parse(right)?);
    let length = left.len().into_iter().chain(right.len()).min()?;
    let pairs = (0..length).filter_map(|at| Some((left.at(at)?, right.at(at)?))).collect();
    (length > 0).then_some(pairs)
}

fn dot(pairs: &[(f64, f64)]) -> f64 {
    add(&mut pairs.iter().map(|(x, y)| x * y))
}

pub(super) static SERIES_COSINE_SIMILARITY: Definition = Definition::new(
    "series_cosine_similarity",
    |args| Ok(Resolved { parameters: parameters(args, 2, &[Real, Real], 2)?, result: Real }),
    |args, _, ctx| {
        let (lefts, rights) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let magnitudes = [args.get(2).map(reals), args.get(3).map(reals)];
        real_results(result_rows(args, ctx), |row| {
            let pairs = common(lefts.get(row)?, rights.get(row)?)?;
            let given = |index: usize| magnitudes[index].as_ref().map(|column| column.get(row));
            let left = match given(0) {
                Some(magnitude) => magnitude?,
                None => pairs.iter().map(|(x, _)| x * x).sum::<f64>().sqrt(),
            };
            let right = match given(1) {
                Some(magnitude) => magnitude?,
                None => pairs.iter().map(|(_, y)| y * y).sum::<f64>().sqrt(),
            };
            Some(dot(&pairs) / (left * right))
        })
    },
);

pub(super) static SERIES_PEARSON_CORRELATION: Definition = Definition::new(
    "series_pearson_correlation",
    |args| {
        count(args, 2, 2)?;
        Ok(Resolved { parameters: vec![dynamic(args, 0)?, dynamic(args, 1)?], result: Real })
    },
    |args, _, ctx| {
        let (lefts, rights) = (Strings::of(&args[0]), Strings::of(&args[1]));
        real_results(result_rows(args, ctx), |row| {
            let (left, right) = (row_series(&lefts, row)?.complete()?, row_series(&rights, row)?.complete()?);
            (left.len() == right.len() && !left.is_empty()).then(|| correlation(&left, &right))
        })
    },
);

/// Pearson's correlation coefficient: covariance over the product of the standard deviations.
fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (left_mean, right_mean) = (mean(left), mean(right));
    let (mut both, mut left_squares, mut right_squares) = (0.0, 0.0, 0.0);
    for (x, y) in left.iter().zip(right) {
        let (x, y) = (x - left_mean, y - right_mean);
        both += x * y;
        left_squares += x * x;
        right_squares += y * y;
    }
    both / (left_squares.sqrt() * right_squares.sqrt())
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long, Value::Real};

    #[test]
    fn a_series_becomes_one_number() {
        check("series_sum", &[json("[1,2,3,4]")], Real(10.0));
        check("series_product", &[json("[1,2,null,4]")], Real(8.0));
        check("series_magnitude", &[json("[3,4]")], Real(5.0));
        check("series_sum", &[json("1")], Value::Null(Type::Real));
    }

    #[test]
    fn two_series_become_one_number() {
        check("series_dot_product", &[json("[1,2,4]"), json("[4,2]")], Real(8.0));
        check("series_dot_product", &[json("[1,2,4]"), Long(2)], Real(14.0));
        check("series_dot_product", &[json("[]"), Long(2)], Value::Null(Type::Real));
        check("series_cosine_similarity", &[json("[1,0]"), json("[1,1]")], Real(0.5_f64.sqrt()));
        check("series_cosine_similarity", &[json("[1,0]"), json("[1,1]"), Real(2.0), Real(4.0)], Real(0.125));
        check("series_pearson_correlation", &[json("[1,2,3]"), json("[3,2,1]")], Real(-1.0));
        check("series_pearson_correlation", &[json("[1,2,3]"), json("[3,2]")], Value::Null(Type::Real));
        check("series_pearson_correlation", &[json("[1,null]"), json("[3,2]")], Value::Null(Type::Real));
    }
}
