//! `render`: a hint that travels with the result.

use kql_syntax::{ExprKind, Ident, Literal, OperatorParameter};
use serde_json::{Map, Value as Json};

use crate::binder::{Bind, Binder};
use crate::scope::Relation;

impl Binder<'_> {
    /// Remembers how the result asks to be shown; the rows stay as they are.
    pub(super) fn render(
        &mut self,
        input: Relation,
        visualization: &Ident,
        parameters: &[OperatorParameter],
    ) -> Bind<Relation> {
        let mut hint = Map::new();
        hint.insert("visualization".to_owned(), Json::String(visualization.name.clone()));
        for parameter in parameters {
            let value = match &parameter.value.kind {
                ExprKind::Literal(Literal::String(text)) | ExprKind::Name(text) => Json::String(text.clone()),
                ExprKind::Literal(Literal::Bool(value)) => value.map_or(Json::Null, Json::Bool),
                ExprKind::Literal(Literal::Long(Some(text)) | Literal::Real(Some(text))) => {
                    text.parse::<f64>().map_or(Json::Null, Json::from)
                }
                _ => continue,
            };
            hint.insert(parameter.name.name.clone(), value);
        }
        self.visualization = Some(Json::Object(hint));
        Ok(input)
    }
}
