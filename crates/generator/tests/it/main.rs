//! The generated tenant as a whole.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod anchors;
mod folder;
mod output;
mod repeats;
mod truth;

use generator::{GenerateOptions, MIN_DAYS, MIN_USERS, ScenarioChoice};

/// The smallest tenant, with little of the log that takes longest.
fn small() -> GenerateOptions {
    GenerateOptions { users: MIN_USERS, days: MIN_DAYS, on_premises_permille: 30, ..GenerateOptions::default() }
}

/// A tenant that is large enough to be measured. In so small a tenant one attacker's downloads would be a large share of all,
/// and no public figure is of a tenant under ten attacks.
fn week() -> GenerateOptions {
    GenerateOptions { users: 200, days: 7, scenarios: ScenarioChoice::None, ..GenerateOptions::default() }
}
