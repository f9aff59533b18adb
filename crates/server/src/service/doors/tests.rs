//! From a raw request to rows.

mod queued;

use std::io::Write;

use access::TableScope;
use axum::body::Body;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request};
use kql_engine::QueryOptions;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::service::router::all_routes;
use crate::service::testing::{Answer, TestService, test_time};
use crate::ticks::to_ticks;

/// The rule that takes every stream.
const OPEN: &str = "/dataCollectionRules/dcr-00000000000000000000000000000000/streams";

const SIGN_IN: &str = r#"{"time":"2026-03-02T11:59:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity","category":"SignInLogs","tenantId":"t","properties":{"id":"s1","createdDateTime":"2026-03-02T11:58:00Z","userPrincipalName":"a@example.com","appDisplayName":"Portal"}}"#;

/// The rows of a query as JSON.
async fn rows(service: &TestService, query: &str) -> Vec<Value> {
    let catalog = service.app.queries().catalog(&service.app, &TableScope::All).await.unwrap();
    let options = QueryOptions::new(to_ticks(test_time()));
    let result = service.app.engine().query(query, &catalog, &options).await;
    let result = result.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let row = |values: Vec<Value>| if values.len() == 1 { values[0].clone() } else { Value::Array(values) };
    result.rows_json().map(row).collect()
}

async fn post(service: &TestService, path: &str, body: impl Into<Body>) -> Answer {
    service.call("Ingest", Method::POST, path, body).await
}

