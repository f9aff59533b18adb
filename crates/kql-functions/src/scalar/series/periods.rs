//! `series_periods_detect` and `series_periods_validate`.
//!
//! A period is looked for as in Vlachos, Yu and Castelli, On Periodicity Detection and Structural Periodic Similarity
//! (SDM 2005): peaks of the periodogram are candidates, and each must be a peak of the autocorrelation between the
//! neighboring candidates' periods. The score is the circular autocorrelation at the period, scaled so that its least
//! value is 0 and that of lag 0 is 1: this gives the scores that Kusto's documentation and the real engine show.

use super::lists::SeriesRows;
use super::transform::{Complex, transform};
use super::values::{parameters, row_numbers, write_reals, write_results};
use crate::Type::{Dynamic, Long, Real};
use crate::column::{longs, reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::signature::count;
use crate::{Resolved, Type};

const RESULTS: &[(&str, Type)] = &[("periods", Dynamic), ("scores", Dynamic)];

/// Shortest period that can be detected.
const LEAST_PERIOD: usize = 4;
/// Most periods that can be validated at once.
const MAX_VALIDATED: usize = 16;
/// Most periods that can be asked for.
const MAX_DETECTED: i64 = 1024;

pub(super) static SERIES_PERIODS_DETECT: Definition = Definition::new(
    "series_periods_detect",
    |args| Ok(Resolved { parameters: parameters(args, 1, &[Real, Real, Long], 4)?, result: Dynamic }),
    |args, _, ctx| {
        let arrays = SeriesRows::of(&args[0]);
        let (least, most, wanted) = (reals(&args[1]), reals(&args[2]), longs(&args[3]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let (Some(values), Some(least), Some(most), Some(wanted)) =
                (row_numbers(&arrays, row), least.get(row), most.get(row), wanted.get(row))
            else {
                return false;
            };
            let wanted = usize::try_from(wanted.min(MAX_DETECTED)).unwrap_or(0);
            let mut found = detect(&values, least, most);
            found.resize(wanted, (0.0, 0.0));
            write_results(ctx, out, 2, |part, out| {
                let numbers: Vec<f64> = found.iter().map(|pair| if part == 0 { pair.0 } else { pair.1 }).collect();
                write_reals(out, &numbers);
            });
            true
        })
    },
)
.results(RESULTS)
.of_series();

pub(super) static SERIES_PERIODS_VALIDATE: Definition = Definition::new(
    "series_periods_validate",
    |args| {
        count(args, 2, 1 + MAX_VALIDATED)?;
        Ok(Resolved { parameters: parameters(args, 1, &[Real; MAX_VALIDATED], 2)?, result: Dynamic })
    },
    |args, _, ctx| {
        let (arrays, asked) = (SeriesRows::of(&args[0]), args[1..].iter().map(reals).collect::<Vec<_>>());
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(values) = row_numbers(&arrays, row) else { return false };
            let periods: Vec<f64> = asked.iter().map(|column| column.get(row).unwrap_or(f64::NAN)).collect();
            let spectrum = Spectrum::of(&values);
            write_results(ctx, out, 2, |part, out| match part {
                0 => write_reals(out, &periods),
                _ => write_reals(out, &periods.iter().map(|period| spectrum.validate(*period)).collect::<Vec<_>>()),
            });
            true
        })
    },
)
.results(RESULTS)
.of_series();

