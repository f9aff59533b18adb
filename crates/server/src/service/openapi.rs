//! The OpenAPI document of our own routes.

use access::Permission;
use axum::Json;
use serde_json::{Map, Value, json};

use super::route::{Route, RouteSpec};
use super::router::all_routes;
use super::surface::Surface;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/openapi.json", Permission::SignedIn, document).summary("This document")]
}

/// The schemas that routes name.
pub(crate) fn schemas() -> Map<String, Value> {
    let error = json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }},
    });
    Map::from_iter([("Error".to_owned(), error)])
}

async fn document() -> Json<Value> {
    let specs: Vec<RouteSpec> = all_routes().into_iter().map(|route| route.spec).collect();
    Json(document_of(&specs))
}

/// The document over the routes whose surface is ours: those of other products are described by their own makers.
pub(crate) fn document_of(specs: &[RouteSpec]) -> Value {
    let mut paths = Map::new();
    for spec in specs.iter().filter(|spec| spec.surface == Surface::Vedette) {
        let path = paths.entry(spec.path.replace("{*", "{")).or_insert_with(|| json!({}));
        path[spec.method.as_str().to_ascii_lowercase()] = operation(spec);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Vedette", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "vedette_session"},
            },
        },
    })
}

fn operation(spec: &RouteSpec) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let parameters: Vec<Value> = spec
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let answer = json!({"description": "Done"});
    let refused = json!({"description": "Refused", "content": {"application/json": {"schema": reference("Error")}}});
    let mut operation = json!({
        "summary": spec.summary,
        "x-permission": format!("{:?}", spec.permission),
        "responses": {"2XX": answer, "default": refused},
    });
    if !parameters.is_empty() {
        operation["parameters"] = Value::from(parameters);
    }
    if spec.permission != Permission::Public {
        operation["security"] = json!([{"token": []}, {"session": []}]);
    }
    operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_ours_is_described() {
        let specs: Vec<RouteSpec> = all_routes().into_iter().map(|route| route.spec).collect();
        let document = document_of(&specs);
        for spec in specs.iter().filter(|spec| spec.surface == Surface::Vedette) {
            let path = spec.path.replace("{*", "{");
            let operation = &document["paths"][&path][spec.method.as_str().to_ascii_lowercase()];
            assert!(operation.is_object(), "{} {}", spec.method, spec.path);
            assert!(!spec.summary.is_empty(), "{} {} has no summary", spec.method, spec.path);
        }
    }
}
