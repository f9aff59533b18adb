//! `narrow`: one row a cell.
//!
//! <https://learn.microsoft.com/kusto/query/narrow-plugin>

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewBuilder};
use kql_functions::{Type, Value};

use super::rows::bounded;
use super::{Arguments, PluginCall};
use crate::binder::{Bind, Binder};
use crate::scope::Relation;

impl Binder<'_> {
    /// Number of the row, name of the column, value as text.
    pub(super) fn narrow(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        Arguments::new(call).finish()?;
        let columns =
            [("Row".to_owned(), Type::Long), ("Column".to_owned(), Type::String), ("Value".to_owned(), Type::String)];
        let (name, span) = (call.name.to_owned(), call.span);
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let input = &inputs[0];
            bounded(input.len().saturating_mul(input.columns.len()), &name, span)?;
            let mut numbers = Vec::new();
            let (mut names, mut values) = (StringViewBuilder::new(), StringViewBuilder::new());
            for row in 0..input.len() {
                watch.check()?;
                for (column, (name, _)) in input.columns.iter().enumerate() {
                    numbers.push(i64::try_from(row).unwrap_or(i64::MAX));
                    names.append_value(name);
                    values.append_value(match input.value(column, row).cast(Type::String) {
                        Value::String(text) => text,
                        _ => String::new(),
                    });
                }
            }
            let numbers: ArrayRef = Arc::new(Int64Array::from(numbers));
            Ok(vec![numbers, Arc::new(names.finish()), Arc::new(values.finish())])
        })?;
        self.conformed(output, call)
    }
}
