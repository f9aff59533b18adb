//! `welch_test`: the probability that two samples have the same mean, their variances being different
//! (Welch, "The generalization of Student's problem", 1947).

use super::beta::regularized;
use crate::Type::Real;
use crate::column::{real_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static WELCH_TEST: Definition = Definition::new(
    "welch_test",
    |args| fixed(args, &[Real; 6], 6, Real),
    |args, _, ctx| {
        let columns: Vec<_> = args.iter().map(reals).collect();
        real_results(result_rows(args, ctx), |row| {
            let sample = |first: usize| {
                Some(Sample {
                    mean: columns[first].get(row)?,
                    variance: columns[first + 1].get(row)?,
                    count: columns[first + 2].get(row)?,
                })
            };
            Some(probability(&sample(0)?, &sample(3)?))
        })
    },
);

struct Sample {
    mean: f64,
    variance: f64,
    count: f64,
}

/// Two-sided, by Student's distribution with the degrees of freedom of Welch and Satterthwaite.
fn probability(left: &Sample, right: &Sample) -> f64 {
    let (a, b) = (left.variance / left.count, right.variance / right.count);
    let square = (left.mean - right.mean).powi(2) / (a + b);
    let freedom = (a + b).powi(2) / (a * a / (left.count - 1.0) + b * b / (right.count - 1.0));
    regularized(freedom / (freedom + square), freedom / 2.0, 0.5)
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Value::Long, Value::Real};

    #[test]
    fn equal_means_are_certain() {
        check("welch_test", &[Real(1.0), Real(2.0), Long(9), Real(1.0), Real(3.0), Long(7)], Real(1.0));
    }
}
