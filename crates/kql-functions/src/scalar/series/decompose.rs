//! `series_decompose`, `series_decompose_anomalies` and `series_decompose_forecast`.
//!
//! In the order that the documentation gives: the seasonal part is taken from the series, the trend from what is left,
//! both make the baseline, and the residual is what the baseline does not explain.

use super::fit_line::Line;
use super::lists::{SeriesNumbers, SeriesRows, series_lists};
use super::outliers::{Fences, METHODS};
use super::seasonal::{AUTOMATIC, period_of, seasonal};
use super::values::{one_of, optional, parameters, row_numbers, write_numbers, write_reals, write_results};
use crate::Type::{Dynamic, Long, Real};
use crate::column::{Longs, Reals, Strings, longs, reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::{Arg, EvalContext, Resolved, Type};
use arrow::array::ArrayRef;

/// The score that a period must have to be taken.
const SEASONALITY_THRESHOLD: f64 = 0.6;
/// The score from which a value is an anomaly.
const ANOMALY_THRESHOLD: f64 = 1.5;

const TRENDS: &[&str] = &["avg", "linefit", "none"];

const PARTS: &[(&str, Type)] =
    &[("baseline", Dynamic), ("seasonal", Dynamic), ("trend", Dynamic), ("residual", Dynamic)];

const ANOMALIES: &[(&str, Type)] = &[("ad_flag", Dynamic), ("ad_score", Dynamic), ("baseline", Dynamic)];

const PARTS_NUMBERS: &[SeriesNumbers] = &[SeriesNumbers::Real; PARTS.len()];

const ANOMALIES_NUMBERS: &[SeriesNumbers] = &[SeriesNumbers::Whole, SeriesNumbers::Real, SeriesNumbers::Real];

pub(super) static SERIES_DECOMPOSE: Definition = Definition::new(
    "series_decompose",
    |args| {
        let parameters = parameters(args, 1, &[Long, Type::String, Long, Real], 1)?;
        one_of(args, 2, TRENDS)?;
        Ok(Resolved { parameters, result: Dynamic })
    },
    |args, _, ctx| {
        let (arrays, model) = (SeriesRows::of(&args[0]), Model::of(args, [1, 2, 3, 4], "avg"));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(parts) = model.parts(&arrays, row) else { return false };
            parts.write(ctx, out);
            true
        })
    },
)
.results(PARTS)
.of_series()
.series(PARTS_NUMBERS, |args, ctx| Model::of(args, [1, 2, 3, 4], "avg").part_lists(args, ctx));

/// The trend is a line unless another is asked for: the page's text names the average as default, but its example
/// without that argument shows the forecast follow the slope.
pub(super) static SERIES_DECOMPOSE_FORECAST: Definition = Definition::new(
    "series_decompose_forecast",
    |args| {
        let parameters = parameters(args, 1, &[Long, Long, Type::String, Real], 2)?;
        one_of(args, 3, TRENDS)?;
        Ok(Resolved { parameters, result: Dynamic })
    },
    |args, _, ctx| {
        let (arrays, model) = (SeriesRows::of(&args[0]), Model::of(args, [2, 3, 1, 4], "linefit"));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(parts) = model.parts(&arrays, row) else { return false };
            parts.write(ctx, out);
            true
        })
    },
)
.results(PARTS)
.of_series()
.series(PARTS_NUMBERS, |args, ctx| Model::of(args, [2, 3, 1, 4], "linefit").part_lists(args, ctx));

