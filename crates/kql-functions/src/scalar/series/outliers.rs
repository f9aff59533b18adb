//! `series_outliers`: scores by Tukey's fences.
//!
//! A value above the upper percentile scores its distance from it over the distance of the percentiles, one below the
//! lower the same negatively, all others 0. Percentiles are interpolated linearly. The score is scaled so that 1.5
//! means the same for all percentiles as for the quartiles, were the values normally distributed. Source: Kusto's
//! documentation of the function, and its makers' answer with a worked example at stackoverflow.com/q/75264555, which
//! gives the factor 2.7726056055 for the 10th and 90th percentile.

use super::lists::SeriesRows;
use super::values::{one_of, parameters, row_series, write_reals};
use crate::Type::{Dynamic, Real};
use crate::column::{Strings, reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::{Resolved, Type};

/// The names of the methods.
pub(super) const METHODS: &[&str] = &["tukey", "ctukey"];

pub(super) static SERIES_OUTLIERS: Definition = Definition::new(
    "series_outliers",
    |args| {
        let parameters = parameters(args, 1, &[Type::String, Real, Real, Real], 1)?;
        one_of(args, 1, METHODS)?;
        Ok(Resolved { parameters, result: Dynamic })
    },
    |args, _, ctx| {
        let (arrays, kinds) = (SeriesRows::of(&args[0]), args.get(1).map(Strings::of));
        let ignored = args.get(2).map(reals);
        let percentiles = [args.get(3).map(reals), args.get(4).map(reals)];
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(series) = row_series(&arrays, row) else { return false };
            let ignored = ignored.as_ref().and_then(|column| column.get(row));
            let values: Vec<Option<f64>> =
                series.values.iter().map(|value| value.filter(|value| Some(*value) != ignored)).collect();
            let given = |index: usize| percentiles[index].as_ref().and_then(|column| column.get(row));
            let method = kinds.as_ref().map_or("ctukey", |column| column.text(row));
            let Some(fences) = Fences::named(method, given(0), given(1)) else { return false };
            write_reals(out, &fences.scores(&values));
            true
        })
    },
)
.of_series();

/// Least and greatest percentile that may be asked for.
const PERCENTILES: std::ops::RangeInclusive<f64> = 2.0..=98.0;
/// The upper quartile of the normal distribution, as rounded by Kusto.
const UPPER_QUARTILE: f64 = 0.675;
/// The 90th percentile of the normal distribution as Kusto has it: it follows from the factor of the worked example.
/// (The true one is 1.2816.)
const UPPER_DECILE: f64 = 1.296_820_82;
/// The score at which an outlier begins.
const MILD: f64 = 1.5;

/// Between which percentiles values are normal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fences {
    low: f64,
    high: f64,
    factor: f64,
}

impl Fences {
    /// `tukey` with the quartiles, `ctukey` with the 10th and 90th percentile or those given.
    pub fn named(method: &str, low: Option<f64>, high: Option<f64>) -> Option<Self> {
        match method {
            "tukey" => Some(Fences { low: 25.0, high: 75.0, factor: 1.0 }),
            "ctukey" => {
                let (low, high) = (low.unwrap_or(10.0), high.unwrap_or(90.0));
                let is_valid = PERCENTILES.contains(&low) && PERCENTILES.contains(&high) && low < high;
                is_valid.then(|| Fences { low, high, factor: factor(low, high) })
            }
            _ => None,
        }
    }

