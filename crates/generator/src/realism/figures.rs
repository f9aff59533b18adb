//! From counters to figures. All sums run in a fixed order, so that the same records give the same figures.

use std::collections::BTreeMap;

use serde::Serialize;

use super::counters::{Counters, Grid, LogonClass};
use crate::tenant::people::Kind;

/// Results that only interrupt a sign-in: nothing is wrong, but one more step is asked for.
pub(super) const INTERRUPTS: [i64; 4] = [50058, 50074, 50076, 50140];
/// Ranks over which the slope of application popularity is taken.
pub(super) const SLOPE_RANKS: usize = 30;
/// Share of the accounts that counts as the busiest, in percent.
const BUSIEST_PERCENT: usize = 5;
/// Points of the curve of shares.
const CURVE_POINTS: usize = 100;

/// What follows from the counters, for checks and drawings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    /// Interactive sign-ins per account and day with any: value and how often, values above the last in the last.
    pub(super) per_day: Vec<u64>,
    /// Their 10, 25, 50, 75, 90 and 99 % quantiles and the highest.
    pub(super) per_day_quantiles: [u64; 7],
    pub(super) interactive: u64,
    pub(super) non_interactive: u64,
    /// Share of all cloud events by the busiest accounts, in hundredths of accounts, percent.
    pub(super) activity_curve: Vec<f64>,
    pub(super) busiest_percent: Option<f64>,
    /// Interactive sign-ins by weekday (Monday first) and local hour.
    pub(super) week: Vec<Vec<u64>>,
    pub(super) weekend_percent: Option<f64>,
    pub(super) morning_to_lunch: Option<f64>,
    pub(super) afternoon_to_lunch: Option<f64>,
    /// Results of interactive sign-ins.
    pub(super) codes: BTreeMap<i64, u64>,
    pub(super) failed_percent: Option<f64>,
    pub(super) interrupts_per_failure: Option<f64>,
    pub(super) legacy_percent: Option<f64>,
    pub(super) two_factor_percent: Option<f64>,
    pub(super) known_device_percent: Option<f64>,
    /// Applications, the most popular first, with their interactive sign-ins.
    pub(super) apps: Vec<(String, u64)>,
    /// By how much popularity falls with rank, both as logarithms; 1 is Zipf's law.
    pub(super) app_slope: Option<f64>,
    pub(super) repertoire_median: Option<f64>,
    /// Entropy of an account's applications in bits: how often in steps of half a bit.
    pub(super) entropies: Vec<u64>,
    pub(super) entropy_median: Option<f64>,
    pub(super) accounts_per_program: Option<f64>,
    pub(super) audit_services_percent: Option<f64>,
    pub(super) audit_copies: Option<f64>,
    /// Unique records of the unified audit's sample with so many copies, from 1.
    pub(super) copies: Vec<u64>,
    /// Workloads' shares of unique records in percent.
    pub(super) workloads: BTreeMap<String, f64>,
    pub(super) downloads_median: Option<f64>,
    /// Shares of the kinds of authentication events, in percent, as [`LogonClass::ALL`].
    pub(super) logons: Vec<f64>,
    pub(super) logon_total: u64,
    pub(super) logons_per_user_and_day: Option<f64>,
    pub(super) ntlm_percent: Option<f64>,
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// The value at `permille` of sorted `values`.
fn quantile<T: Copy + Default>(values: &[T], permille: usize) -> T {
    values.get((values.len() * permille / 1_000).min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| quantile(&values, 500))
}

/// Highest value of `per_day` with a bar of its own.
const PER_DAY_HIGHEST: usize = 40;
/// Steps of `entropies`.
const ENTROPY_STEPS: usize = 10;

