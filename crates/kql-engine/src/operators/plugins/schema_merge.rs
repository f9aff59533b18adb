//! `schema_merge`: one schema of several that `getschema` gave.
//!
//! <https://learn.microsoft.com/kusto/query/schema-merge-plugin>

use std::collections::HashMap;

use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, array_of};
use crate::diagnostics as codes;
use crate::scope::Relation;

/// What Kusto writes where a column has another place than before.
const OUT_OF_ORDER: &str = "ERROR(columns are out of order)";
/// What Kusto writes where a column has another type than before.
const TYPE_MISMATCH: &str = "ERROR(columns have different types)";

/// The columns of `getschema`.
const COLUMNS: [(&str, Type); 4] = [
    ("ColumnName", Type::String),
    ("ColumnOrdinal", Type::Long),
    ("DataType", Type::String),
    ("ColumnType", Type::String),
];

/// A column of the merged schema.
struct Merged {
    name: String,
    ordinal: i64,
    data_type: String,
    column_type: String,
}

impl Binder<'_> {
    /// Every column once; one whose place differs is marked, unless the order may change.
    pub(super) fn schema_merge(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let keeps_order = args.optional_constant(self, "PreserveOrder", Wanted::BOOL)?;
        let keeps_order = keeps_order != Some(Value::Bool(false));
        args.finish()?;
        let mut used = Vec::new();
        for (name, ty) in COLUMNS {
            match input.column(name) {
                Some(column) if column.ty == ty => used.push(column.clone()),
                _ => {
                    let message = format!("`schema_merge` needs a column `{name}` of type {}", ty.name());
                    let hint = "its input is a union of what `getschema` gives";
                    return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).with_hint(hint).into());
                }
            }
        }
        let input = self.only(input, &used)?;
        let columns = COLUMNS.map(|(name, ty)| (name.to_owned(), ty));
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let mut merged = merged(&inputs[0], keeps_order);
            watch.check()?;
            if !keeps_order {
                merged.sort_by_key(|column| column.ordinal);
                (0_i64..).zip(&mut merged).for_each(|(ordinal, column)| column.ordinal = ordinal);
            }
            let text = |of: fn(&Merged) -> &String| {
                let values: Vec<Value> = merged.iter().map(|column| Value::String(of(column).clone())).collect();
                array_of(Type::String, &values)
            };
            let ordinals: Vec<Value> = merged.iter().map(|column| Value::Long(column.ordinal)).collect();
            Ok(vec![
                text(|column| &column.name)?,
                array_of(Type::Long, &ordinals)?,
                text(|column| &column.data_type)?,
                text(|column| &column.column_type)?,
            ])
        })?;
        self.conformed(output, call)
    }
}

fn merged(rows: &Rows, keeps_order: bool) -> Vec<Merged> {
    let mut merged: Vec<Merged> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for row in 0..rows.len() {
        let text = |column: usize| match rows.value(column, row) {
            Value::String(text) => text,
            _ => String::new(),
        };
        let Value::Long(ordinal) = rows.value(1, row) else { continue };
        let (name, column_type) = (text(0), text(3));
        match known.get(&name) {
            None => {
                known.insert(name.clone(), merged.len());
                merged.push(Merged { name, ordinal, data_type: text(2), column_type });
            }
            Some(at) => {
                let before = &mut merged[*at];
                let problem = if before.column_type.starts_with("ERROR") {
                    None
                } else if before.column_type != column_type {
                    Some(TYPE_MISMATCH)
                } else {
                    (keeps_order && before.ordinal != ordinal).then_some(OUT_OF_ORDER)
                };
                if let Some(problem) = problem {
                    before.ordinal = -1;
                    before.data_type = format!("ERROR(unknown CSL type:{problem})");
                    problem.clone_into(&mut before.column_type);
                } else if !keeps_order {
                    before.ordinal = before.ordinal.max(ordinal);
                }
            }
        }
    }
    merged
}