async fn send(service: &TestService, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(Method::POST).uri(path).header("authorization", "Bearer Ingest");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.send(request.body(body.into()).unwrap()).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_batch_of_the_logs_ingestion_api_is_rows_of_its_stream() {
    let service = TestService::start().await;
    let path = format!("{OPEN}/Custom-App_CL?api-version=2023-01-01");
    let answer =
        post(&service, &path, r#"[{"TimeGenerated":"2026-03-02T11:00:00Z","Name":"x","N":1},{"Name":"y"}]"#).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(post(&service, &path, "[]").await.status, 204);
    let found = rows(&service, "App_CL | order by Name asc | project Name, N, TimeGenerated").await;
    assert_eq!(found, [json!(["x", 1, "2026-03-02T11:00:00Z"]), json!(["y", null, "2026-03-02T12:00:00Z"])]);
}

#[tokio::test]
async fn a_raw_stream_is_recognized_and_a_table_takes_rows_by_column() {
    let service = TestService::start().await;
    assert_eq!(post(&service, &format!("{OPEN}/Custom-Raw"), format!("[{SIGN_IN}]")).await.status, 204);
    assert_eq!(rows(&service, "SigninLogs | project UserPrincipalName").await, [json!("a@example.com")]);
    let body = r#"[{"TimeGenerated":"2026-03-02T11:00:00Z","Computer":"DC01","EventID":4624}]"#;
    assert_eq!(post(&service, &format!("{OPEN}/Microsoft-SecurityEvent"), body).await.status, 204);
    assert_eq!(rows(&service, "SecurityEvent | project Computer, EventID").await, [json!(["DC01", 4624])]);
}

#[tokio::test]
async fn what_the_logs_ingestion_api_refuses_it_refuses_as_azure_does() {
    let service = TestService::start().await;
    let unknown = post(&service, "/dataCollectionRules/dcr-x/streams/Custom-A_CL", "[]").await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (404, &json!("NotFound")));
    let stream = post(&service, &format!("{OPEN}/Other"), "[]").await;
    assert_eq!((stream.status.as_u16(), &stream.json()["error"]["code"]), (400, &json!("InvalidStream")));
    let object = post(&service, &format!("{OPEN}/Custom-A_CL"), "{}").await;
    assert_eq!((object.status.as_u16(), &object.json()["error"]["code"]), (400, &json!("InvalidPayload")));
    let kind = send(&service, &format!("{OPEN}/Custom-A_CL"), &[("content-type", "text/xml")], "[]").await;
    assert_eq!(kind.status, 415);
    let large = post(&service, &format!("{OPEN}/Custom-A_CL"), vec![b' '; 1_200_000]).await;
    assert_eq!((large.status.as_u16(), &large.json()["error"]["code"]), (413, &json!("ContentLengthLimitExceeded")));
    let bomb = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(send(&service, &format!("{OPEN}/Custom-A_CL"), &bomb, gzip(&vec![b' '; 50 << 20])).await.status, 413);
    let nobody = service.call("", Method::POST, &format!("{OPEN}/Custom-A_CL"), "[]").await;
    assert_eq!(nobody.status, 401);
    assert_eq!(service.call("Reader", Method::POST, &format!("{OPEN}/Custom-A_CL"), "[]").await.status, 403);
}

#[tokio::test]
async fn good_records_of_a_damaged_batch_are_stored_once() {
    let service = TestService::start().await;
    let path = format!("{OPEN}/Custom-Half_CL");
    let body = r#"[{"N":1},{"N":tru},{"N":3},7]"#;
    for _ in 0..2 {
        let answer = post(&service, &path, body).await;
        assert_eq!(answer.status, 400);
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("element 1 at byte 9"), "{message}");
    }
    assert_eq!(rows(&service, "Half_CL | order by N asc | project N").await, [json!(1)]);
    assert_eq!(rows(&service, "IngestionErrors | count").await, [json!(1)]);
    let odd = post(&service, &path, r#"[{"N":5},7]"#).await;
    assert_eq!((odd.status.as_u16(), &odd.headers["x-vedette-rejected-records"]), (204, &"1".parse().unwrap()));
}

#[tokio::test]
async fn a_batch_sent_again_under_its_id_is_stored_once() {
    let service = TestService::start().await;
    let path = format!("{OPEN}/Custom-Once_CL");
    for id in ["a", "a", "b"] {
        let headers = [("content-type", "application/json"), ("x-ms-client-request-id", id)];
        assert_eq!(send(&service, &path, &headers, r#"[{"N":1}]"#).await.status, 204);
    }
    assert_eq!(rows(&service, "Once_CL | count").await, [json!(2)]);
}

#[tokio::test]
async fn a_rule_of_the_configuration_transforms_its_records() {
    let config = r#"
        [[data_collection_rules]]
        name = "firewall"
        immutableId = "dcr-firewall"
        [data_collection_rules.streamDeclarations."Custom-In"]
        columns = [{ name = "line", type = "string" }, { name = "n", type = "int" }]
        [[data_collection_rules.dataFlows]]
        streams = ["Custom-In"]
        transformKql = "source | where n > 1 | extend Word = tostring(split(line, ' ')[1]) | project TimeGenerated, Word, Twice = n * 2"
        outputStream = "Custom-Out_CL"
    "#;
    let service = TestService::with(config, all_routes()).await;
    let path = "/dataCollectionRules/dcr-firewall/streams/Custom-In";
    let body = r#"[{"line":"a b","n":1},{"line":"c d","n":2},{"line":"e f","n":3,"undeclared":1}]"#;
    assert_eq!(post(&service, path, body).await.status, 204);
    let found = rows(&service, "Out_CL | order by Twice asc | project Word, Twice").await;
    assert_eq!(found, [json!(["d", 4]), json!(["f", 6])]);
    let other = post(&service, "/dataCollectionRules/dcr-firewall/streams/Custom-Other", "[]").await;
    assert_eq!(other.status, 400);
}

#[tokio::test]
async fn bulk_answers_for_each_document_in_order() {
    let service = TestService::start().await;
    let body = format!(
        "{{\"create\":{{}}}}\n{SIGN_IN}\n{{\"index\":{{\"_index\":\"other\",\"_id\":\"7\"}}}}\n{{\"a\":1,\"@timestamp\":\"2026-03-02T11:00:00Z\"}}\n{{\"create\":{{}}}}\n{{broken\n{{\"delete\":{{\"_id\":\"1\"}}}}\n"
    );
    let answer = post(&service, "/logs-app-2026.03.02/_bulk", body).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["x-elastic-product"]),
        (200, &"Elasticsearch".parse().unwrap())
    );
    let answer = answer.json();
    assert_eq!(answer["errors"], true);
    let statuses: Vec<Value> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_object().unwrap().values().next().unwrap()["status"].clone())
        .collect();
    assert_eq!(statuses, [json!(201), json!(201), json!(400), json!(400)]);
    assert_eq!(answer["items"][1]["index"]["_id"], "7");
    assert_eq!(rows(&service, "SigninLogs | count").await, [json!(1)]);
    assert_eq!(rows(&service, "other_CL | project a, TimeGenerated").await, [json!([1, "2026-03-02T11:00:00Z"])]);
    assert_eq!(rows(&service, "IngestionErrors | project RawRecord").await, [json!("{broken")]);
    assert_eq!(post(&service, "/_bulk", "").await.status, 400);
}

