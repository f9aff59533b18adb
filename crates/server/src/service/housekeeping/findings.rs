//! `GET /api/v1/findings`: what is wrong with the service and its workspace, and what to do.

use access::Permission;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use storage::{Finding, FindingSeverity, LiveStatus};

use crate::housekeeping::{FindingSummary, summaries};
use crate::service::app::App;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::shapes::{JSON, Shape, described};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/findings", Permission::Administer, findings)
            .summary("What is wrong with the service and its workspace, and what to do")
            .gives_as(StatusCode::OK, JSON, Shape::Many(described::<FindingSummary>)),
    ]
}

async fn findings(State(app): State<App>) -> Result<Json<Vec<FindingSummary>>, Refusal> {
    let examined = storage::examine_tables(app.live().path(), app.now()).await;
    let mut findings =
        examined.map_err(|error| Refusal::internal(format!("the workspace was not examined: {error}")))?;
    findings.extend(of_log(&app.live().status()));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(Json(summaries(findings)))
}

/// What the numbers of the write-ahead log tell.
fn of_log(status: &LiveStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(error) = &status.flush_error {
        let problem = format!("rows could not be moved to their tables: {error}");
        let remedy =
            "see the service's log; the rows are safe in the write-ahead log and are moved when the cause is gone";
        findings.push(Finding::new(FindingSeverity::Error, "write-ahead log", problem, remedy));
    }
    if status.refused_requests > 0 {
        let problem = format!("{} requests were refused as busy since the service started", status.refused_requests);
        let remedy = "senders try again by themselves; a faster disk or fewer senders end it";
        findings.push(Finding::new(FindingSeverity::Notice, "write-ahead log", problem, remedy));
    }
    findings
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::service::testing::TestService;

    #[test]
    fn rows_that_cannot_be_moved_are_an_error() {
        let status = LiveStatus { flush_error: Some("no space".to_owned()), ..LiveStatus::default() };
        let findings = of_log(&status);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, FindingSeverity::Error);
        assert!(of_log(&LiveStatus::default()).is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn findings_are_for_administrators() {
        let service = TestService::with("", super::super::routes()).await;
        let ask = |role: &'static str| service.call(role, Method::GET, "/api/v1/findings", "");
        assert_eq!(ask("Reader").await.status, StatusCode::FORBIDDEN);
        assert_eq!(ask("").await.status, StatusCode::UNAUTHORIZED);
        let answer = ask("Administrator").await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        assert!(answer.json().is_array());
    }
}
