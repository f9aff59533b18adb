//! The documents by which clients of Azure find this service instead.

use access::Permission;
use axum::Json;
use axum::extract::{Path, State};
use http::request::Parts;
use serde_json::{Value, json};

use super::super::app::App;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::super::surface::Surface;
use super::requests::is_tls;

/// The id under which Kusto's own tools sign in; some clients want to see it.
const KUSTO_CLIENT_APP_ID: &str = "db662dc1-0cfe-4e1c-a843-19a68e65be58";

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/{tenant}/v2.0/.well-known/openid-configuration", Permission::Public, openid_v2)
            .surface(Surface::OAuth)
            .summary("Where clients of Azure get tokens"),
        Route::get("/{tenant}/.well-known/openid-configuration", Permission::Public, openid_v1)
            .surface(Surface::OAuth)
            .summary("Where clients of Azure and AD FS get tokens"),
        Route::get("/{tenant}/discovery/keys", Permission::Public, keys)
            .surface(Surface::OAuth)
            .summary("Public keys of access tokens: none, this service alone reads them"),
        Route::get("/metadata/endpoints", Permission::Public, cloud)
            .surface(Surface::Arm)
            .summary("The cloud's endpoints, as Azure Resource Manager describes them"),
        Route::get("/v1/rest/auth/metadata", Permission::Public, kusto)
            .surface(Surface::Kusto)
            .summary("Where clients of Azure Data Explorer sign in"),
    ]
}

async fn openid_v2(State(app): State<App>, Path(tenant): Path<String>, parts: Parts) -> Result<Json<Value>, Refusal> {
    openid(&app, &tenant, &parts, "oauth2/v2.0")
}

async fn openid_v1(State(app): State<App>, Path(tenant): Path<String>, parts: Parts) -> Result<Json<Value>, Refusal> {
    openid(&app, &tenant, &parts, "oauth2")
}

fn openid(app: &App, tenant: &str, parts: &Parts, version: &str) -> Result<Json<Value>, Refusal> {
    let proper = !tenant.is_empty()
        && tenant.len() <= 128
        && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !proper {
        return Err(Refusal::bad_request("invalid_tenant", "a tenant is a GUID, a domain name, `common` or `adfs`"));
    }
    let base = app.base_url(&parts.headers, is_tls(parts));
    let issuer = if version == "oauth2" { format!("{base}/{tenant}") } else { format!("{base}/{tenant}/v2.0") };
    Ok(Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{base}/{tenant}/{version}/token"),
        "authorization_endpoint": format!("{base}/{tenant}/{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/{version}/devicecode"),
        "jwks_uri": format!("{base}/{tenant}/discovery/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [],
    })))
}

async fn keys() -> Json<Value> {
    Json(json!({"keys": []}))
}

async fn cloud(State(app): State<App>, parts: Parts) -> Json<Value> {
    let base = app.base_url(&parts.headers, is_tls(&parts));
    let with_slash = format!("{base}/");
    Json(json!({
        "name": "Vedette",
        "portal": base,
        "graphEndpoint": with_slash,
        "graphAudience": with_slash,
        "graph": with_slash,
        "microsoftGraphResourceId": with_slash,
        "authentication": {"loginEndpoint": with_slash, "audiences": [with_slash, base], "tenant": "common", "identityProvider": "AAD"},
        "resourceManager": with_slash,
        "logAnalyticsResourceId": base,
        "suffixes": {},
    }))
}

async fn kusto(State(app): State<App>, parts: Parts) -> Json<Value> {
    let base = app.base_url(&parts.headers, is_tls(&parts));
    Json(json!({"AzureAD": {
        "LoginEndpoint": base,
        "LoginMfaRequired": false,
        "KustoClientAppId": KUSTO_CLIENT_APP_ID,
        "KustoClientRedirectUri": "http://localhost",
        "KustoServiceResourceId": base,
        "FirstPartyAuthorityUrl": format!("{base}/adfs"),
    }}))
}
