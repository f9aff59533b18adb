//! The figures that are known of real tenants, and how far a measured one may lie from them.

use serde::Serialize;

/// How far a measured figure may lie from its anchor, in percent of the anchor.
pub const TOLERANCE_PERCENT: f64 = 25.0;

/// What is known of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// It was measured as this.
    About(f64),
    /// It lies between these.
    Between(f64, f64),
    /// It is no less.
    AtLeast(f64),
}

impl Expectation {
    /// How far `value` lies from what is known, in percent of it; 0 within a range.
    pub fn deviation_percent(self, value: f64) -> f64 {
        let nearest = match self {
            Self::About(anchor) => anchor,
            Self::Between(low, high) => value.clamp(low, high),
            Self::AtLeast(low) => value.max(low),
        };
        if nearest == 0.0 { 0.0 } else { (value - nearest) / nearest * 100.0 }
    }

    /// Whether `value` is near enough.
    pub fn holds(self, value: f64) -> bool {
        self.deviation_percent(value).abs() <= TOLERANCE_PERCENT
    }
}

/// A figure that is known, and from where.
#[derive(Debug)]
pub(super) struct Anchor {
    /// Stable key.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) expected: Expectation,
    pub(super) source: &'static str,
}

const fn anchor(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    expected: Expectation,
    source: &'static str,
) -> Anchor {
    Anchor { id, title, unit, expected, source }
}

use Expectation::{About, AtLeast, Between};

const TENANTS: &str = "two small public tenants";
const LANL: &str = "Los Alamos National Laboratory, host and network data";
const INVICTUS: &str = "unified audit of a public Microsoft 365 investigation";
const STATED: &str = "the distribution rules this tenant follows";

/// All anchors, in the order of the report. Los Alamos' shares by kind of event are in `counters::LogonClass`.
pub(super) static ANCHORS: [Anchor; 23] = [
    anchor("interactive-median", "interactive sign-ins per active account and day, median", "", About(8.0), TENANTS),
    anchor("interactive-failures", "interactive sign-ins that fail or are interrupted", "%", Between(5.0, 8.0), STATED),
    anchor("interrupts", "interrupts for each true failure", "", AtLeast(1.0), STATED),
    anchor("two-factors", "interactive sign-ins with a second factor", "%", About(40.0), STATED),
    anchor("legacy", "interactive sign-ins by legacy protocols", "%", Between(1.0, 3.0), STATED),
    anchor("busiest", "share of cloud events by the busiest 5 % of accounts", "%", About(30.0), STATED),
    anchor(
        "weekend",
        "interactive sign-ins of a day at the weekend, of a working day's",
        "%",
        Between(5.0, 8.0),
        STATED,
    ),
    anchor("morning", "an hour of 9 to 11, of the lunch hour's", "×", AtLeast(1.3), STATED),
    anchor("afternoon", "an hour of 13 to 16, of the lunch hour's", "×", AtLeast(1.3), STATED),
    anchor("app-slope", "slope of application popularity (Zipf), ranks 1 to 30", "", About(1.0), STATED),
    anchor("apps", "applications that people open", "", About(60.0), STATED),
    anchor("repertoire", "applications of an account, median", "", Between(4.0, 15.0), STATED),
    anchor("programs", "accounts for each program that signs in", "", About(3.0), STATED),
    anchor("sign-in-json", "bytes of an interactive sign-in in JSON", "kB", About(5.1), TENANTS),
    anchor("sign-in-csv", "bytes of an interactive sign-in in CSV", "kB", About(2.0), TENANTS),
    anchor("audit-bytes", "bytes of a unified audit record", "kB", About(1.4), INVICTUS),
    anchor("audit-services", "unified audit records by services, of unique ones", "%", About(70.0), INVICTUS),
    anchor("audit-copies", "copies of a unified audit record", "", About(1.79), INVICTUS),
    anchor("audit-exchange", "unified audit: Exchange", "%", About(75.0), INVICTUS),
    anchor("audit-entra", "unified audit: Entra ID", "%", About(18.0), INVICTUS),
    anchor("audit-compliance", "unified audit: security and compliance", "%", About(3.0), INVICTUS),
    anchor("audit-files", "unified audit: SharePoint and OneDrive", "%", About(4.0), INVICTUS),
    anchor("downloads", "files that an account downloads on a day with any, median", "", About(4.0), STATED),
];

/// Source of [`super::counters::LogonClass::ALL`].
pub(super) const LOGON_SOURCE: &str = LANL;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_counted_from_the_nearest_expected_value() {
        assert_eq!(About(8.0).deviation_percent(10.0), 25.0);
        assert!(About(8.0).holds(10.0) && !About(8.0).holds(10.1) && About(8.0).holds(6.0));
        assert_eq!(Between(5.0, 8.0).deviation_percent(6.0), 0.0);
        assert!(Between(5.0, 8.0).holds(10.0) && !Between(5.0, 8.0).holds(3.7));
        assert!(AtLeast(1.0).holds(40.0) && !AtLeast(1.0).holds(0.5));
    }
}
