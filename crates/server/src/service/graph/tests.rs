//! Graph's routes, from request to body.

use http::Method;
use serde_json::json;

use crate::service::testing::TestService;

#[tokio::test(flavor = "multi_thread")]
async fn both_spellings_of_the_route_and_of_the_query_are_answered() {
    let service = TestService::start().await;
    for (path, body) in [
        ("/v1.0/security/runHuntingQuery", json!({"Query": "print x=1, t=datetime(2026-01-01)"})),
        (
            "/v1.0/security/microsoft.graph.security.runHuntingQuery",
            json!({"query": "print x=1, t=datetime(2026-01-01)", "timespan": "P1D"}),
        ),
        ("/beta/security/runHuntingQuery", json!({"query": "print x=1, t=datetime(2026-01-01)"})),
    ] {
        let answer = service.call("Reader", Method::POST, path, body.to_string()).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let body = answer.json();
        assert_eq!(body["schema"][1], json!({"name": "t", "type": "DateTime"}), "{path}");
        assert_eq!(body["results"], json!([{"x": 1, "t": "2026-01-01T00:00:00Z"}]), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_does_not_fit_is_refused() {
    let service = TestService::with("[queries]\nrows = 10", super::routes()).await;
    let call = |query: &str| {
        let body = json!({"query": query}).to_string();
        let service = &service;
        async move { service.call("Reader", Method::POST, "/v1.0/security/runHuntingQuery", body).await }
    };
    assert_eq!(call("range x from 1 to 10 step 1").await.status, 200);
    let refused = call("range x from 1 to 11 step 1").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (400, &json!("BadRequest")));
    let wrong = call("Nothing").await;
    assert!(wrong.json()["error"]["message"].as_str().expect("a message").contains("SEM0100"));
}