#[tokio::test]
async fn a_bulk_whose_documents_have_ids_is_stored_once_however_often_it_is_sent() {
    let service = TestService::start().await;
    let line = |id: &str| format!("{{\"create\":{{\"_index\":\"again\"{id}}}}}\n{{\"a\":1}}\n");
    let (with_ids, one_without) = (line(",\"_id\":\"1\"") + &line(",\"_id\":\"2\""), line(""));
    for body in [&with_ids, &with_ids, &one_without, &one_without] {
        assert_eq!(post(&service, "/_bulk", body.clone()).await.json()["errors"], false);
    }
    assert_eq!(rows(&service, "again_CL | count").await, [json!(4)]);
}

#[tokio::test]
async fn clients_of_elasticsearch_find_what_they_ask_first() {
    let service = TestService::start().await;
    for path in ["/", "/_license", "/_xpack", "/_cat/health", "/_cluster/health"] {
        let answer = service.call("Ingest", Method::GET, path, "").await;
        assert_eq!((answer.status.as_u16(), answer.headers.contains_key("x-elastic-product")), (200, true), "{path}");
    }
    assert_eq!(service.call("Ingest", Method::HEAD, "/", "").await.status, 200);
    assert_eq!(service.call("Ingest", Method::GET, "/", "").await.json()["version"]["number"], "8.15.0");
    assert_eq!(service.call("Ingest", Method::GET, "/_index_template/winlogbeat", "").await.status, 404);
    assert_eq!(
        service.call("Ingest", Method::PUT, "/_index_template/winlogbeat", "{}").await.json()["acknowledged"],
        true
    );
    assert_eq!(service.call("", Method::GET, "/", "").await.status, 401);
}

#[tokio::test]
async fn the_data_collector_names_columns_by_type() {
    let service = TestService::start().await;
    let path = "/api/logs?api-version=2016-04-01";
    let headers =
        |log_type| [("content-type", "application/json"), ("log-type", log_type), ("time-generated-field", "At")];
    let body = r#"[{"s":"x","n":1,"At":"2026-03-02T10:00:00Z"},{"s":"é","n":2}]"#;
    let answer = send(&service, path, &headers("Legacy"), body).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    let found = rows(&service, "Legacy_CL | order by n_d asc | project s_s, n_d, TimeGenerated").await;
    assert_eq!(found, [json!(["x", 1.0, "2026-03-02T10:00:00Z"]), json!(["é", 2.0, "2026-03-02T12:00:00Z"])]);
    assert_eq!(send(&service, path, &headers("Legacy"), SIGN_IN).await.status, 200);
    assert_eq!(rows(&service, "SigninLogs | count").await, [json!(1)]);
    for (path, headers, code) in [
        (path, headers("../x"), "InvalidLogType"),
        ("/api/logs", headers("Legacy"), "MissingApiVersion"),
        (path, [("content-type", "text/plain"), ("log-type", "Legacy"), ("a", "b")], "UnsupportedContentType"),
        (path, [("content-type", "application/json"), ("c", "d"), ("a", "b")], "MissingLogType"),
    ] {
        assert_eq!(send(&service, path, &headers, body).await.json()["Error"], code);
    }
    assert_eq!(send(&service, path, &headers("Legacy"), "{\"a\":").await.json()["Error"], "InvalidDataFormat");
    assert_eq!(service.call("", Method::POST, path, body).await.status, 401);
}

