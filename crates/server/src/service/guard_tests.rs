//! What every route has from the guard.

use access::Permission;
use axum::response::IntoResponse;
use http::Method;

use super::guard::Caller;
use super::payload::Payload;
use super::refusal::Refusal;
use super::route::Route;
use super::router::all_routes;
use super::surface::Surface;
use super::testing::TestService;

async fn echo(Payload(bytes): Payload) -> impl IntoResponse {
    bytes
}

async fn name(Caller(caller): Caller) -> String {
    caller.name
}

async fn panics() -> String {
    panic!("as handlers should not")
}

async fn refuses() -> Result<String, Refusal> {
    Err(Refusal::busy(7, "later"))
}

fn routes() -> Vec<Route> {
    vec![
        Route::post("/echo", Permission::Ingest, echo).body_bytes(10),
        Route::get("/name", Permission::Read, name),
        Route::get("/panics", Permission::Public, panics),
        Route::get("/kusto", Permission::Public, refuses).surface(Surface::Kusto),
        Route::get("/elastic", Permission::Read, refuses).surface(Surface::Elastic),
        Route::get("/collector", Permission::Public, refuses).surface(Surface::DataCollector),
    ]
}

#[tokio::test]
async fn nobody_gets_nothing_and_each_role_what_it_may() {
    let service = TestService::with("", routes()).await;
    assert_eq!(service.call("", Method::GET, "/name", "").await.status, 401);
    assert_eq!(service.call("Ingest", Method::GET, "/name", "").await.status, 403);
    let answer = service.call("Reader", Method::GET, "/name", "").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (200, b"Reader".as_slice()));
    assert_eq!(service.call("Reader", Method::POST, "/echo", "x").await.status, 403);
    assert_eq!(service.call("Ingest", Method::POST, "/echo", "x").await.body.as_ref(), b"x");
    assert_eq!(service.call("Superuser", Method::GET, "/name", "").await.status, 401);
}

#[tokio::test]
async fn bodies_end_at_the_limit_of_their_route() {
    let service = TestService::with("", routes()).await;
    assert_eq!(service.call("Ingest", Method::POST, "/echo", "0123456789").await.status, 200);
    let refused = service.call("Ingest", Method::POST, "/echo", "0123456789a").await;
    assert_eq!((refused.status.as_u16(), &refused.headers["connection"]), (413, &"close".parse().unwrap()));
}

#[tokio::test]
async fn who_is_nobody_is_told_where_tokens_are_given() {
    let service = TestService::with("[http]\npublic_url = \"https://vedette.test\"", routes()).await;
    let refused = service.call("", Method::GET, "/name", "").await;
    assert_eq!(refused.headers["www-authenticate"], "Bearer authorization_uri=\"https://vedette.test/adfs\"");
    let elastic = service.call("", Method::GET, "/elastic", "").await;
    assert_eq!(elastic.headers["www-authenticate"], "Basic realm=\"Vedette\", ApiKey");
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_request_only() {
    let service = TestService::with("", routes()).await;
    let answer = service.call("", Method::GET, "/panics", "").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["error"]["code"], "InternalServerError");
}

#[tokio::test]
async fn refusals_speak_the_language_of_their_surface() {
    let service = TestService::with("", routes()).await;
    let kusto = service.call("", Method::GET, "/kusto", "").await;
    assert_eq!((kusto.status.as_u16(), &kusto.headers["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(kusto.json()["error"]["@permanent"], false);
    assert!(kusto.headers.contains_key("x-ms-activity-id"));
    let elastic = service.call("Reader", Method::GET, "/elastic", "").await;
    assert_eq!(
        (&elastic.headers["x-elastic-product"], &elastic.json()["status"]),
        (&"Elasticsearch".parse().unwrap(), &429.into())
    );
    assert_eq!(service.call("", Method::GET, "/elastic", "").await.headers["x-elastic-product"], "Elasticsearch");
    assert_eq!(service.call("", Method::GET, "/collector", "").await.json()["Message"], "later");
}

#[tokio::test]
async fn paths_that_nobody_has_are_not_found() {
    let service = TestService::with("", routes()).await;
    assert_eq!(service.call("Reader", Method::GET, "/nothing", "").await.status, 404);
    assert_eq!(service.call("Reader", Method::POST, "/name", "").await.status, 405);
    assert_eq!(service.call("Reader", Method::GET, "//name", "").await.status, 200);
    assert_eq!(service.call("Reader", Method::GET, "/../etc/passwd", "").await.status, 404);
}

#[tokio::test]
async fn the_service_tells_its_health_to_anybody_and_its_numbers_to_readers() {
    let service = TestService::with("", all_routes()).await;
    assert_eq!(service.call("", Method::GET, "/healthz", "").await.status, 200);
    assert_eq!(service.call("", Method::GET, "/readyz", "").await.status, 200);
    assert_eq!(service.call("", Method::GET, "/metrics", "").await.status, 401);
    let metrics = service.call("Reader", Method::GET, "/metrics", "").await;
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(text.contains("vedette_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1"), "{text}");
    service.app.stop().cancel();
    assert_eq!(service.call("", Method::GET, "/readyz", "").await.status, 503);
}
