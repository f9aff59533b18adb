//! What real sign-in logs measure, held by the generated ones: a tenant of 200 accounts over a week.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::options::{Envelope, GenerateOptions, ScenarioChoice};
use crate::testing::{Generated, generated};

/// The week in the envelope of diagnostic settings; its fourth day in the portal's CSV comes from [`portal`].
fn week() -> &'static Generated {
    static WEEK: OnceLock<Generated> = OnceLock::new();
    WEEK.get_or_init(|| generated(&options(7, Envelope::Diagnostic)))
}

fn options(days: u32, envelope: Envelope) -> GenerateOptions {
    let scenarios = ScenarioChoice::None;
    GenerateOptions { users: 200, days, envelope, scenarios, on_premises_permille: 0, ..GenerateOptions::default() }
}

/// The properties of all interactive sign-ins.
fn rows() -> Vec<Value> {
    week().json("entra/signins").into_iter().map(|mut row| row["properties"].take()).collect()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// How many of `rows` have each value of `key`.
fn count<'a>(rows: &'a [Value], key: impl Fn(&'a Value) -> String) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(key(row)).or_default() += 1);
    counts
}

fn mean(records: &[&String]) -> usize {
    records.iter().map(|record| record.len()).sum::<usize>() / records.len().max(1)
}

#[test]
fn somebody_signs_in_about_eight_times_a_day() {
    let rows = rows();
    let days =
        count(&rows, |row| format!("{} {}", text(row, "userPrincipalName"), &text(row, "createdDateTime")[..10]));
    let mut counts: Vec<usize> = days.into_values().collect();
    counts.sort_unstable();
    let median = counts[counts.len() / 2];
    assert!((6..=10).contains(&median), "median {median}");
}

#[test]
fn interrupts_are_far_more_common_than_wrong_passwords() {
    let rows = rows();
    let codes = count(&rows, |row| row["status"]["errorCode"].to_string());
    let of = |list: &[&str]| -> usize { list.iter().filter_map(|code| codes.get(*code)).sum() };
    let permille = |number: usize| 1_000 * number / rows.len();
    let failed = permille(rows.len() - of(&["0"]));
    assert!((50..=80).contains(&failed), "{failed} of 1,000 with a result other than 0: {codes:?}");
    let interrupts = of(&["50140", "50058", "50074", "50076"]);
    assert!(interrupts > 3 * of(&["50126"]), "{codes:?}");
    assert!(permille(of(&["50053"])) <= 2, "{codes:?}");
}

#[test]
fn second_factors_and_old_protocols_have_their_share() {
    let rows = rows();
    let percent = |fits: fn(&Value) -> bool| 1_000 * rows.iter().filter(|row| fits(row)).count() / rows.len();
    let second = percent(|row| text(row, "authenticationRequirement") == "multiFactorAuthentication");
    assert!((300..=500).contains(&second), "{second} of 1,000 with a second factor");
    let old = percent(|row| !matches!(text(row, "clientAppUsed"), "Browser" | "Mobile Apps and Desktop clients"));
    assert!((10..=30).contains(&old), "{old} of 1,000 over old protocols");
}

#[test]
fn conditional_access_has_all_its_results() {
    let rows = rows();
    let results = count(&rows, |row| text(row, "conditionalAccessStatus").to_owned());
    assert!(["success", "failure", "notApplied"].iter().all(|name| results.contains_key(*name)), "{results:?}");
    let policies = rows.iter().flat_map(|row| row["appliedConditionalAccessPolicies"].as_array().into_iter().flatten());
    assert!(policies.into_iter().any(|policy| text(policy, "result") == "reportOnlyFailure"));
}

#[test]
fn records_have_the_bytes_of_real_ones() {
    let week = week();
    let json: Vec<&String> = week
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("entra/signins"))
        .flat_map(|(_, records)| records)
        .collect();
    let bytes = mean(&json);
    assert!((3_825..=6_375).contains(&bytes), "{bytes} bytes of JSON");
    let portal = generated(&options(3, Envelope::Portal));
    let csv: Vec<&String> = portal
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("entra/SigninLogs"))
        .flat_map(|(_, records)| records)
        .collect();
    let bytes = mean(&csv);
    assert!((1_500..=2_500).contains(&bytes), "{bytes} bytes of CSV");
}

#[test]
fn the_working_day_has_two_peaks_and_a_lunch() {
    // Only those of one zone: Rotterdam, in winter an hour ahead of UTC.
    let rows = rows();
    let near = |row: &Value| text(&row["location"], "countryOrRegion") == "NL";
    let mut hours = [0usize; 24];
    for row in rows.iter().filter(|row| near(row)) {
        let hour: usize = text(row, "createdDateTime")[11..13].parse().expect("an hour");
        hours[(hour + 1) % 24] += 1;
    }
    let (morning, lunch, afternoon) = (hours[9].max(hours[10]), hours[12].min(hours[13]), hours[14].max(hours[15]));
    assert!(lunch * 10 < morning * 9 && lunch * 10 < afternoon * 9, "{hours:?}");
    assert!(hours[..6].iter().sum::<usize>() * 10 < hours.iter().sum::<usize>(), "{hours:?}");
}

#[test]
fn few_applications_have_most_of_the_sign_ins() {
    let rows = rows();
    let mut apps: Vec<usize> = count(&rows, |row| text(row, "appId").to_owned()).into_values().collect();
    apps.sort_unstable_by(|a, b| b.cmp(a));
    // By Zipf's law over 60 applications the first has 21 %, the first ten have 62 %.
    let share = |first: usize| 100 * apps.iter().take(first).sum::<usize>() / rows.len();
    assert!((10..=30).contains(&share(1)) && (45..=75).contains(&share(10)), "{} {}", share(1), share(10));
    assert!(apps.len() > 40, "{}", apps.len());
}