#[tokio::test]
async fn opentelemetry_records_are_rows() {
    let service = TestService::start().await;
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"timeUnixNano": "1772449200000000000", "body": {"stringValue": "hello"}, "severityText": "INFO"},
        {"body": {"stringValue": SIGN_IN}},
    ]}]}]});
    let answer = post(&service, "/v1/logs", body.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (200, b"{}".as_slice()));
    assert_eq!(rows(&service, "OTelLogs_CL | project Body, SeverityText").await, [json!(["hello", "INFO"])]);
    assert_eq!(rows(&service, "SigninLogs | count").await, [json!(1)]);
    assert_eq!(post(&service, "/v1/logs", "{").await.status, 400);
    assert_eq!(send(&service, "/v1/logs", &[("content-type", "text/plain")], "x").await.status, 415);
    let protobuf = send(&service, "/v1/logs", &[("content-type", "application/x-protobuf")], "").await;
    assert_eq!((protobuf.status.as_u16(), protobuf.body.len()), (200, 0));
}

#[tokio::test]
async fn kusto_streams_go_to_their_table_by_name_and_by_place() {
    let service = TestService::start().await;
    let answer = post(
        &service,
        "/v1/rest/ingest/db/SecurityEvent?streamFormat=MultiJSON",
        r#"{"Computer":"a"} {"Computer":"b"}"#,
    )
    .await;
    assert_eq!(answer.json()["Tables"][0]["Rows"][0][0], 2);
    assert_eq!(rows(&service, "SecurityEvent | count").await, [json!(2)]);
    let unknown = post(&service, "/v1/rest/ingest/db/Nothing?streamFormat=csv", "a").await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["error"]["code"]), (400, &json!("BadRequest_EntityNotFound")));
    let format = post(&service, "/v1/rest/ingest/db/SecurityEvent?streamFormat=parquet", "a").await;
    assert!(format.json()["error"]["@message"].as_str().unwrap().contains("`parquet`"));
    let spoiled = post(&service, "/v1/rest/ingest/db/SecurityEvent?streamFormat=json", "nothing").await;
    assert_eq!((spoiled.status.as_u16(), &spoiled.json()["error"]["@permanent"]), (400, &json!(true)));
}

#[tokio::test]
async fn parts_of_files_are_stored_once() {
    let service = TestService::start().await;
    let headers = [("x-vedette-batch-id", "part-1")];
    for repeated in [false, true] {
        let answer = send(&service, "/api/v1/ingest?source=logs%2Fa.json", &headers, SIGN_IN).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["repeated"]), (200, &json!(repeated)));
    }
    assert_eq!(rows(&service, "SigninLogs | project _SourceFile").await, [json!("logs/a.json")]);
    let csv = send(&service, "/api/v1/ingest?source=b.csv&table=Csv_CL", &[], "Name,N\nx,1\n").await;
    assert_eq!(csv.json()["accepted"], 1);
    assert_eq!(rows(&service, "Csv_CL | project Name, N").await, [json!(["x", 1])]);
    assert_eq!(send(&service, "/api/v1/ingest?source=x", &[], "\u{0}\u{1}").await.status, 415);
    assert_eq!(send(&service, "/api/v1/ingest?source=x&table=Nothing", &[], "{}").await.status, 404);
}

