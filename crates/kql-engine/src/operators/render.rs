//! `render`: a hint that travels with the result.

use kql_functions::Value;
use kql_syntax::{Diagnostic, Expr, ExprKind, Ident, OperatorParameter};
use serde_json::{Map, Value as Json};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

/// What results can be shown as: page `render-operator` and the names that Microsoft's parser knows beside.
const VISUALIZATIONS: [&str; 21] = [
    "table",
    "list",
    "barchart",
    "piechart",
    "ladderchart",
    "timechart",
    "linechart",
    "anomalychart",
    "pivotchart",
    "areachart",
    "stackedareachart",
    "scatterchart",
    "timepivot",
    "columnchart",
    "timeline",
    "3Dchart",
    "card",
    "treemap",
    "plotly",
    "graph",
    "sankey",
];
/// Properties whose values are columns.
const COLUMNS: [&str; 4] = ["xcolumn", "ycolumns", "series", "anomalycolumns"];

impl Binder<'_> {
    /// Remembers how the result asks to be shown; the rows stay as they are.
    pub(super) fn render(
        &mut self,
        input: Relation,
        visualization: &Ident,
        parameters: &[OperatorParameter],
        environment: &Environment,
    ) -> Bind<Relation> {
        if !VISUALIZATIONS.contains(&visualization.name.as_str()) {
            let (name, what) = (&visualization.name, "visualization");
            return Err(codes::unknown(codes::INVALID_USE, visualization.span, what, name, VISUALIZATIONS).into());
        }
        let mut hint = Map::new();
        hint.insert("visualization".to_owned(), Json::String(visualization.name.clone()));
        for parameter in parameters {
            let name = &parameter.name.name;
            if COLUMNS.contains(&name.as_str()) {
                check_columns(&input, &parameter.value)?;
            }
            let value = self.property(name, &parameter.value, environment)?;
            hint.insert(name.clone(), value);
        }
        self.visualization = Some(Json::Object(hint));
        Ok(input)
    }

    /// The value of a property; lists of columns are arrays even where they name one.
    fn property(&mut self, name: &str, value: &Expr, environment: &Environment) -> Bind<Json> {
        let is_list = COLUMNS[1..].contains(&name);
        Ok(match &value.kind {
            ExprKind::Name(text) if is_list => Json::from(vec![text.clone()]),
            ExprKind::Name(text) => Json::String(text.clone()),
            ExprKind::List(items) => Json::from(items.iter().filter_map(column_name).collect::<Vec<_>>()),
            _ => match self.scalar_alone(value, environment)?.constant {
                Some(Value::String(text)) => Json::String(text),
                Some(Value::Bool(value)) => Json::Bool(value),
                Some(Value::Int(value)) => Json::from(value),
                Some(Value::Long(value)) => Json::from(value),
                Some(Value::Real(value)) => Json::from(value),
                Some(value) => {
                    let mut json = String::new();
                    kql_functions::dynamic::write_value(&mut json, &value);
                    serde_json::from_str(&json).unwrap_or(Json::Null)
                }
                None => {
                    let message = format!("value of `{name}` is not constant");
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, value.span, message).into());
                }
            },
        })
    }
}

fn column_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

/// Refuses columns that the result does not have.
fn check_columns(input: &Relation, value: &Expr) -> Bind<()> {
    let named = match &value.kind {
        ExprKind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    for item in named {
        if let Some(name) = column_name(item).filter(|name| input.column(name).is_none()) {
            let known = input.visible().map(|column| column.name.as_str());
            return Err(codes::unknown(codes::UNKNOWN_NAME, item.span, "column", name, known).into());
        }
    }
    Ok(())
}
