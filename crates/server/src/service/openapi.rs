//! The OpenAPI document of our own routes.

use std::collections::BTreeMap;

use access::Permission;
use axum::Json;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::route::{Route, RouteSpec};
use super::router::all_routes;
use super::shapes::{JSON, Shape};
use super::surface::Surface;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let document = Route::get("/openapi.json", Permission::SignedIn, document).summary("This document");
    vec![document.gives_as(StatusCode::OK, JSON, Shape::Object)]
}

/// A refusal, which every route may give.
fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }},
    })
}

async fn document() -> Json<Value> {
    let specs: Vec<RouteSpec> = all_routes().into_iter().map(|route| route.spec).collect();
    Json(document_of(&specs))
}

/// The document over the routes whose surface is ours and those that ask. Answers of other products' surfaces are described by their makers.
pub(crate) fn document_of(specs: &[RouteSpec]) -> Value {
    let mut paths = Map::new();
    let mut schemas = BTreeMap::from([("Error".to_owned(), error_schema())]);
    for spec in specs.iter().filter(|spec| is_described(spec)) {
        let path = paths.entry(spec.path.replace("{*", "{")).or_insert_with(|| json!({}));
        path[spec.method.as_str().to_ascii_lowercase()] = operation(spec, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Vedette", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "vedette_session"},
            },
        },
    })
}

fn is_described(spec: &RouteSpec) -> bool {
    spec.surface == Surface::Vedette || spec.shapes.gives.is_some()
}

fn operation(spec: &RouteSpec, schemas: &mut BTreeMap<String, Value>) -> Value {
    let parameters: Vec<Value> = spec
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let refused = match spec.surface {
        Surface::Vedette => {
            json!({"description": "Refused", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}})
        }
        _ => json!({"description": "Refused, as this surface's clients expect it"}),
    };
    let mut operation = json!({
        "operationId": operation_id(spec),
        "summary": spec.summary,
        "x-permission": format!("{:?}", spec.permission),
        "parameters": parameters,
        "responses": {"default": refused},
    });
    spec.shapes.describe(&mut operation, schemas);
    if spec.permission != Permission::Public {
        operation["security"] = json!([{"token": []}, {"session": []}]);
    }
    operation
}

/// A name that generators of clients make a function of: `get_api_v1_users_id`.
fn operation_id(spec: &RouteSpec) -> String {
    let words = spec.path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(spec.method.as_str().to_ascii_lowercase())
        .chain(words.map(str::to_ascii_lowercase))
        .collect::<Vec<_>>()
        .join("_")
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn ours() -> Vec<RouteSpec> {
        let specs = all_routes().into_iter().map(|route| route.spec);
        specs.filter(is_described).collect()
    }

    #[test]
    fn every_route_of_ours_is_described_with_what_it_takes_and_gives() {
        let document = document_of(&ours());
        for spec in ours() {
            let path = spec.path.replace("{*", "{");
            let operation = &document["paths"][&path][spec.method.as_str().to_ascii_lowercase()];
            let named = format!("{} {}", spec.method, spec.path);
            assert!(operation.is_object(), "{named}");
            assert!(!spec.summary.is_empty(), "{named} has no summary");
            let given = spec.shapes.gives.as_ref().unwrap_or_else(|| panic!("{named} does not say what it gives"));
            let answer = &operation["responses"][given.status.as_str()];
            let has_body = !matches!(given.status, StatusCode::NO_CONTENT) && !given.status.is_redirection();
            assert_eq!(answer["content"].is_object(), has_body, "{named}");
            // A body limit of its own is what tells a route that reads a body.
            let reads = spec.body_bytes != crate::service::route::BODY_BYTES && spec.method != Method::GET;
            assert!(!reads || operation["requestBody"].is_object(), "{named} does not say what it takes");
        }
    }

    /// Every reference leads somewhere, every schema is led to, and no two routes have one id.
    #[test]
    fn the_document_holds_together() {
        let document = document_of(&ours());
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let (mut references, mut ids) = (Vec::new(), Vec::new());
        walk(&document, &mut |key, value| {
            let list = match key {
                "$ref" => &mut references,
                "operationId" => &mut ids,
                _ => return,
            };
            list.push(value.as_str().unwrap().to_owned());
        });
        let named = |name: &str| format!("#/components/schemas/{name}");
        for reference in &references {
            assert!(schemas.keys().any(|name| *reference == named(name)), "{reference} leads nowhere");
        }
        for name in schemas.keys() {
            assert!(references.contains(&named(name)), "nothing leads to {name}");
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(count > 30, "{count}");
    }

    fn walk(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    visit(key, value);
                    walk(value, visit);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
            _ => {}
        }
    }
}
