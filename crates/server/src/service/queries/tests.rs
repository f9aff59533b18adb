//! What all surfaces have from here: turns, cancelling, the log of queries.

use std::time::Duration;

use access::Principal;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

use super::question::{Question, Target};
use super::run::ask;
use super::testing::{LONG, append_sign_ins};
use crate::service::testing::TestService;

async fn query(service: &TestService, text: &str) -> StatusCode {
    service.call("Reader", Method::POST, "/v2/rest/query", json!({"csl": text}).to_string()).await.status
}

/// Waits until so many queries of users run.
async fn until_running(service: &TestService, count: usize) {
    while service.app.queries().users_running() != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_cancels_its_query() {
    let service = TestService::with("[queries]\nconcurrency = 1", crate::service::router::all_routes()).await;
    let mut running = Box::pin(query(&service, LONG));
    assert!((&mut running).now_or_never().is_none());
    while service.app.queries().users_running() == 0 {
        assert!((&mut running).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(running);
    // Its turn is the only one: this query runs as soon as the other has really ended.
    let next = tokio::time::timeout(Duration::from_secs(30), query(&service, "print 1")).await;
    assert_eq!(next.expect("the other query was cancelled"), 200);
    until_running(&service, 0).await;
    service.app.queries().tick(&service.app).await;
    let text = "LAQueryLogs | where ResponseCode == 499 | count";
    let question = Question::new(text.to_owned(), Principal::service(), Target::Kusto, service.app.now());
    let outcome = ask(&service.app, question).await.expect("an answer");
    assert_eq!(outcome.answer.tables[0].row_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_to_a_full_queue_is_told_so_in_the_form_of_the_surface() {
    let config = "[queries]\nconcurrency = 1\nwaiting = 1\nwaiting_per_caller = 1";
    let service = TestService::with(config, crate::service::router::all_routes()).await;
    let mut running = Box::pin(query(&service, LONG));
    while service.app.queries().users_running() == 0 {
        assert!((&mut running).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    let mut waiting = Box::pin(query(&service, "print 1"));
    assert!((&mut waiting).now_or_never().is_none());
    let kusto = service.call("Reader", Method::POST, "/v2/rest/query", json!({"csl": "print 1"}).to_string()).await;
    assert_eq!((kusto.status.as_u16(), &kusto.json()["error"]["@permanent"]), (429, &json!(false)));
    assert!(kusto.headers.contains_key("retry-after"));
    let body = json!({"query": "print 1"}).to_string();
    let logs = service.call("Reader", Method::POST, "/v1/workspaces/Vedette/query", body.clone()).await;
    assert_eq!((logs.status.as_u16(), &logs.json()["error"]["code"]), (429, &json!("ThrottledError")));
    let graph = service.call("Reader", Method::POST, "/v1.0/security/runHuntingQuery", body).await;
    assert_eq!((graph.status.as_u16(), &graph.json()["error"]["code"]), (429, &json!("TooManyRequests")));
    // Rules and jobs have a turn of their own.
    let question = Question::new("print 1".to_owned(), Principal::service(), Target::Kusto, service.app.now());
    assert!(ask(&service.app, question).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_leaves_a_row_that_says_who_asked_what() {
    let service = TestService::start().await;
    query(&service, "print 1").await;
    query(&service, "Nothing").await;
    service.app.queries().tick(&service.app).await;
    let text = "LAQueryLogs | project AADEmail, QueryText, RequestTarget, ResponseCode, ResponseRowCount | order by ResponseCode asc";
    let answer =
        service.call("Reader", Method::POST, "/v1/workspaces/Vedette/query", json!({"query": text}).to_string()).await;
    let rows = answer.json()["tables"][0]["rows"].clone();
    assert_eq!(rows, json!([["Reader", "print 1", "Kusto", 200, 1], ["Reader", "Nothing", "Kusto", 400, 0]]));
    assert_eq!(service.app.queries().log().lost(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_rows_are_for_who_asks_for_them_and_may() {
    const SIXTY_DAYS: i64 = 60 * 86_400;
    let config = "[retention]\ndays = 30\ntotal_days = 365\n";
    let service = TestService::with(config, crate::service::router::all_routes()).await;
    service.pass(-SIXTY_DAYS);
    append_sign_ins(&service.app, &["old@example.com"]).await;
    service.pass(SIXTY_DAYS);
    append_sign_ins(&service.app, &["new@example.com"]).await;
    service.app.live().flush().await.expect("flushes");
    let options = service.app.config().retention.options();
    let retired = service.app.live().maintain().retain(&options, service.app.now()).await.expect("retains");
    assert_eq!(retired.archived["SigninLogs"].rows, 1);

    let count = "SigninLogs | count";
    let with_set = format!("set query_datascope = 'all'; {count}");
    let property = |value: &str| json!({"csl": count, "properties": {"Options": {"query_datascope": value}}});
    let logs = "/v1/workspaces/Vedette/query";
    let hunting = "/v1.0/security/runHuntingQuery";
    // Path, body, where the count is, how many rows there are.
    let questions = [
        ("/v1/rest/query", json!({"csl": count}), "/Tables/0/Rows/0/0", 1),
        ("/v1/rest/query", property("all"), "/Tables/0/Rows/0/0", 2),
        ("/v1/rest/query", property("hotcache"), "/Tables/0/Rows/0/0", 1),
        ("/v1/rest/query", json!({"csl": with_set}), "/Tables/0/Rows/0/0", 2),
        (logs, json!({"query": count}), "/tables/0/rows/0/0", 1),
        (logs, json!({"query": with_set}), "/tables/0/rows/0/0", 2),
        (hunting, json!({"Query": count}), "/results/0/Count", 1),
        (hunting, json!({"Query": with_set}), "/results/0/Count", 2),
    ];
    for (path, body, place, expected) in questions {
        for role in ["Reader", "Responder", "Administrator", "Responder:AuditLogs"] {
            let answer = service.call(role, Method::POST, path, body.to_string()).await;
            let case = format!("{role} {path} {body}: {:?}", answer.body);
            match role {
                "Reader" if expected == 2 => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{case}"),
                "Responder:AuditLogs" => assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{case}"),
                _ => assert_eq!(answer.json().pointer(place), Some(&json!(expected)), "{case}"),
            }
        }
    }
    let wrong = service.call("Responder", Method::POST, "/v1/rest/query", property("some").to_string()).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}
