//! The figures beside their anchors.

use serde::Serialize;

use super::anchors::{ANCHORS, Expectation, LOGON_SOURCE};
use super::counters::{Counters, LogonClass};
use super::figures::Figures;
use super::html;
use crate::assumptions::{Assumption, assumptions};
use crate::options::LANL_LOGONS_PER_USER_AND_DAY;
use crate::truth::TruthOptions;

/// What was measured of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RealismReport {
    /// What was asked for.
    pub options: TruthOptions,
    /// Figures beside their anchors.
    pub checks: Vec<Check>,
    /// What was written, log by log.
    pub logs: Vec<LogMeasure>,
    /// Records whose text could not be read back; none, when all is well.
    pub unread: u64,
    /// What is not known of real tenants and was assumed.
    pub assumptions: Vec<Assumption>,
    pub(super) figures: Figures,
}

/// A figure beside its anchor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Stable key.
    pub id: String,
    /// What the figure is.
    pub title: String,
    /// Its unit; empty for plain numbers.
    pub unit: &'static str,
    /// What is known.
    pub expected: Expectation,
    /// From where it is known.
    pub source: &'static str,
    /// What was measured; none when no such record was written.
    pub measured: Option<f64>,
}

impl Check {
    /// How far the figure lies from what is known, in percent of that.
    pub fn deviation_percent(&self) -> Option<f64> {
        Some(self.expected.deviation_percent(self.measured?))
    }

    /// Whether the figure is near enough; none when there is none.
    pub fn holds(&self) -> Option<bool> {
        Some(self.expected.holds(self.measured?))
    }
}

/// The records of a log in one form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogMeasure {
    /// Beginning of its files' paths.
    pub log: String,
    /// How many, copies included.
    pub records: u64,
    /// Bytes without framing, before compression.
    pub bytes: u64,
    /// Bytes of half and of nine tenths of the records, at most.
    pub size_quantiles: [u64; 2],
    /// Seconds from event to arrival: of half, nine tenths, 99 hundredths, and all of the records, at most.
    pub delay_quantiles: [u64; 4],
    /// Share of the records that came after younger ones, in percent.
    pub out_of_order_percent: f64,
}

impl LogMeasure {
    /// Bytes of a record.
    pub fn bytes_per_record(&self) -> f64 {
        self.bytes as f64 / self.records.max(1) as f64
    }
}

impl RealismReport {
    pub(super) fn of(counters: &Counters) -> Self {
        let figures = Figures::of(counters);
        let logs: Vec<LogMeasure> = logs(counters);
        let mut checks: Vec<Check> = ANCHORS
            .iter()
            .map(|anchor| Check {
                id: anchor.id.into(),
                title: anchor.title.into(),
                unit: anchor.unit,
                expected: anchor.expected,
                source: anchor.source,
                measured: measured(anchor.id, &figures, &logs),
            })
            .collect();
        checks.extend(logon_checks(counters, &figures));
        Self {
            options: TruthOptions::from(&counters.options),
            checks,
            logs,
            unread: counters.unread,
            assumptions: assumptions(),
            figures,
        }
    }

    /// The check with key `id`.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The report as one HTML page that loads nothing.
    pub fn to_html(&self) -> String {
        html::page(self)
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        // Numbers, texts and maps with text keys cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

fn logs(counters: &Counters) -> Vec<LogMeasure> {
    let measure = |(log, counted): (&String, &super::counters::LogCounters)| LogMeasure {
        log: log.clone(),
        records: counted.records,
        bytes: counted.bytes,
        size_quantiles: [500, 900].map(|at| counted.sizes.quantile(at)),
        delay_quantiles: [500, 900, 990, 1_000].map(|at| counted.delays.quantile(at)),
        out_of_order_percent: counted.out_of_order as f64 * 100.0 / counted.records.max(1) as f64,
    };
    counters.logs.iter().map(measure).collect()
}

/// Logs of interactive sign-ins in JSON and in CSV, and of the unified audit in its own form.
const SIGN_IN_JSON: [&str; 2] = ["entra/signins", "entra/graph-signins"];
const SIGN_IN_CSV: [&str; 1] = ["entra/SigninLogs"];
const AUDIT: [&str; 1] = ["o365/audit-general"];

fn measured(id: &str, figures: &Figures, logs: &[LogMeasure]) -> Option<f64> {
    let kilobytes = |names: &[&str]| {
        let of = || logs.iter().filter(|log| names.contains(&log.log.as_str()));
        let (bytes, records): (u64, u64) = (of().map(|log| log.bytes).sum(), of().map(|log| log.records).sum());
        (records > 0).then(|| bytes as f64 / records as f64 / 1_000.0)
    };
    let workloads = |names: &[&str]| {
        let share = |name: &&str| figures.workloads.get(*name).copied().unwrap_or_default();
        (!figures.workloads.is_empty()).then(|| names.iter().map(share).sum())
    };
    match id {
        "interactive-median" => (figures.interactive > 0).then_some(figures.per_day_quantiles[2] as f64),
        "interactive-failures" => figures.failed_percent,
        "interrupts" => figures.interrupts_per_failure,
        "two-factors" => figures.two_factor_percent,
        "legacy" => figures.legacy_percent,
        "busiest" => figures.busiest_percent,
        "weekend" => figures.weekend_percent,
        "morning" => figures.morning_to_lunch,
        "afternoon" => figures.afternoon_to_lunch,
        "app-slope" => figures.app_slope,
        "apps" => (!figures.apps.is_empty()).then_some(figures.apps.len() as f64),
        "repertoire" => figures.repertoire_median,
        "programs" => figures.accounts_per_program,
        "sign-in-json" => kilobytes(&SIGN_IN_JSON),
        "sign-in-csv" => kilobytes(&SIGN_IN_CSV),
        "audit-bytes" => kilobytes(&AUDIT),
        "audit-services" => figures.audit_services_percent,
        "audit-copies" => figures.audit_copies,
        "audit-exchange" => workloads(&["Exchange"]),
        "audit-entra" => workloads(&["AzureActiveDirectory"]),
        "audit-compliance" => workloads(&["SecurityComplianceCenter"]),
        "audit-files" => workloads(&["SharePoint", "OneDrive"]),
        "downloads" => figures.downloads_median,
        _ => None,
    }
}

fn logon_checks(counters: &Counters, figures: &Figures) -> Vec<Check> {
    let check = |id: String, title: &str, unit, anchor: f64, measured| Check {
        id,
        title: title.into(),
        unit,
        expected: Expectation::About(anchor),
        source: LOGON_SOURCE,
        measured,
    };
    let share = |(index, (class, title, share)): (usize, &(LogonClass, &str, f64))| {
        let id = format!("logon-{class:?}").to_lowercase();
        check(id, title, "%", *share, figures.logons.get(index).copied())
    };
    let known = LogonClass::ALL.iter().enumerate().filter(|(_, (class, ..))| *class != LogonClass::Other);
    let mut checks: Vec<Check> = known.map(share).collect();
    checks.push(check("ntlm".into(), "NTLM, of network logons", "%", 8.0, figures.ntlm_percent));
    let volume = LANL_LOGONS_PER_USER_AND_DAY as f64 * f64::from(counters.options.on_premises_permille) / 1_000.0;
    let title = "authentication events per account and day, at the volume asked for";
    checks.push(check("logon-volume".into(), title, "", volume, figures.logons_per_user_and_day));
    checks
}