#[tokio::test]
async fn text_of_queries_and_statements_is_stored_verbatim_on_every_way() {
    let service = TestService::start().await;
    let texts = ["'; DROP TABLE users; --", "App_CL | take 1", "\" or 1==1", "${jndi:ldap://x}", "../../etc/passwd"];
    let body: Vec<Value> = texts.iter().map(|text| json!({"Field": text, (*text): text})).collect();
    let body = Value::Array(body).to_string();
    assert_eq!(post(&service, &format!("{OPEN}/Custom-Nasty_CL"), body).await.status, 204);
    let mut found = rows(&service, "Nasty_CL | project Field").await;
    let mut expected: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    found.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn files_of_a_watched_folder_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (watched, done) = (folder.path().join("in"), folder.path().join("done"));
    std::fs::create_dir(&watched).unwrap();
    std::fs::create_dir(&done).unwrap();
    std::fs::write(watched.join("a.json"), SIGN_IN).unwrap();
    std::fs::write(watched.join("b.json.part"), SIGN_IN).unwrap();
    let config = format!(
        "[[folders]]\npath = {:?}\ndone = {:?}\nsettle = \"0s\"\n",
        watched.display().to_string(),
        done.display().to_string()
    );
    let service = TestService::with(&config, all_routes()).await;
    let stop = CancellationToken::new();
    let watching = tokio::spawn(super::run_jobs(service.app.clone(), stop.clone()));
    while !done.join("a.json").exists() {
        tokio::task::yield_now().await;
    }
    // The same content under another name is known.
    std::fs::copy(done.join("a.json"), watched.join("c.json")).unwrap();
    while !done.join("c.json").exists() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    watching.await.unwrap();
    assert_eq!(rows(&service, "SigninLogs | count").await, [json!(1)]);
    assert_eq!(rows(&service, "IngestedFiles | project Records").await, [json!(1)]);
    assert!(watched.join("b.json.part").exists());
}

