//! Kusto's routes, from request to body.

use http::Method;
use serde_json::{Value as Json, json};

use crate::service::queries::testing::append_sign_ins;
use crate::service::testing::{Answer, TestService};

async fn query(service: &TestService, role: &str, version: u8, body: Json) -> Answer {
    service.call(role, Method::POST, &format!("/v{version}/rest/query"), body.to_string()).await
}

async fn command(service: &TestService, role: &str, text: &str) -> Answer {
    service.call(role, Method::POST, "/v1/rest/mgmt", json!({"db": "NetDefaultDB", "csl": text}).to_string()).await
}

/// The rows of the primary result, whichever the version.
fn rows(answer: &Answer) -> Json {
    let body = answer.json();
    match body.as_array() {
        Some(frames) => {
            frames.iter().find(|frame| frame["TableKind"] == "PrimaryResult").expect("a result")["Rows"].clone()
        }
        None => body["Tables"][0]["Rows"].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_answered_in_both_versions_and_by_all_names_of_the_database() {
    let service = TestService::start().await;
    append_sign_ins(&service.app, &["a@example.com", "b@example.com"]).await;
    let text = "SigninLogs | summarize n=count() by UserPrincipalName | order by UserPrincipalName asc";
    for (version, database) in [(1, "Vedette"), (2, "NetDefaultDB"), (2, "vedette"), (2, "")] {
        let answer = query(&service, "Reader", version, json!({"db": database, "csl": text})).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert_eq!(rows(&answer), json!([["a@example.com", 1], ["b@example.com", 1]]), "{database}");
    }
    let guid = service.app.workspace_guid();
    assert_eq!(query(&service, "Reader", 2, json!({"db": guid, "csl": "print 1"})).await.status, 200);
    let unknown = query(&service, "Reader", 2, json!({"db": "Other", "csl": "print 1"})).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (400, &json!("BadRequest_EntityNotFound")));
    let path = "/v1/rest/query?db=Vedette&csl=print%20x%3D2";
    assert_eq!(rows(&service.call("Reader", Method::GET, path, "").await), json!([[2]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_time_and_limits_come_from_the_properties() {
    let service = TestService::start().await;
    let properties = json!({"Options": {"truncationmaxrecords": 2, "query_now": "2020-01-02T00:00:00Z"}, "Parameters": {"n": "long(3)", "s": "x'y"}});
    let text = "declare query_parameters(n:long, s:string); range i from 1 to n step 1 | project i, s, now()";
    let answer = query(&service, "Reader", 2, json!({"csl": text, "properties": properties.to_string()})).await;
    let cells = rows(&answer);
    assert_eq!(cells[0], json!([1, "x'y", "2020-01-02T00:00:00Z"]));
    assert_eq!(cells.as_array().map(Vec::len), Some(3), "two rows and what is wrong");
    assert_eq!(cells[2]["OneApiErrors"][0]["error"]["code"], "LimitsExceeded");
    let wrong = query(&service, "Reader", 2, json!({"csl": text, "properties": {"parameters": {"n": "many"}}})).await;
    assert_eq!(wrong.status, 400);
    let options = json!({"options": {"servertimeout": "00:00:00.05"}});
    let late = json!({"csl": crate::service::queries::testing::LONG, "properties": options});
    let late = query(&service, "Reader", 2, late).await;
    assert_eq!((late.status.as_u16(), &late.json()["error"]["@permanent"]), (504, &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_query_is_told_in_kustos_words() {
    let service = TestService::start().await;
    let message = |answer: &Answer| answer.json()["error"]["@message"].as_str().unwrap_or_default().to_owned();
    let semantic = query(&service, "Reader", 2, json!({"csl": "NoSuchTable | take 1"})).await;
    assert_eq!(semantic.status, 400);
    assert!(
        message(&semantic).contains(
            "Semantic error: SEM0100: 'table' operator: Failed to resolve table expression named 'NoSuchTable'"
        ),
        "{}",
        message(&semantic)
    );
    assert_eq!(semantic.json()["error"]["innererror"]["@line"], 1);
    let syntax = query(&service, "Reader", 1, json!({"csl": "SigninLogs | wher x"})).await;
    assert!(message(&syntax).contains("Syntax error: SYN0002"), "{}", message(&syntax));
    let nothing = service.call("Reader", Method::POST, "/v2/rest/query", "{").await;
    assert_eq!(nothing.status, 400);
    assert_eq!(query(&service, "Ingest", 2, json!({"csl": "print 1"})).await.status, 403);
    assert_eq!(query(&service, "", 2, json!({"csl": "print 1"})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_one_may_not_read_does_not_exist() {
    let service = TestService::start().await;
    append_sign_ins(&service.app, &["hidden@example.com"]).await;
    let role = "Reader:AuditLogs";
    for text in [
        "SigninLogs",
        "union isfuzzy=false SigninLogs, AuditLogs",
        "let f = () { SigninLogs }; f()",
        "AuditLogs | where Id in (SigninLogs | project Id)",
        "table('SigninLogs')",
    ] {
        let answer = query(&service, role, 2, json!({"csl": text})).await;
        assert_eq!(answer.status, 400, "{text}: {:?}", answer.body);
    }
    for text in
        ["search 'hidden'", "union * | where * has 'hidden'", "union withsource=T * | distinct T", "find 'hidden'"]
    {
        let answer = query(&service, role, 2, json!({"csl": text})).await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("hidden@"), "{text}");
        assert_eq!(rows(&answer), json!([]), "{text}");
    }
    for text in [".show tables", ".show databases schema", ".show databases schema as json", ".show tables details"] {
        let answer = command(&service, role, text).await;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(body.contains("AuditLogs") && !body.contains("SigninLogs"), "{text}");
    }
    assert_eq!(command(&service, role, ".show table SigninLogs cslschema").await.status, 400);
    let suggestion = query(&service, role, 2, json!({"csl": "SigninLog"})).await;
    assert!(!String::from_utf8_lossy(&suggestion.body).contains("SigninLogs"), "{:?}", suggestion.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_clients_are_answered_with_one_table() {
    let service = TestService::start().await;
    for (text, first) in [
        (".show version", env!("CARGO_PKG_VERSION")),
        (".show databases", "Vedette"),
        (".show databases schema", "Vedette"),
        (".show database ['Vedette'] schema", "Vedette"),
        (".show cluster", "vedette"),
    ] {
        let answer = command(&service, "Reader", text).await;
        let body = answer.json();
        assert_eq!(
            (body["Tables"].as_array().map(Vec::len), &body["Tables"][0]["Rows"][0][0]),
            (Some(1), &json!(first)),
            "{text}"
        );
    }
    let answer = command(&service, "Reader", ".show database Vedette schema as json").await;
    let document: Json = serde_json::from_str(rows(&answer)[0][0].as_str().expect("text")).expect("JSON");
    assert_eq!(document["Databases"]["Vedette"]["Tables"]["SigninLogs"]["OrderedColumns"][0]["CslType"], "datetime");
    // Grafana asks the address of queries.
    let grafana = query(
        &service,
        "Reader",
        1,
        json!({"db": "Vedette", "csl": ".show databases schema", "querySource": "schema"}),
    )
    .await;
    assert_eq!(rows(&grafana)[0][0], "Vedette");
    let piped =
        command(&service, "Reader", ".show tables | where TableName startswith 'Signin' | project TableName").await;
    assert_eq!(rows(&piped), json!([["SigninLogs"]]));
    let other = command(&service, "Reader", ".show queries").await;
    assert_eq!(other.status, 400);
    assert!(String::from_utf8_lossy(&other.body).contains("`.show queries` is not supported"));
    assert_eq!(command(&service, "Reader", "SigninLogs").await.status, 400);
    // Senders ask which version it is and where to put things; nothing else is their business.
    assert_eq!(command(&service, "Ingest", ".show version").await.status, 200);
    for text in [".show tables", ".show databases schema as json", ".show functions", ".create table A_CL (a:string)"] {
        assert_eq!(command(&service, "Ingest", text).await.status, 403, "{text}");
    }
    assert_eq!(command(&service, "", ".show version").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_made_exists_before_it_has_rows() {
    let service = TestService::start().await;
    let make = ".create-merge table Events_CL (TimeGenerated:datetime, Name:string, Count:long)";
    assert_eq!(command(&service, "Reader", make).await.status, 403);
    assert_eq!(command(&service, "Contributor", make).await.status, 200);
    let answer = query(&service, "Reader", 2, json!({"csl": "Events_CL | summarize n=count(), s=sum(Count)"})).await;
    assert_eq!(rows(&answer), json!([[0, 0]]));
    assert_eq!(command(&service, "Contributor", ".create-merge table Events_CL (Extra:dynamic)").await.status, 200);
    let schema = command(&service, "Reader", ".show table Events_CL cslschema").await;
    assert_eq!(
        rows(&schema)[0][1],
        "TimeGenerated:datetime,Name:string,Count:long,Extra:dynamic,TenantId:string,Type:string"
    );
    for refused in [
        ".create table Events_CL (Other:string)",
        ".create-merge table Events_CL (Count:string)",
        ".create table Events (a:string)",
        ".create table SigninLogs (a:string)",
        ".create table Other_CL (_RawExtra:string)",
    ] {
        assert_eq!(command(&service, "Contributor", refused).await.status, 400, "{refused}");
    }
    let mapping = ".create table Events_CL ingestion json mapping 'M' '[{\"column\":\"Name\",\"Properties\":{\"path\":\"$.name\"}}]'";
    assert_eq!(command(&service, "Contributor", mapping).await.status, 200);
    assert_eq!(command(&service, "Contributor", mapping).await.status, 400, "it is there already");
    let shown = command(&service, "Reader", ".show table Events_CL ingestion json mappings").await;
    assert_eq!((&rows(&shown)[0][0], &rows(&shown)[0][1]), (&json!("M"), &json!("Json")));
    assert_eq!(command(&service, "Contributor", ".drop table Events_CL").await.status, 200);
    assert_eq!(query(&service, "Reader", 2, json!({"csl": "Events_CL"})).await.status, 400);
    assert_eq!(command(&service, "Contributor", ".drop table Events_CL ifexists").await.status, 200);
    assert_eq!(command(&service, "Contributor", ".drop table Events_CL").await.status, 400);
    let by_address = "/v1/rest/mgmt?csl=.create%20table%20Made_CL%20(a%3Astring)";
    assert_eq!(service.call("Administrator", Method::GET, by_address, "").await.status, 400);
}