pub(super) static SERIES_DECOMPOSE_ANOMALIES: Definition = Definition::new(
    "series_decompose_anomalies",
    |args| {
        let parameters = parameters(args, 1, &[Real, Long, Type::String, Long, Type::String, Real], 1)?;
        one_of(args, 3, TRENDS)?;
        one_of(args, 5, METHODS)?;
        Ok(Resolved { parameters, result: Dynamic })
    },
    |args, _, ctx| {
        let detector = Detector::of(args);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(found) = detector.found(row) else { return false };
            write_results(ctx, out, ANOMALIES.len(), |index, out| match index {
                0 => write_numbers(out, found.flags().map(Some), true),
                1 => write_reals(out, &found.scores),
                _ => write_reals(out, &found.baseline),
            });
            true
        })
    },
)
.results(ANOMALIES)
.of_series()
.series(ANOMALIES_NUMBERS, |args, ctx| {
    let detector = Detector::of(args);
    series_lists(ANOMALIES_NUMBERS, result_rows(args, ctx), ctx, |row, lists| {
        let Some(found) = detector.found(row) else { return false };
        lists.push(0, found.flags());
        lists.push(1, found.scores.iter().copied());
        lists.push(2, found.baseline.iter().copied());
        true
    })
});

/// Finds the anomalies of each row.
struct Detector {
    arrays: SeriesRows,
    model: Model,
    thresholds: Option<Reals>,
    methods: Option<Strings>,
}

/// What was found in a series.
struct Anomalies {
    scores: Vec<f64>,
    baseline: Vec<f64>,
    threshold: f64,
}

impl Detector {
    fn of(args: &[Arg]) -> Self {
        Detector {
            arrays: SeriesRows::of(&args[0]),
            model: Model::of(args, [2, 3, 4, 6], "avg"),
            thresholds: optional(args, 1, reals),
            methods: optional(args, 5, Strings::of),
        }
    }

    fn found(&self, row: usize) -> Option<Anomalies> {
        let method = self.methods.as_ref().map_or("ctukey", |column| column.text(row));
        let (parts, fences) = (self.model.parts(&self.arrays, row)?, Fences::named(method, None, None)?);
        let threshold = self.thresholds.as_ref().and_then(|column| column.get(row)).unwrap_or(ANOMALY_THRESHOLD);
        let residuals: Vec<Option<f64>> = parts.residual.iter().copied().map(Some).collect();
        Some(Anomalies { scores: fences.scores(&residuals), baseline: parts.baseline, threshold })
    }
}

impl Anomalies {
    fn flags(&self) -> impl Iterator<Item = f64> {
        self.scores.iter().map(|score| flag(*score, self.threshold))
    }
}

fn flag(score: f64, threshold: f64) -> f64 {
    match score {
        score if score > threshold => 1.0,
        score if score < -threshold => -1.0,
        _ => 0.0,
    }
}

/// How to decompose: the arguments that the three functions share.
struct Model {
    seasonality: Option<Longs>,
    trend: Option<Strings>,
    default_trend: &'static str,
    test_points: Option<Longs>,
    threshold: Option<Reals>,
}

impl Model {
    /// `places` are those of seasonality, trend, test points and seasonality threshold.
    fn of(args: &[Arg], places: [usize; 4], default_trend: &'static str) -> Self {
        Model {
            seasonality: optional(args, places[0], longs),
            trend: optional(args, places[1], Strings::of),
            default_trend,
            test_points: optional(args, places[2], longs),
            threshold: optional(args, places[3], reals),
        }
    }

    /// The parts of each row as lists.
    fn part_lists(&self, args: &[Arg], ctx: &EvalContext) -> Vec<ArrayRef> {
        let arrays = SeriesRows::of(&args[0]);
        series_lists(PARTS_NUMBERS, result_rows(args, ctx), ctx, |row, lists| {
            let Some(parts) = self.parts(&arrays, row) else { return false };
            for (index, part) in parts.all().into_iter().enumerate() {
                lists.push(index, part.iter().copied());
            }
            true
        })
    }