#[tokio::test]
async fn syslog_comes_in_datagrams_and_on_connections() {
    use tokio::io::AsyncWriteExt;
    let config = "[syslog]\nudp = \"127.0.0.1:0\"\ntcp = \"127.0.0.1:0\"\nbatch_time = \"1ms\"\n";
    let service = TestService::with(config, all_routes()).await;
    let syslog = super::Syslog::bind(&service.app.config().syslog, None).await.unwrap();
    let addresses = syslog.addresses();
    let address = |scheme: &str| addresses.iter().find_map(|address| address.strip_prefix(scheme)).unwrap().to_owned();
    let stop = CancellationToken::new();
    let tasks: Vec<_> = syslog.tasks(&service.app, &stop).into_iter().map(tokio::spawn).collect();
    let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    udp.send_to(b"<34>1 2026-03-02T11:00:00Z host su - - - by datagram\n", address("syslog+udp://")).await.unwrap();
    let mut tcp = tokio::net::TcpStream::connect(address("syslog+tcp://")).await.unwrap();
    let counted = "<34>1 2026-03-02T11:00:00Z host su - - - counted";
    let text = format!("{} {counted}<34>1 2026-03-02T11:00:00Z host su - - - by line\nno header\n", counted.len());
    tcp.write_all(text.as_bytes()).await.unwrap();
    let cef = "<13>Mar  2 11:00:00 fw CEF:0|Vendor|Product|1|100|name|5|src=192.0.2.1\n";
    tcp.write_all(cef.as_bytes()).await.unwrap();
    tcp.shutdown().await.unwrap();
    while rows(&service, "union Syslog, CommonSecurityLog | count").await != [json!(5)] {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
    let messages = rows(&service, "Syslog | order by SyslogMessage asc | project SyslogMessage").await;
    assert_eq!(messages, [json!("by datagram"), json!("by line"), json!("counted"), json!("no header")]);
    assert_eq!(
        rows(&service, "CommonSecurityLog | project DeviceVendor, SourceIP").await,
        [json!(["Vendor", "192.0.2.1"])]
    );
}

const RULE: &str = "/subscriptions/S1/resourceGroups/G/providers/Microsoft.Insights/dataCollectionRules/Firewall?api-version=2023-03-11";

#[tokio::test]
async fn a_rule_made_through_the_service_takes_records_until_it_is_removed() {
    let service = TestService::start().await;
    let rule = json!({"location": "local", "properties": {
        "streamDeclarations": {"Custom-Fw_CL": {"columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "N", "type": "int"}]}},
        "destinations": {"logAnalytics": [{"workspaceResourceId": "w", "name": "w"}]},
        "dataFlows": [{"streams": ["Custom-Fw_CL"], "destinations": ["w"], "transformKql": "source | where N > 1", "outputStream": "Custom-Fw_CL"}],
    }});
    assert_eq!(service.call("Ingest", Method::PUT, RULE, rule.to_string()).await.status, 403);
    let made = service.call("Contributor", Method::PUT, RULE, rule.to_string()).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let made = made.json();
    assert_eq!((&made["name"], &made["type"]), (&json!("Firewall"), &json!("Microsoft.Insights/dataCollectionRules")));
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    let id = made["properties"]["immutableId"].as_str().unwrap().to_owned();
    let path = format!("/dataCollectionRules/{id}/streams/Custom-Fw_CL");
    assert_eq!(post(&service, &path, r#"[{"N":1},{"N":2}]"#).await.status, 204);
    assert_eq!(rows(&service, "Fw_CL | project N").await, [json!(2)]);
    assert_eq!(service.call("Contributor", Method::PUT, RULE, rule.to_string()).await.status, 200);
    let other_case = RULE.replace("Firewall", "firewall").replace("resourceGroups", "resourcegroups");
    assert_eq!(service.call("Reader", Method::GET, &other_case, "").await.json()["name"], "Firewall");
    let list = "/subscriptions/s1/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules?api-version=1";
    assert_eq!(service.call("Reader", Method::GET, list, "").await.json()["value"].as_array().unwrap().len(), 1);
    // As after a restart.
    service.app.doors().rules().remove(&id);
    assert_eq!(post(&service, &path, "[]").await.status, 404);
    super::load(&service.app).await.unwrap();
    assert_eq!(post(&service, &path, "[]").await.status, 204);
    assert_eq!(service.call("Contributor", Method::DELETE, RULE, "").await.status, 200);
    assert_eq!(service.call("Contributor", Method::DELETE, RULE, "").await.status, 204);
    assert_eq!(post(&service, &path, "[]").await.status, 404);
    assert_eq!(service.call("Reader", Method::GET, RULE, "").await.json()["error"]["code"], "ResourceNotFound");
}

#[tokio::test]
async fn rules_that_cannot_work_are_refused() {
    let service = TestService::start().await;
    let with = |transform: &str| {
        json!({"properties": {
            "streamDeclarations": {"Custom-A_CL": {"columns": [{"name": "N", "type": "int"}]}},
            "dataFlows": [{"streams": ["Custom-A_CL"], "transformKql": transform, "outputStream": "Custom-A_CL"}],
        }})
        .to_string()
    };
    for (body, code) in [
        (with("source | where Missing > 1"), "InvalidTransformQuery"),
        (with("Other | take 1"), "InvalidTransformQuery"),
        (json!({"properties": {"dataFlows": [{"streams": ["Custom-A_CL"]}]}}).to_string(), "InvalidPayload"),
        ("{".to_owned(), "InvalidRequestContent"),
    ] {
        let answer = service.call("Contributor", Method::PUT, RULE, body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &json!(code)));
    }
    let unversioned = service.call("Contributor", Method::PUT, RULE.split('?').next().unwrap(), "{}").await;
    assert_eq!(unversioned.json()["error"]["code"], "MissingApiVersionParameter");
    let endpoint = RULE.replace("dataCollectionRules/Firewall", "dataCollectionEndpoints/E");
    let made = service.call("Contributor", Method::PUT, &endpoint, "{}").await.json();
    assert_eq!(made["properties"]["logsIngestion"]["endpoint"], "http://localhost");
}
