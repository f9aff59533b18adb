//! What all surfaces have from here: turns, cancelling, the log of queries.

use std::time::Duration;

use access::Principal;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

use super::question::{Question, Target};
use super::run::ask;
use super::testing::LONG;
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
