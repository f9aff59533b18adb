//! Data collection rules and endpoints as resources of Azure Resource Manager.
//!
//! <https://learn.microsoft.com/rest/api/monitor/data-collection-rules>

use access::Permission;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::read_rule::immutable_id;
use super::rule::Rule;
use super::transform::{source_rows, transform};
use crate::service::app::App;
use crate::service::connection::Connection;
use crate::service::doors::store::database_refusal;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// The kind of documents that rules are.
pub(super) const RULES: &str = "data-collection-rule";
/// The kind of documents that endpoints are.
const ENDPOINTS: &str = "data-collection-endpoint";
/// Rules, and endpoints, at most.
const MOST_RESOURCES: usize = 1000;
/// Longest name of a resource, as in Azure.
const NAME_BYTES: usize = 64;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let rules = [
        Route::get(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionrules",
            Permission::Read,
            list_rules,
        ),
        Route::get(
            "/subscriptions/{subscription}/providers/microsoft.insights/datacollectionrules",
            Permission::Read,
            list_rules,
        ),
        Route::get(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionrules/{name}",
            Permission::Read,
            get_rule,
        ),
        Route::put(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionrules/{name}",
            Permission::Contribute,
            put_rule,
        ),
        Route::delete(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionrules/{name}",
            Permission::Contribute,
            delete_rule,
        ),
    ];
    let rules = rules.map(|route| route.summary("Data collection rules"));
    let endpoints = [
        Route::get(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionendpoints",
            Permission::Read,
            list_endpoints,
        ),
        Route::get(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionendpoints/{name}",
            Permission::Read,
            get_endpoint,
        ),
        Route::put(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionendpoints/{name}",
            Permission::Contribute,
            put_endpoint,
        ),
        Route::delete(
            "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.insights/datacollectionendpoints/{name}",
            Permission::Contribute,
            delete_endpoint,
        ),
    ];
    let endpoints = endpoints.map(|route| route.summary("Data collection endpoints"));
    rules.into_iter().chain(endpoints).map(|route| route.surface(Surface::Arm)).collect()
}

/// Reads the rules that were made through the service.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn load(app: &App) -> Result<(), database::DatabaseError> {
    for kept in app.database().ingestion_documents(RULES).await? {
        match serde_json::from_str(&kept.document)
            .map_err(|error| error.to_string())
            .and_then(|resource| rule_of(&resource))
        {
            Ok(rule) => app.doors().rules().put(rule),
            Err(reason) => tracing::error!(rule = kept.name, reason, "a data collection rule cannot be read"),
        }
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Place {
    subscription: String,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Version {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

impl Version {
    fn check(&self) -> Result<(), Refusal> {
        match self.api_version.as_deref() {
            Some(version) if !version.is_empty() => Ok(()),
            _ => Err(Refusal::bad_request(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )),
        }
    }
}

impl Place {
    /// The resource's id in the case in which it was asked for.
    fn id(&self, kind: &str) -> String {
        let group = self.group.as_deref().map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
        let name = self.name.as_deref().map(|name| format!("/{name}")).unwrap_or_default();
        format!("/subscriptions/{}{group}/providers/Microsoft.Insights/{kind}{name}", self.subscription)
    }

    /// The key under which it is kept: ids do not differ by case.
    fn key(&self, kind: &str) -> String {
        self.id(kind).to_lowercase()
    }

    fn checked_name(&self) -> Result<&str, Refusal> {
        let name = self.name.as_deref().unwrap_or_default();
        let is_proper = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '(' | ')');
        if name.is_empty() || name.len() > NAME_BYTES || !name.chars().all(is_proper) {
            let message = format!("a name has 1 to {NAME_BYTES} letters, digits, `-`, `_`, `.` and brackets");
            return Err(Refusal::bad_request("InvalidResourceName", message));
        }
        Ok(name)
    }
}

async fn list(app: &App, place: &Place, kind: &str, documents: &str) -> Result<Json<Value>, Refusal> {
    let within = match &place.group {
        Some(_) => format!("{}/", place.key(kind)),
        None => format!("/subscriptions/{}/", place.subscription.to_lowercase()),
    };
    let kept = app.database().ingestion_documents(documents).await.map_err(database_refusal)?;
    let found = kept.iter().filter(|kept| kept.name.starts_with(&within));
    let resources: Vec<Value> = found.filter_map(|kept| serde_json::from_str(&kept.document).ok()).collect();
    Ok(Json(json!({"value": resources})))
}

async fn get(app: &App, place: &Place, kind: &str, documents: &str) -> Result<Json<Value>, Refusal> {
    let kept = app.database().ingestion_document(documents, &place.key(kind)).await.map_err(database_refusal)?;
    let resource = kept.and_then(|kept| serde_json::from_str(&kept.document).ok());
    resource.map(Json).ok_or_else(|| {
        let message =
            format!("The Resource 'Microsoft.Insights/{kind}/{}' was not found.", place.name.as_deref().unwrap_or(""));
        Refusal::not_found("ResourceNotFound", message)
    })
}

/// Keeps a resource; 201 where it is new.
async fn put(app: &App, place: &Place, kind: &str, documents: &str, resource: &Value) -> Result<Response, Refusal> {
    let is_known =
        app.database().ingestion_document(documents, &place.key(kind)).await.map_err(database_refusal)?.is_some();
    if !is_known
        && app.database().ingestion_documents(documents).await.map_err(database_refusal)?.len() >= MOST_RESOURCES
    {
        return Err(Refusal::new(StatusCode::CONFLICT, "QuotaExceeded", format!("there are {MOST_RESOURCES} already")));
    }
    let document = resource.to_string();
    let is_new = app
        .database()
        .set_ingestion_document(documents, &place.key(kind), &document, app.now())
        .await
        .map_err(database_refusal)?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(resource.clone())).into_response())
}

