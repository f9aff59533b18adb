//! `rows_near`: the rows around those of which a condition holds.
//!
//! <https://learn.microsoft.com/kusto/query/rows-near-plugin>

use arrow::array::AsArray;
use kql_functions::Value;

use super::rows::{schema_of, taken};
use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::scope::Relation;

/// Name of the column that holds the condition for the time being; no query can write it.
const CONDITION: &str = "\u{0}condition";

impl Binder<'_> {
    /// Rows near enough to one that fulfills the condition, in order.
    pub(super) fn rows_near(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let condition = args.required("Condition")?;
        let condition = args.expression_of(self, condition, "Condition", &input, Wanted::BOOL)?;
        let before = args.constant(self, "NumRows", Wanted::INTEGER)?;
        let after = args.optional_constant(self, "RowsAfter", Wanted::INTEGER)?;
        args.finish()?;
        let before = count_of(&before);
        let after = after.as_ref().map_or(before, count_of);
        let columns = schema_of(&input);
        let input = self.with_values(input, vec![(CONDITION.to_owned(), condition)])?;
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let input = &inputs[0];
            let Some(condition) = input.arrays.last() else { return Ok(Vec::new()) };
            let condition = condition.as_boolean();
            let hits = condition.iter().enumerate().filter(|(_, holds)| *holds == Some(true)).map(|(row, _)| row);
            let mut kept: Vec<Option<u32>> = Vec::new();
            let mut next = 0_usize;
            for hit in hits {
                watch.check()?;
                let from = hit.saturating_sub(before).max(next);
                let to = hit.saturating_add(after).saturating_add(1).min(input.len());
                kept.extend((from..to).map(|row| u32::try_from(row).ok()));
                next = next.max(to);
            }
            columns.iter().zip(&input.arrays).map(|((_, ty), array)| taken(array, *ty, &kept)).collect()
        })?;
        self.is_ordered = true;
        let output = self.conformed(output, call)?;
        Ok(Relation { serialized: true, ..output })
    }
}

fn count_of(value: &Value) -> usize {
    match value {
        Value::Long(count) => usize::try_from(*count).unwrap_or(0),
        Value::Int(count) => usize::try_from(*count).unwrap_or(0),
        _ => 0,
    }
}
