//! Log Analytics' routes, from request to body.

use http::Method;
use serde_json::{Value as Json, json};

use crate::service::queries::testing::append_sign_ins;
use crate::service::testing::{Answer, TestService};

async fn query(service: &TestService, workspace: &str, body: Json) -> Answer {
    service.call("Reader", Method::POST, &format!("/v1/workspaces/{workspace}/query"), body.to_string()).await
}

fn rows(answer: &Answer) -> Json {
    answer.json()["tables"][0]["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_asked_by_id_by_name_and_as_a_resource() {
    let service = TestService::start().await;
    append_sign_ins(&service.app, &["a@example.com"]).await;
    let body = json!({"query": "SigninLogs | project UserPrincipalName", "timespan": null, "workspaces": null});
    let guid = service.app.workspace_guid();
    for workspace in [guid.as_str(), "Vedette"] {
        assert_eq!(rows(&query(&service, workspace, body.clone()).await), json!([["a@example.com"]]), "{workspace}");
    }
    let resource =
        "/v1//subscriptions/S/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/Vedette/query";
    let answer = service.call("Reader", Method::POST, resource, body.to_string()).await;
    assert_eq!(rows(&answer), json!([["a@example.com"]]));
    let path = format!("/v1/workspaces/{guid}/query?query=print%20x%3D1&timespan=P1D");
    assert_eq!(rows(&service.call("Reader", Method::GET, &path, "").await), json!([[1]]));
    let unknown = query(&service, "74be27de-1e4e-49d9-b579-fe0b331d3642", body).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (404, &json!("WorkspaceNotFoundError")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_range_is_joined_with_the_querys_own() {
    let service = TestService::start().await;
    append_sign_ins(&service.app, &["a@example.com"]).await;
    // Sign-ins of tests are an hour before the test's now.
    for (timespan, count) in [
        ("PT7200.0S", 1),
        ("PT30M", 0),
        ("2026-03-02T10:59:00Z/PT2M", 1),
        ("2026-03-02T11:00:00.000000Z/2026-03-02T11:00:00.000000Z", 1),
        ("2026-03-02T11:01:00Z/2026-03-02T12:00:00Z", 0),
    ] {
        let body = json!({"query": "SigninLogs | count", "timespan": timespan});
        assert_eq!(rows(&query(&service, "Vedette", body).await), json!([[count]]), "{timespan}");
    }
    let wrong = query(&service, "Vedette", json!({"query": "SigninLogs", "timespan": "yesterday"})).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error"]["innererror"]["message"].as_str().expect("a message").contains("`yesterday`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_innermost_error_says_what_is_wrong() {
    let service = TestService::start().await;
    let semantic = query(&service, "Vedette", json!({"query": "Nothing | take 5"})).await.json();
    let inner = &semantic["error"]["innererror"];
    assert_eq!((&semantic["error"]["code"], &inner["code"]), (&json!("BadArgumentError"), &json!("SemanticError")));
    assert_eq!(inner["innererror"]["code"], "SEM0100");
    let syntax = query(&service, "Vedette", json!({"query": "SigninLogs | where ("})).await.json();
    assert_eq!(syntax["error"]["innererror"]["innererror"]["code"], "SYN0002");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_query_of_a_batch_has_its_own_status() {
    let service = TestService::start().await;
    let item = |id: &str, query: &str, workspace: &str| json!({"id": id, "headers": {"Prefer": "include-statistics=true"}, "body": {"query": query}, "workspace": workspace, "path": "/query", "method": "POST"});
    let requests = json!({"requests": [item("1", "print x=1", "Vedette"), item("2", "Nothing", "Vedette"), item("3", "print 1", "other")]});
    let answer = service.call("Reader", Method::POST, "/v1/$batch", requests.to_string()).await;
    let body = answer.json();
    let statuses: Vec<_> =
        body["responses"].as_array().expect("responses").iter().map(|item| item["status"].clone()).collect();
    assert_eq!(statuses, [json!(200), json!(400), json!(404)]);
    assert_eq!(body["responses"][0]["body"]["tables"][0]["rows"], json!([[1]]));
    assert!(body["responses"][0]["body"]["statistics"]["query"]["executionTime"].is_number());
    assert_eq!(service.call("Reader", Method::POST, "/v1/$batch", "{}").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_and_msticpy_learn_the_tables_that_exist_for_the_caller() {
    let service = TestService::start().await;
    let metadata = service.call("Reader:AuditLogs", Method::GET, "/v1/workspaces/Vedette/metadata", "").await.json();
    assert_eq!(metadata["tables"].as_array().map(Vec::len), Some(1));
    assert_eq!(metadata["tables"][0]["timespanColumn"], "TimeGenerated");
    let path = "/subscriptions/S/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/Vedette/tables";
    let tables =
        service.call("Reader", Method::GET, &format!("{path}?api-version=2021-12-01-preview"), "").await.json();
    let sign_ins = tables["value"].as_array().expect("tables").iter().find(|table| table["name"] == "SigninLogs");
    assert_eq!(
        sign_ins.expect("there")["properties"]["schema"]["standardColumns"][0],
        json!({"name": "TimeGenerated", "type": "dateTime", "isDefaultDisplay": false, "isHidden": false})
    );
    let one = service.call("Reader", Method::GET, &format!("{path}/SigninLogs?api-version=2022-10-01"), "").await;
    assert_eq!(one.json()["name"], "SigninLogs");
    assert_eq!(
        service.call("Reader", Method::GET, path, "").await.json()["error"]["code"],
        "MissingApiVersionParameter"
    );
    assert_eq!(
        service.call("Reader:AuditLogs", Method::GET, &format!("{path}/SigninLogs?api-version=1"), "").await.status,
        404
    );
}