/// The periods of a series with their scores, best first.
pub(super) fn detect(values: &[f64], least: f64, most: f64) -> Vec<(f64, f64)> {
    let spectrum = Spectrum::of(values);
    let mut found: Vec<(usize, f64)> = Vec::new();
    for frequency in spectrum.peaks() {
        if let Some(lag) = spectrum.hill(frequency as f64)
            && (least..=most).contains(&(lag as f64))
            && found.iter().all(|(known, _)| *known != lag)
        {
            found.push((lag, spectrum.score(lag)));
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.into_iter().map(|(lag, score)| (lag as f64, score)).collect()
}

/// Periodogram and autocorrelation of a series.
#[derive(Debug)]
struct Spectrum {
    length: usize,
    /// By whole frequencies up to half the length.
    power: Vec<f64>,
    /// Circular, not divided by that of lag 0, up to half the length.
    correlation: Vec<f64>,
}

impl Spectrum {
    fn of(values: &[f64]) -> Self {
        let length = values.len();
        let mean = values.iter().sum::<f64>() / length.max(1) as f64;
        let centered: Vec<Complex> = values.iter().map(|value| (value - mean, 0.0)).collect();
        let powers: Vec<f64> = transform(&centered, false).iter().map(|x| x.0 * x.0 + x.1 * x.1).collect();
        let squares: Vec<Complex> = powers.iter().map(|power| (*power, 0.0)).collect();
        let half = length / 2 + 1;
        let correlation = transform(&squares, true).into_iter().take(half).map(|x| x.0).collect();
        Spectrum { length, power: powers.into_iter().take(half).collect(), correlation }
    }

    /// Frequencies whose power is no less than their neighbors', and more than the mean.
    fn peaks(&self) -> Vec<usize> {
        let mean = self.power.iter().sum::<f64>() / self.power.len().max(1) as f64;
        (2..self.power.len().saturating_sub(1))
            .filter(|at| {
                let power = self.power[*at];
                power > mean && power >= self.power[at - 1] && power >= self.power[at + 1]
            })
            .collect()
    }

    /// The lag of the highest autocorrelation from the period of the next higher frequency to that of the next lower
    /// one, unless it is an end of that range: then it is the slope of another hill.
    fn hill(&self, frequency: f64) -> Option<usize> {
        let length = self.length as f64;
        let first = (length / (frequency + 1.0)).floor() as usize;
        let longest = if frequency > 1.0 { length / (frequency - 1.0) } else { length };
        let last = (longest.ceil() as usize).min(self.correlation.len().checked_sub(1)?);
        let peak =
            (first..=last).max_by(|a, b| self.correlation[*a].total_cmp(&self.correlation[*b]).then(b.cmp(a)))?;
        (first < peak && peak < last && peak >= LEAST_PERIOD).then_some(peak)
    }

    /// Between 0 and 1.
    fn score(&self, lag: usize) -> f64 {
        let least = self.correlation.iter().copied().fold(f64::INFINITY, f64::min);
        let zero = self.correlation[0];
        if zero > least { ((self.correlation[lag] - least) / (zero - least)).min(1.0) } else { 0.0 }
    }

    /// The score of a period that is one, else 0.
    fn validate(&self, period: f64) -> f64 {
        let most = self.length as f64 / 2.0;
        if !(LEAST_PERIOD as f64..=most).contains(&period) {
            return 0.0;
        }
        match self.hill(self.length as f64 / period) {
            // Noise may move the peak a little.
            Some(lag) if (lag as f64 - period).abs() < (period / 100.0).max(1.0) => self.score(lag),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, json};

    /// Two days and seven of them, in halves of days: the documentation's example.
    const TRAFFIC: [f64; 60] = [
        80.0, 139.0, 87.0, 110.0, 68.0, 54.0, 50.0, 51.0, 53.0, 133.0, 86.0, 141.0, 97.0, 156.0, 94.0, 149.0, 95.0,
        140.0, 77.0, 61.0, 50.0, 54.0, 47.0, 133.0, 72.0, 152.0, 94.0, 148.0, 105.0, 162.0, 101.0, 160.0, 87.0, 63.0,
        53.0, 55.0, 54.0, 151.0, 103.0, 189.0, 108.0, 183.0, 113.0, 175.0, 113.0, 178.0, 90.0, 71.0, 62.0, 62.0, 65.0,
        165.0, 109.0, 181.0, 115.0, 182.0, 121.0, 178.0, 114.0, 170.0,
    ];

    #[test]
    fn the_documented_week_is_found_with_its_score() {
        let found = detect(&TRAFFIC, 0.0, 50.0);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 14.0);
        assert!((found[0].1 - 0.840_555_879_409_144_3).abs() < 1e-12);
        let spectrum = Spectrum::of(&TRAFFIC);
        assert!((spectrum.validate(14.0) - 0.840_555_879_409_144_3).abs() < 1e-12);
        assert_eq!(spectrum.validate(10.0), 0.0);
        assert_eq!(spectrum.validate(3.0), 0.0);
        assert_eq!(spectrum.validate(31.0), 0.0);
    }

    #[test]
    fn days_and_weeks_are_both_found() {
        let hourly: Vec<f64> = (0..24 * 7 * 5)
            .map(|t: u32| {
                let (hour, day) = (t % 24, t / 24 % 7);
                (if day >= 5 { 10.0 } else { 15.0 }) - f64::from((hour / 10) * (hour / 10))
                    + f64::from(t * 7 % 13) / 7.0
            })
            .collect();
        let periods: Vec<f64> = detect(&hourly, 4.0, 420.0).iter().map(|found| found.0).collect();
        assert_eq!(periods[0], 168.0, "{periods:?}");
        assert!(periods.contains(&24.0), "{periods:?}");
    }

    #[test]
    fn places_without_a_period_are_zero() {
        check(
            "series_periods_detect",
            &[json("[1,2,3]"), Value::Long(0), Value::Long(9), Value::Long(2)],
            json("[[0.0,0.0],[0.0,0.0]]"),
        );
        check("series_periods_validate", &[json("[1,1,1,1,1,1,1,1]"), Value::Long(4)], json("[[4.0],[0.0]]"));
        check("series_periods_validate", &[json("[1,null]"), Value::Long(4)], Value::Null(Dynamic));
    }
}