    /// A score for each value; 0 for those without. Infinite where the percentiles are equal.
    pub fn scores(self, values: &[Option<f64>]) -> Vec<f64> {
        let mut sorted: Vec<f64> = values.iter().copied().flatten().filter(|value| !value.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (percentile(&sorted, self.low), percentile(&sorted, self.high));
        let score = |value: f64| {
            let distance = (value - value.clamp(low, high)) / (high - low);
            distance * self.factor
        };
        values
            .iter()
            .map(|value| match value {
                Some(value) if *value < low || *value > high => score(*value),
                _ => 0.0,
            })
            .collect()
    }
}

/// What makes the score of a normal value at Tukey's fence 1.5.
fn factor(low: f64, high: f64) -> f64 {
    let (low, high) = (normal_quantile(low), normal_quantile(high));
    // The fence lies 1.5 distances of the quartiles above the upper one.
    let fence = UPPER_QUARTILE + MILD * 2.0 * UPPER_QUARTILE;
    MILD * (high - low) / (fence - high)
}

/// The percentile between sorted values, interpolated; NaN of none.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = percent / 100.0 * last as f64;
    let (below, above) = (place.floor() as usize, (place.ceil() as usize).min(last));
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// Quantile of the normal distribution, by Wichura's algorithm AS 241 (PPND7, accurate to 7 digits), but for the two
/// percentiles of which Kusto's own value is known.
fn normal_quantile(percent: f64) -> f64 {
    match percent {
        10.0 => return -UPPER_DECILE,
        25.0 => return -UPPER_QUARTILE,
        75.0 => return UPPER_QUARTILE,
        90.0 => return UPPER_DECILE,
        _ => {}
    }
    let p = percent / 100.0;
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * (((59.109_374_72 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9)
            / (((67.187_563_6 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1.0);
    }
    let r = (-p.min(1.0 - p).ln()).sqrt() - 1.6;
    let size = (((0.170_238_211_03 * r + 1.306_728_481_6) * r + 2.756_815_39) * r + 1.423_437_277_7)
        / ((0.120_211_329_75 * r + 0.737_001_642_5) * r + 1.0);
    if q < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::testing::{check, json};
    use crate::{Value, Value::Long};

    fn close(left: &[f64], right: &[f64]) {
        assert_eq!(left.len(), right.len());
        left.iter().zip(right).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{left:?} {right:?}"));
    }

    /// The worked example of stackoverflow.com/q/75264555, with the answer of the real engine.
    #[test]
    fn scores_are_those_of_kusto() {
        let values = [-3.0, 2.4, 15.0, 3.9, 5.0, 6.0, 4.5, 5.2, 3.0, 4.0, 5.0, 16.0, 7.0, 5.0, 5.0, 4.0];
        let scores = Fences::named("ctukey", None, None).unwrap().scores(&values.map(Some));
        let (a, b, c, d) =
            (-1.904_078_548_360_857, -0.100_214_660_440_045, 1.336_195_472_533_934, 1.670_244_340_667_418);
        close(&scores, &[a, b, c, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, d, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn quartiles_need_no_factor_and_ignored_values_score_nothing() {
        let kind = || Value::String("tukey".to_owned());
        check("series_outliers", &[json("[1,2,3,4,5,null,13]"), kind()], json("[-0.5,-0.1,0.0,0.0,0.1,0.0,3.3]"));
        check("series_outliers", &[json("[1,2,3,4,5,13]"), kind(), Long(13)], json("[-0.5,0.0,0.0,0.0,0.5,0.0]"));
        check("series_outliers", &[json("[]")], json("[]"));
        check("series_outliers", &[json("[null,null]")], json("[0.0,0.0]"));
        check("series_outliers", &[json("1")], Value::Null(Dynamic));
    }

    #[test]
    fn percentiles_have_bounds() {
        let kind = || Value::String("ctukey".to_owned());
        let ask = |low, high| vec![json("[1,2,3]"), kind(), Value::Null(Real), Value::Real(low), Value::Real(high)];
        check("series_outliers", &ask(1.0, 90.0), Value::Null(Dynamic));
        check("series_outliers", &ask(80.0, 20.0), Value::Null(Dynamic));
        assert!((normal_quantile(97.5) - 1.959_964).abs() < 1e-6);
        assert!((normal_quantile(20.0) + 0.841_621).abs() < 1e-6);
    }
}
