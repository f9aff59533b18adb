//! `dcount_intersect`: how many values sets have in common, of the states that `hll` gives.
//!
//! <https://learn.microsoft.com/kusto/query/dcount-intersect-plugin>

use arrow::array::ArrayRef;
use kql_functions::{Type, Value, intersection_counts};
use kql_syntax::Diagnostic;

use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::computed::array_of;
use crate::diagnostics as codes;
use crate::scope::Relation;

/// Least and most sets, as the documentation says.
const SETS: std::ops::RangeInclusive<usize> = 2..=16;

impl Binder<'_> {
    /// Per row: the size of the first set, of the first two in common, and so on. Null where a column holds no state of `hll`.
    pub(super) fn dcount_intersect(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let sets = args.columns("hll", &input, Wanted::DYNAMIC)?;
        args.finish()?;
        if !SETS.contains(&sets.len()) {
            let message = format!("`dcount_intersect` takes 2 to 16 columns, not {}", sets.len());
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, call.span, message).into());
        }
        let columns: Vec<(String, Type)> = (0..sets.len()).map(|at| (format!("s{at}"), Type::Long)).collect();
        let input = self.only(input, &sets)?;
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let mut counts: Vec<Vec<Value>> = vec![Vec::new(); sets.len()];
            for row in 0..inputs[0].len() {
                watch.check()?;
                let states: Vec<Value> = (0..sets.len()).map(|column| inputs[0].value(column, row)).collect();
                let texts: Vec<&str> = states.iter().filter_map(text).collect();
                let found = intersection_counts(&texts).filter(|found| found.len() == sets.len());
                for (at, column) in counts.iter_mut().enumerate() {
                    column.push(found.as_ref().map_or(Value::Null(Type::Long), |found| Value::Long(found[at])));
                }
            }
            counts.iter().map(|column| array_of(Type::Long, column)).collect::<Bind<Vec<ArrayRef>>>()
        })?;
        self.conformed(output, call)
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Dynamic(json) => Some(json),
        _ => None,
    }
}
