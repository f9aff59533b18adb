//! Schemas of our own types for the service's OpenAPI document. Microsoft's own forms are described by their pages, which routes name.

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

/// Schemas by name.
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    [
        ("KustoRequest", kusto_request()),
        ("LogAnalyticsRequest", log_analytics_request()),
        ("LogAnalyticsBatch", batch()),
        ("HuntingRequest", hunting_request()),
    ]
    .map(|(name, schema)| (name.to_owned(), RefOr::T(schema)))
    .to_vec()
}

fn string(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

fn kusto_request() -> Schema {
    ObjectBuilder::new()
        .description(Some("A query or management command of Kusto's REST API"))
        .property("db", string("The database; the default one where it is left out"))
        .property("csl", string("KQL, or a command that starts with a dot"))
        .property(
            "properties",
            ObjectBuilder::new().description(Some("`Options` and `Parameters`, as an object or as its JSON text")),
        )
        .required("csl")
        .into()
}

fn log_analytics_request() -> Schema {
    ObjectBuilder::new()
        .description(Some("A query of Log Analytics"))
        .property("query", string("KQL"))
        .property("timespan", string("An ISO 8601 duration, `start/end`, `start/duration` or `duration/end`"))
        .property("workspaces", ArrayBuilder::new().items(string("The id, name or resource id of a workspace")))
        .required("query")
        .into()
}

fn batch() -> Schema {
    let item = ObjectBuilder::new()
        .property("id", string("What the client calls the query"))
        .property("workspace", string("The workspace"))
        .property("headers", ObjectBuilder::new())
        .property("body", RefOr::Ref::<Schema>(Ref::from_schema_name("LogAnalyticsRequest")))
        .required("id")
        .required("body");
    ObjectBuilder::new()
        .description(Some("Several queries of Log Analytics"))
        .property("requests", ArrayBuilder::new().items(item))
        .required("requests")
        .into()
}

fn hunting_request() -> Schema {
    ObjectBuilder::new()
        .description(Some("A hunting query of Microsoft Graph"))
        .property("query", string("KQL"))
        .property("timespan", string("An ISO 8601 duration or range"))
        .required("query")
        .into()
}