impl Figures {
    pub(super) fn of(counters: &Counters) -> Self {
        let sign_ins = &counters.sign_ins;
        let mut days: Vec<u16> = sign_ins.interactive.counted().collect();
        days.sort_unstable();
        let mut per_day = vec![0; PER_DAY_HIGHEST + 1];
        days.iter().for_each(|count| per_day[usize::from(*count).min(PER_DAY_HIGHEST)] += 1);
        let quantiles = [100, 250, 500, 750, 900, 990, 1_000].map(|at| u64::from(quantile(&days, at)));
        let interactive: u64 = sign_ins.codes.values().sum();
        let sum = |of: &dyn Fn(i64) -> bool| -> u64 {
            sign_ins.codes.iter().filter(|(code, _)| of(**code)).map(|(_, count)| count).sum()
        };
        let interrupts = sum(&|code| INTERRUPTS.contains(&code));
        let failures = sum(&|code| code != 0 && !INTERRUPTS.contains(&code));
        let (activity_curve, busiest_percent) = activity(counters);
        let hours = |range: std::ops::Range<usize>| -> f64 {
            let sum: u64 = sign_ins.week[..5].iter().flat_map(|day| &day[range.clone()]).sum();
            sum as f64 / range.len() as f64
        };
        let apps = apps(counters);
        let (repertoires, entropies) = user_apps(counters);
        let (entropy_steps, entropy_median) = (steps(&entropies), median(entropies));
        let programs = counters.programs.len() as f64;
        let audit = Audit::of(counters);
        let logon_total: u64 = counters.logons.iter().sum();
        let network = |class: LogonClass| counters.logons[class as usize];
        let [kerberos, ntlm] = [LogonClass::KerberosLogon, LogonClass::NtlmLogon].map(network);
        let user_days = counters.options.users as f64 * f64::from(counters.options.days);
        Self {
            per_day,
            per_day_quantiles: quantiles,
            interactive,
            non_interactive: sign_ins.non_interactive,
            activity_curve,
            busiest_percent,
            week: sign_ins.week.iter().map(|day| day.to_vec()).collect(),
            weekend_percent: weekend(counters),
            morning_to_lunch: ratio(hours(9..11), hours(12..13)),
            afternoon_to_lunch: ratio(hours(13..16), hours(12..13)),
            codes: sign_ins.codes.clone(),
            failed_percent: percent(interrupts + failures, interactive),
            interrupts_per_failure: ratio(interrupts as f64, failures as f64),
            legacy_percent: percent(sign_ins.legacy, interactive),
            two_factor_percent: percent(sign_ins.two_factors, interactive),
            known_device_percent: percent(sign_ins.known_device, interactive),
            app_slope: slope(&apps),
            apps,
            repertoire_median: median(repertoires),
            entropies: entropy_steps,
            entropy_median,
            accounts_per_program: ratio(counters.people.len() as f64, programs),
            audit_services_percent: audit.services,
            audit_copies: audit.copies_mean,
            copies: audit.copies,
            workloads: audit.workloads,
            downloads_median: downloads(&counters.office.downloads, audit.copies_mean),
            logons: counters.logons.iter().filter_map(|count| percent(*count, logon_total)).collect(),
            logon_total,
            logons_per_user_and_day: ratio(logon_total as f64, user_days).filter(|_| logon_total > 0),
            ntlm_percent: percent(ntlm, kerberos + ntlm),
        }
    }
}

/// Which share of all events the busiest accounts make.
fn activity(counters: &Counters) -> (Vec<f64>, Option<f64>) {
    // Accounts without any event are not in logs: dormant, disabled and emergency accounts.
    let mut events: Vec<u64> =
        counters.people.iter().map(|person| person.events).filter(|events| *events > 0).collect();
    events.sort_unstable_by(|a, b| b.cmp(a));
    let total: u64 = events.iter().sum();
    let share = |count: usize| percent(events[..count].iter().sum(), total);
    let point = |at: usize| share(events.len() * at / CURVE_POINTS).unwrap_or_default();
    ((0..=CURVE_POINTS).map(point).collect(), share(events.len() * BUSIEST_PERCENT / 100))
}