    /// Nothing where an element is no number or the trend has an unknown name.
    fn parts(&self, arrays: &SeriesRows, row: usize) -> Option<Parts> {
        let values = row_numbers(arrays, row)?;
        let number = |column: &Option<Longs>, default: i64| column.as_ref().map_or(Some(default), |c| c.get(row));
        let test_points = usize::try_from(number(&self.test_points, 0)?).unwrap_or(0);
        let threshold = self.threshold.as_ref().and_then(|c| c.get(row)).unwrap_or(SEASONALITY_THRESHOLD);
        let known = &values[..values.len().saturating_sub(test_points)];
        let period = period_of(known, number(&self.seasonality, AUTOMATIC)?, threshold);
        let trend = self.trend.as_ref().map_or(self.default_trend, |column| column.text(row));
        Parts::of(&values, known.len(), period, trend)
    }
}

/// The parts of a series.
#[derive(Debug)]
struct Parts {
    baseline: Vec<f64>,
    seasonal: Vec<f64>,
    trend: Vec<f64>,
    residual: Vec<f64>,
}

impl Parts {
    /// Learns from the first `known` values.
    fn of(values: &[f64], known: usize, period: usize, trend: &str) -> Option<Self> {
        let length = values.len();
        let seasonal = seasonal(&values[..known], period, length);
        let rest: Vec<f64> = values[..known].iter().zip(&seasonal).map(|(value, part)| value - part).collect();
        let average = rest.iter().sum::<f64>() / rest.len().max(1) as f64;
        let trend = match trend {
            "none" => vec![0.0; length],
            "avg" => vec![average; length],
            "linefit" => Line::fit(&rest).map_or_else(|| vec![average; length], |line| line.values(length)),
            _ => return None,
        };
        let baseline: Vec<f64> = seasonal.iter().zip(&trend).map(|(seasonal, trend)| seasonal + trend).collect();
        let residual = values.iter().zip(&baseline).map(|(value, baseline)| value - baseline).collect();
        Some(Parts { baseline, seasonal, trend, residual })
    }

    fn all(&self) -> [&Vec<f64>; 4] {
        [&self.baseline, &self.seasonal, &self.trend, &self.residual]
    }

    fn write(&self, ctx: &EvalContext, out: &mut String) {
        let parts = self.all();
        write_results(ctx, out, parts.len(), |index, out| write_reals(out, parts[index]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::testing::{check, json, text};
    use crate::{Value, Value::Long};

    #[test]
    fn the_parts_add_up_to_the_series() {
        check(
            "series_decompose",
            &[json("[1,2,3,4]"), Long(0), text("linefit")],
            json("[[1.0,2.0,3.0,4.0],[0.0,0.0,0.0,0.0],[1.0,2.0,3.0,4.0],[0.0,0.0,0.0,0.0]]"),
        );
        check(
            "series_decompose",
            &[json("[1,5,1,5,2,4]"), Long(2)],
            json(
                "[[1.0,5.0,1.0,5.0,1.0,5.0],[1.0,5.0,1.0,5.0,1.0,5.0],[0.0,0.0,0.0,0.0,0.0,0.0],[0.0,0.0,0.0,0.0,1.0,-1.0]]",
            ),
        );
        check("series_decompose", &[json("[1,null]")], Value::Null(Dynamic));
    }

    #[test]
    fn forecasts_learn_from_all_but_the_last_points() {
        let parts = Parts::of(&[1.0, 2.0, 3.0, 0.0, 0.0], 3, 0, "linefit").unwrap();
        assert_eq!(parts.baseline, [1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn a_spike_is_an_anomaly() {
        let mut values: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
        values[17] += 50.0;
        values[30] -= 50.0;
        let json_values = format!("{values:?}");
        let found = crate::scalar::testing::results(
            "series_decompose_anomalies",
            &[json(&json_values), Value::Real(1.5), Long(0)],
        );
        let Value::Dynamic(found) = &found[0] else { panic!("{found:?}") };
        let found: Vec<Vec<f64>> = serde_json::from_str(found).unwrap();
        let flags: Vec<(usize, f64)> = found[0].iter().copied().enumerate().filter(|(_, flag)| *flag != 0.0).collect();
        assert_eq!(flags, [(17, 1.0), (30, -1.0)]);
    }
}
