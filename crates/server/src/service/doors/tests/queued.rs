//! Queued ingestion: blobs, messages, and what their senders hear.

use base64::Engine;
use http::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{gzip, post, rows};
use crate::service::testing::TestService;

/// A message about a blob.
fn message(blob: &str, table: &str, id: &str, properties: Value) -> String {
    message_with(blob, table, id, properties, json!({}))
}

/// The same with more fields.
fn message_with(blob: &str, table: &str, id: &str, properties: Value, more: Value) -> String {
    let mut message = json!({
        "BlobPath": format!("http://localhost/ingest-blobs/{blob}?sig=x"), "DatabaseName": "db", "TableName": table, "Id": id,
        "AdditionalProperties": properties,
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let text = base64::engine::general_purpose::STANDARD.encode(message.to_string());
    format!("<?xml version='1.0'?><QueueMessage><MessageText>{text}</MessageText></QueueMessage>")
}

#[tokio::test]
async fn queued_blobs_become_rows_once_and_what_cannot_is_an_error() {
    let service = TestService::start().await;
    let blob = service
        .call(
            "Ingest",
            Method::PUT,
            "/ingest-blobs/a.json.gz?sig=x",
            gzip(b"{\"Computer\":\"a\"}\n{\"Computer\":\"b\"}\n"),
        )
        .await;
    assert_eq!((blob.status.as_u16(), blob.headers.contains_key("etag")), (201, true));
    let about = message("a.json.gz", "SecurityEvent", "m1", json!({"format": "json"}));
    for _ in 0..2 {
        let answer = post(&service, "/ingest-queue/messages?sig=x", about.clone()).await;
        assert_eq!(answer.status, 201);
        assert!(String::from_utf8_lossy(&answer.body).contains("<PopReceipt>"));
    }
    let missing = message("gone.csv", "SecurityEvent", "m2", json!({"format": "csv"}));
    assert_eq!(post(&service, "/ingest-queue/messages", missing).await.status, 201);
    assert_eq!(post(&service, "/ingest-queue/messages", "<x/>").await.status, 400);
    work_off(&service).await;
    let found = rows(&service, "SecurityEvent | order by Computer asc | project Computer").await;
    assert_eq!(found, [json!("a"), json!("b")]);
    let errors = rows(&service, "IngestionErrors | project Reason").await;
    assert_eq!(errors, [json!("message of queued ingestion: there is no such blob")]);
    // A client that had no answer to its first message.
    assert_eq!(post(&service, "/ingest-queue/messages", about).await.status, 201);
    work_off(&service).await;
    assert_eq!(rows(&service, "IngestionErrors | count").await, [json!(1)]);
    // Nothing else was asked for than failures in the queue, and only who sent the message is told.
    let read = async |role: &str, path: &str| {
        let answer = service.call(role, Method::GET, path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8_lossy(&answer.body).into_owned()
    };
    assert!(!read("Ingest", "/ingest-succeeded/messages").await.contains("<QueueMessage>"));
    assert!(!read("Contributor", "/ingest-failed/messages").await.contains("<QueueMessage>"));
    let failed = read("Ingest", "/ingest-failed/messages?numofmessages=32").await;
    assert_eq!(failed.matches("<QueueMessage>").count(), 1, "{failed}");
    assert!(!read("Ingest", "/ingest-failed/messages?peekonly=true").await.contains("<QueueMessage>"));
    let part = |name: &str| failed.split(&format!("<{name}>")).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let remove = |receipt: &str| format!("/ingest-failed/messages/{}?popreceipt={receipt}", part("MessageId"));
    for (path, status) in [(remove("x"), 404), (remove(&part("PopReceipt")), 204), (remove(&part("PopReceipt")), 404)] {
        assert_eq!(service.call("Ingest", Method::DELETE, &path, "").await.status, status, "{path}");
    }
    let wide = service.call("Ingest", Method::GET, "/ingest-failed/messages?numofmessages=33", "").await;
    assert_eq!(
        (wide.status.as_u16(), &wide.headers["x-ms-error-code"]),
        (400, &"OutOfRangeQueryParameterValue".parse().unwrap())
    );
}

/// Runs the jobs of the ways in until no message waits.
async fn work_off(service: &TestService) {
    let stop = CancellationToken::new();
    let working = tokio::spawn(super::super::run_jobs(service.app.clone(), stop.clone()));
    while service.app.database().queued_message_count().await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    working.await.unwrap();
}

#[tokio::test]
async fn a_status_is_pending_until_its_message_is_done() {
    let service = TestService::start().await;
    let made = json!({"PartitionKey": "p", "RowKey": "r", "Status": "Pending"}).to_string();
    assert_eq!(post(&service, "/ingeststatus", made.clone()).await.status, 201);
    let again = post(&service, "/ingeststatus", made).await;
    assert_eq!((again.status.as_u16(), &again.json()["odata.error"]["code"]), (409, &json!("EntityAlreadyExists")));
    let row = "/ingeststatus(PartitionKey='p',RowKey='r')";
    assert_eq!(service.call("Ingest", Method::GET, row, "").await.json()["Status"], "Pending");
    assert_eq!(service.call("Contributor", Method::GET, row, "").await.status, 404);
    assert_eq!(service.call("Ingest", Method::GET, "/ingeststatus()", "").await.status, 501);
    let blob = service.call("Ingest", Method::PUT, "/ingest-blobs/b.json", "{\"Computer\":\"a\"}\n{\n").await;
    assert_eq!(blob.status, 201);
    let about = message_with(
        "b.json",
        "SecurityEvent",
        "m",
        json!({"format": "json"}),
        json!({
            "ReportLevel": 2, "ReportMethod": 1, "IngestionStatusInTable": {"partitionKey": "p", "rowKey": "r"},
        }),
    );
    assert_eq!(post(&service, "/ingest-queue/messages", about).await.status, 201);
    work_off(&service).await;
    let status = service.call("Ingest", Method::GET, row, "").await.json();
    assert_eq!(
        (&status["Status"], &status["Table"]),
        (&json!("PartiallySucceeded"), &json!("SecurityEvent")),
        "{status}"
    );
}

#[tokio::test]
async fn clients_of_queued_ingestion_are_told_where_to_put_what() {
    let service = TestService::start().await;
    let ask = async |command: &str| {
        let body = json!({"db": "NetDefaultDB", "csl": command}).to_string();
        service.call("Contributor", Method::POST, "/v1/rest/mgmt", body).await.json()["Tables"][0]["Rows"].clone()
    };
    let resources = ask(".get ingestion resources").await;
    let kinds: Vec<&str> = resources.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
    let expected = [
        "SecuredReadyForAggregationQueue",
        "FailedIngestionsQueue",
        "SuccessfulIngestionsQueue",
        "TempStorage",
        "IngestionsStatusTable",
    ];
    assert_eq!(kinds, expected);
    let storage = resources[3][1].as_str().unwrap();
    assert!(storage.contains("/ingest-blobs?") && storage.contains("sig="), "{storage}");
    assert!(ask(".get kusto identity token").await[0][0].as_str().is_some_and(|token| !token.is_empty()));
}
