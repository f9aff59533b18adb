//! What a route takes and gives, for the OpenAPI document: types that say their own schema, or a media type.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// JSON.
pub(crate) const JSON: &str = "application/json";

/// What a route takes and gives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shapes {
    /// Bodies that it takes, in any of these forms; none for no body.
    pub(crate) takes: Vec<Content>,
    /// Whether it takes no body too.
    pub(crate) is_body_optional: bool,
    /// Parameters in the query of its address.
    pub(crate) parameters: Vec<Parameter>,
    /// What it gives where all goes well. None where nobody said so.
    pub(crate) gives: Option<Given>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its body, in any of these forms; none for no body.
    pub(crate) contents: Vec<Content>,
}

/// A body in one form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// What it looks like.
    pub(crate) shape: Shape,
}

/// What a body looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A type of ours.
    One(fn() -> Described),
    /// `{"value": […]}` of a type of ours.
    Listed(fn() -> Described),
    /// A list of a type of ours.
    Many(fn() -> Described),
    /// A request of another product's surface, by its name in [`api::schemas`].
    Form(&'static str),
    /// A JSON object that is described elsewhere.
    Object,
    /// Text, or bytes that are no JSON.
    Text,
}

/// A parameter in the query of an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    pub(crate) description: &'static str,
}

/// A type with the types that it is made of.
pub(crate) struct Described {
    name: String,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// A type as it describes itself.
pub(crate) fn described<T: ToSchema>() -> Described {
    let name = T::name().into_owned();
    let mut schemas = vec![(name.clone(), T::schema())];
    T::schemas(&mut schemas);
    Described { name, schemas }
}

impl Shape {
    /// The schema; types that it names are added to `schemas`.
    pub(crate) fn schema(self, schemas: &mut BTreeMap<String, Value>) -> Value {
        let mut reference = |described: Described| {
            for (name, schema) in described.schemas {
                schemas.insert(name, json!(schema));
            }
            json!({"$ref": format!("#/components/schemas/{}", described.name)})
        };
        match self {
            Self::One(describe) => reference(describe()),
            Self::Many(describe) => json!({"type": "array", "items": reference(describe())}),
            Self::Listed(describe) => {
                let items = reference(describe());
                json!({"type": "object", "required": ["value"], "properties": {"value": {"type": "array", "items": items}}})
            }
            Self::Form(name) => {
                let schemas = api::schemas().into_iter().filter(|(named, _)| named == name).collect();
                reference(Described { name: name.to_owned(), schemas })
            }
            Self::Object => json!({"type": "object"}),
            Self::Text => json!({"type": "string"}),
        }
    }
}

impl Shapes {
    /// The parts of an operation of OpenAPI.
    pub(crate) fn describe(&self, operation: &mut Value, schemas: &mut BTreeMap<String, Value>) {
        if !self.takes.is_empty() {
            let content = contents(&self.takes, schemas);
            operation["requestBody"] = json!({"required": !self.is_body_optional, "content": content});
        }
        for parameter in &self.parameters {
            let described = json!({
                "name": parameter.name, "in": "query", "required": parameter.is_required,
                "description": parameter.description, "schema": {"type": "string"},
            });
            if let Some(parameters) = operation["parameters"].as_array_mut() {
                parameters.push(described);
            }
        }
        if let Some(given) = &self.gives {
            let mut answer = json!({"description": given.status.canonical_reason().unwrap_or("Done")});
            if !given.contents.is_empty() {
                answer["content"] = contents(&given.contents, schemas);
            }
            operation["responses"][given.status.as_str()] = answer;
        }
    }
}

fn contents(contents: &[Content], schemas: &mut BTreeMap<String, Value>) -> Value {
    contents
        .iter()
        .map(|content| (content.media_type.to_owned(), json!({"schema": content.shape.schema(schemas)})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