/// The resource of a body, with what the service adds to its properties.
fn resource(place: &Place, kind: &str, body: &Value, added: Value) -> Result<Value, Refusal> {
    let name = place.checked_name()?;
    let invalid = |message: &str| Refusal::bad_request("InvalidPayload", message);
    let body = body.as_object().ok_or_else(|| invalid("the body is no object"))?;
    let mut properties = match body.get("properties") {
        None => Map::new(),
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) => return Err(invalid("`properties` is no object")),
    };
    properties.extend(added.as_object().cloned().unwrap_or_default());
    let mut resource = Map::new();
    for kept in ["location", "tags", "kind", "identity"] {
        resource.extend(body.get(kept).map(|value| (kept.to_owned(), value.clone())));
    }
    resource.insert("id".to_owned(), place.id(kind).into());
    resource.insert("name".to_owned(), name.into());
    resource.insert("type".to_owned(), format!("Microsoft.Insights/{kind}").into());
    resource.insert("etag".to_owned(), format!("\"{}\"", uuid::Uuid::new_v4()).into());
    resource.insert("properties".to_owned(), properties.into());
    Ok(resource.into())
}

fn rule_of(resource: &Value) -> Result<Rule, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let properties = &resource["properties"];
    Rule::from_properties(&text(&resource["name"]), text(&properties["immutableId"]), properties)
}

fn read_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request("InvalidRequestContent", error.to_string()))
}

const RULE_KIND: &str = "dataCollectionRules";
const ENDPOINT_KIND: &str = "dataCollectionEndpoints";

async fn list_rules(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<Json<Value>, Refusal> {
    version.check()?;
    list(&app, &place, RULE_KIND, RULES).await
}

async fn get_rule(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<Json<Value>, Refusal> {
    version.check()?;
    get(&app, &place, RULE_KIND, RULES).await
}

async fn put_rule(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    version.check()?;
    let id = immutable_id(&place.key(RULE_KIND));
    let added = json!({"immutableId": id, "provisioningState": "Succeeded"});
    let resource = resource(&place, RULE_KIND, &read_body(&body)?, added)?;
    let rule = rule_of(&resource).map_err(|reason| Refusal::bad_request("InvalidPayload", reason))?;
    check_transforms(&app, &rule).await?;
    let answer = put(&app, &place, RULE_KIND, RULES, &resource).await?;
    app.doors().rules().put(rule);
    Ok(answer)
}

/// Runs each transformation over no rows, so that one that cannot run is refused before records come.
async fn check_transforms(app: &App, rule: &Rule) -> Result<(), Refusal> {
    let now = app.now();
    for (name, stream) in &rule.streams {
        for query in stream.flows.iter().filter_map(|flow| flow.transform.as_deref()) {
            let rows = source_rows(&stream.columns, &ingest::Records::json(), now)?;
            transform(app, query, rows, now)
                .await
                .map_err(|error| Refusal::bad_request("InvalidTransformQuery", format!("stream `{name}`: {error}")))?;
        }
    }
    Ok(())
}

async fn delete_rule(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<StatusCode, Refusal> {
    version.check()?;
    let existed =
        app.database().delete_ingestion_document(RULES, &place.key(RULE_KIND)).await.map_err(database_refusal)?;
    app.doors().rules().remove(&immutable_id(&place.key(RULE_KIND)));
    Ok(if existed { StatusCode::OK } else { StatusCode::NO_CONTENT })
}

async fn list_endpoints(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<Json<Value>, Refusal> {
    version.check()?;
    list(&app, &place, ENDPOINT_KIND, ENDPOINTS).await
}

async fn get_endpoint(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<Json<Value>, Refusal> {
    version.check()?;
    get(&app, &place, ENDPOINT_KIND, ENDPOINTS).await
}

/// An endpoint is this service, whatever its name: senders take its address from the answer.
async fn put_endpoint(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
    connection: Option<Extension<Connection>>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    version.check()?;
    let base = app.base_url(&headers, connection.is_some_and(|connection| connection.is_tls));
    let id = immutable_id(&place.key(ENDPOINT_KIND)).replacen("dcr-", "dce-", 1);
    let added = json!({
        "immutableId": id,
        "provisioningState": "Succeeded",
        "logsIngestion": {"endpoint": base},
        "configurationAccess": {"endpoint": base},
    });
    let resource = resource(&place, ENDPOINT_KIND, &read_body(&body)?, added)?;
    put(&app, &place, ENDPOINT_KIND, ENDPOINTS, &resource).await
}

async fn delete_endpoint(
    State(app): State<App>,
    Path(place): Path<Place>,
    Query(version): Query<Version>,
) -> Result<StatusCode, Refusal> {
    version.check()?;
    let existed = app
        .database()
        .delete_ingestion_document(ENDPOINTS, &place.key(ENDPOINT_KIND))
        .await
        .map_err(database_refusal)?;
    Ok(if existed { StatusCode::OK } else { StatusCode::NO_CONTENT })
}
