//! What `evaluate plugin(…) : (*, name:type)` declares.

use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic};

use super::PluginCall;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::column_type;
use crate::scope::Relation;
use crate::typed::Typed;

/// Names and types of the declared columns, those of the input first where the declaration begins with `*`.
pub(super) fn declared(schema: &ast::OutputSchema, input: &[(String, Type)]) -> Vec<(String, Type)> {
    let mut columns = if schema.keeps_input { input.to_vec() } else { Vec::new() };
    for column in &schema.columns {
        let (name, ty) = (column.name.name.clone(), column_type(column.ty));
        match columns.iter_mut().find(|(existing, _)| *existing == name) {
            Some(existing) => existing.1 = ty,
            None => columns.push((name, ty)),
        }
    }
    columns
}

impl Binder<'_> {
    /// The columns that the query declares, of a plugin whose columns are known: each must be there, of that type.
    pub(super) fn conformed(&mut self, output: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let Some(schema) = call.schema else { return Ok(output) };
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        for column in &schema.columns {
            let wanted = column_type(column.ty);
            let name = &column.name;
            let Some(found) = output.column(&name.name) else {
                let known = output.visible().map(|column| column.name.as_str());
                let what = format!("column of `{}`", call.name);
                return Err(codes::unknown(codes::UNKNOWN_NAME, name.span, &what, &name.name, known).into());
            };
            if found.ty != wanted {
                let message = format!("`{}` is a {}, not a {}", name.name, found.ty.name(), wanted.name());
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, name.span, message).into());
            }
            columns.push((name.name.clone(), Typed::column(found), false));
        }
        if schema.keeps_input {
            return Ok(output);
        }
        self.project(output, columns)
    }
}
