//! The figures that are known of real tenants.

use generator::realism::RealismReport;

use super::output::WEEK;

/// Covers, for 200 users and 7 days: the median of interactive sign-ins, failures and interrupts, second factors, legacy
/// protocols, weekend and hours, popularity of applications, programs per account, sizes of sign-ins and unified audit records,
/// services, copies and workloads of the unified audit, downloads, and Los Alamos' logon mix and volume.
#[test]
fn every_figure_with_an_anchor_is_near_it() {
    let report: &RealismReport = &WEEK.report;
    let off: Vec<String> = report
        .checks
        .iter()
        .filter(|check| check.holds() != Some(true))
        .map(|check| format!("{}: {:?}, expected {:?}", check.id, check.measured, check.expected))
        .collect();
    assert!(off.is_empty(), "{off:#?}");
}

#[test]
fn every_record_was_measured() {
    let report = &WEEK.report;
    assert_eq!(report.unread, 0);
    let measured: u64 = report.logs.iter().map(|log| log.records).sum();
    assert_eq!(measured, WEEK.truth.files.iter().map(|file| file.records).sum::<u64>());
    assert!(report.assumptions.len() > 20);
}

#[test]
fn the_page_loads_nothing_and_the_json_reads_back() {
    let report = &WEEK.report;
    let page = report.to_html();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    // The only address is a namespace's.
    for reference in ["<script", "<link", "<img", "src=", "url(", "@import", "https://"] {
        assert!(!page.contains(reference), "{reference}");
    }
    let value: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(value["options"]["users"], 200);
    assert_eq!(value["checks"].as_array().unwrap().len(), report.checks.len());
    assert!(value["figures"]["week"][0][9].as_u64().unwrap() > 0);
}