/// Interactive sign-ins of a Saturday or Sunday as a share of a working day's, in percent. The window's first and last days
/// count as they are in it.
fn weekend(counters: &Counters) -> Option<f64> {
    let mut days = [0_u64; 7];
    for day in 0..counters.options.days {
        let date = counters.options.start + chrono::TimeDelta::days(i64::from(day));
        days[chrono::Datelike::weekday(&date).num_days_from_monday() as usize] += 1;
    }
    let mean = |range: std::ops::Range<usize>| {
        let events: u64 = counters.sign_ins.week[range.clone()].iter().flatten().sum();
        ratio(events as f64, days[range].iter().sum::<u64>() as f64)
    };
    Some(mean(5..7)? * 100.0 / mean(0..5)?)
}

fn apps(counters: &Counters) -> Vec<(String, u64)> {
    let apps = &counters.sign_ins.apps;
    let mut list: Vec<(String, u64)> = apps.iter().map(|(name, (_, count))| (name.clone(), *count)).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}

/// Least squares over the logarithms of rank and count.
fn slope(apps: &[(String, u64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = (1..)
        .zip(apps.iter().take(SLOPE_RANKS))
        .map(|(rank, (_, count))| (f64::from(rank).ln(), (*count as f64).ln()))
        .collect();
    let count = points.len() as f64;
    let (x, y) =
        (points.iter().map(|(x, _)| x).sum::<f64>() / count, points.iter().map(|(_, y)| y).sum::<f64>() / count);
    let across: f64 = points.iter().map(|(a, b)| (a - x) * (b - y)).sum();
    let along: f64 = points.iter().map(|(a, _)| (a - x) * (a - x)).sum();
    ratio(-across, along)
}

/// How many applications each employee opens, and the entropy of which.
fn user_apps(counters: &Counters) -> (Vec<f64>, Vec<f64>) {
    let mut by_user: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for ((person, _), count) in &counters.sign_ins.user_apps {
        let kind = counters.people[*person as usize].kind;
        if matches!(kind, Kind::Member | Kind::Admin) {
            by_user.entry(*person).or_default().push(*count);
        }
    }
    let entropy = |counts: &mut Vec<u32>| {
        counts.sort_unstable();
        let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        counts.iter().map(|count| f64::from(*count) / total).map(|share| -share * share.log2()).sum::<f64>()
    };
    by_user.into_values().map(|mut counts| (counts.len() as f64, entropy(&mut counts))).unzip()
}

fn steps(entropies: &[f64]) -> Vec<u64> {
    let mut steps = vec![0; ENTROPY_STEPS];
    for entropy in entropies {
        steps[((entropy * 2.0) as usize).min(ENTROPY_STEPS - 1)] += 1;
    }
    steps
}

/// Of the days on which an account downloads anything; copies of records are divided out.
fn downloads(grid: &Grid, copies: Option<f64>) -> Option<f64> {
    let days: Vec<f64> = grid.counted().map(f64::from).collect();
    Some(median(days)? / copies?)
}

/// Unique records of the unified audit.
struct Audit {
    services: Option<f64>,
    copies_mean: Option<f64>,
    copies: Vec<u64>,
    workloads: BTreeMap<String, f64>,
}

/// Copies that are told apart in the drawing.
const COPIES_HIGHEST: usize = 6;

impl Audit {
    fn of(counters: &Counters) -> Self {
        let (mut unique, mut services, mut records) = (0, 0, 0);
        let mut copies = vec![0; COPIES_HIGHEST];
        let mut workloads = vec![0; counters.office.workloads.len()];
        for record in counters.office.sample.records() {
            unique += 1;
            services += u64::from(record.by_service);
            records += u64::from(record.copies);
            copies[(record.copies as usize - 1).min(COPIES_HIGHEST - 1)] += 1;
            workloads[usize::from(record.workload)] += 1;
        }
        let named = counters.office.workloads.iter().zip(workloads);
        let workloads = named.filter_map(|(name, count)| Some((name.clone(), percent(count, unique)?))).collect();
        Self {
            services: percent(services, unique),
            copies_mean: ratio(records as f64, unique as f64),
            copies,
            workloads,
        }
    }
}
