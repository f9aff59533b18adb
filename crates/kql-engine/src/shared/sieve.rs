//! Many selections of the rows of one batch: each distinct filter is evaluated once, on the rows that are still wanted.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::selection::calls;

/// The filters of some selections as a tree: those that begin alike share their beginning.
#[derive(Debug)]
pub(crate) struct Sieve {
    conditions: Vec<Condition>,
    root: Node,
}

/// A filter over the columns that it reads.
#[derive(Debug)]
struct Condition {
    expr: Arc<dyn PhysicalExpr>,
    /// Positions in the batch.
    inputs: Vec<usize>,
    schema: SchemaRef,
}

#[derive(Debug, Default)]
struct Node {
    /// Selections that ask no more than what stands above.
    selections: Vec<usize>,
    /// A further condition, and what follows.
    below: Vec<(usize, Node)>,
}

/// Takes the rows of a batch that a selection chooses; no mask means all.
pub(crate) type Found<'f> = dyn FnMut(usize, Option<&BooleanBuffer>) -> Result<()> + 'f;

impl Sieve {
    /// A sieve for selections with these filters over batches of that schema.
    pub fn new(selections: &[(usize, &[Expr])], schema: &SchemaRef, properties: &ExecutionProps) -> Result<Self> {
        let mut uses: HashMap<&Expr, usize> = HashMap::new();
        let mut distinct: Vec<&Expr> = Vec::new();
        for filter in selections.iter().flat_map(|(_, filters)| filters.iter()) {
            let uses = uses.entry(filter).or_default();
            *uses += 1;
            if *uses == 1 {
                distinct.push(filter);
            }
        }
        // What is cheap and what many ask first.
        distinct.sort_by_key(|filter| (calls(filter), Reverse(uses[filter])));
        let conditions =
            distinct.iter().map(|filter| Condition::new(filter, schema, properties)).collect::<Result<_>>()?;
        let places: HashMap<&Expr, usize> = distinct.into_iter().enumerate().map(|(at, filter)| (filter, at)).collect();
        let mut root = Node::default();
        for (selection, filters) in selections {
            let mut asked: Vec<usize> = filters.iter().filter_map(|filter| places.get(filter).copied()).collect();
            asked.sort_unstable();
            asked.dedup();
            let node = asked.into_iter().fold(&mut root, Node::under);
            node.selections.push(*selection);
        }
        Ok(Self { conditions, root })
    }

    /// Gives each selection that chooses any of the rows its mask. `mask` says which rows are looked at.
    pub fn sift(&self, batch: &RecordBatch, mask: Option<&BooleanBuffer>, found: &mut Found<'_>) -> Result<()> {
        self.node(&self.root, batch, mask, found)
    }

    fn node(
        &self,
        node: &Node,
        batch: &RecordBatch,
        mask: Option<&BooleanBuffer>,
        found: &mut Found<'_>,
    ) -> Result<()> {
        for selection in &node.selections {
            found(*selection, mask)?;
        }
        for (condition, below) in &node.below {
            let narrowed = self.conditions[*condition].narrowed(batch, mask)?;
            match narrowed.count_set_bits() {
                0 => {}
                all if all == batch.num_rows() => self.node(below, batch, None, found)?,
                _ => self.node(below, batch, Some(&narrowed), found)?,
            }
        }
        Ok(())
    }
}

impl Node {
    fn under(&mut self, condition: usize) -> &mut Node {
        let at = self.below.iter().position(|(known, _)| *known == condition).unwrap_or_else(|| {
            self.below.push((condition, Node::default()));
            self.below.len() - 1
        });
        &mut self.below[at].1
    }
}

impl Condition {
    fn new(filter: &Expr, schema: &SchemaRef, properties: &ExecutionProps) -> Result<Self> {
        let used = filter.column_refs();
        let inputs: Vec<usize> = schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| used.iter().any(|column| column.name == *field.name()))
            .map(|(at, _)| at)
            .collect();
        let schema = Arc::new(schema.project(&inputs)?);
        let known = DFSchema::try_from(Schema::clone(&schema))?;
        let expr = create_physical_expr(filter, &known, properties, &PhysicalPlanningContext::default())?;
        Ok(Self { expr, inputs, schema })
    }

    /// The rows of the mask that pass. Where it leaves few rows, only they are looked at.
    fn narrowed(&self, batch: &RecordBatch, mask: Option<&BooleanBuffer>) -> Result<BooleanBuffer> {
        let columns = self.inputs.iter().map(|at| batch.column(*at));
        let few = mask.map(|mask| (mask, mask.count_set_bits())).filter(|(_, set)| set * 2 < batch.num_rows());
        let Some((mask, rows)) = few else {
            let passed = self.evaluate(columns.cloned().collect(), batch.num_rows())?;
            return Ok(mask.map_or_else(|| passed.clone(), |mask| mask & &passed));
        };
        let chosen = BooleanArray::new(mask.clone(), None);
        let columns = columns.map(|column| filter(column, &chosen)).collect::<Result<_, _>>()?;
        let passed = self.evaluate(columns, rows)?;
        let mut all = BooleanBufferBuilder::new(mask.len());
        all.append_n(mask.len(), false);
        for (at, row) in mask.set_indices().enumerate() {
            if passed.value(at) {
                all.set_bit(row, true);
            }
        }
        Ok(all.finish())
    }

    fn evaluate(&self, columns: Vec<arrow::array::ArrayRef>, rows: usize) -> Result<BooleanBuffer> {
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let passed = self.expr.evaluate(&batch)?.into_array(rows)?;
        let passed = match passed.as_boolean_opt() {
            Some(passed) => passed,
            None => return datafusion::common::internal_err!("a filter gives {}", passed.data_type()),
        };
        Ok(match passed.nulls() {
            Some(nulls) => passed.values() & nulls.inner(),
            None => passed.values().clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array};
    use arrow::datatypes::{DataType, Field};
    use datafusion::logical_expr::{col, lit};

    use super::*;

    fn batch(rows: &[(Option<i64>, i64)]) -> RecordBatch {
        let fields = vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Int64, false)];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Int64Array>()),
        ];
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    /// A step of a linear congruential generator: the same rows and filters in each run.
    fn next(state: &mut u64, below: u64) -> i64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((*state >> 33) % below).unwrap()
    }

    #[test]
    fn each_selection_gets_the_rows_that_pass_all_its_filters() {
        let state = &mut 7;
        for round in 0..200 {
            let rows: Vec<(Option<i64>, i64)> =
                (0..round % 60).map(|_| ((next(state, 9) > 0).then(|| next(state, 6)), next(state, 6))).collect();
            let chosen: Vec<Vec<(bool, i64)>> = (0..1 + next(state, 6))
                .map(|_| (0..next(state, 4)).map(|_| (next(state, 2) == 0, next(state, 6))).collect())
                .collect();
            let filter = |(is_a, n): &(bool, i64)| if *is_a { col("a").gt(lit(*n)) } else { col("b").eq(lit(*n)) };
            let filters: Vec<Vec<Expr>> = chosen.iter().map(|filters| filters.iter().map(filter).collect()).collect();
            let selections: Vec<(usize, &[Expr])> = filters.iter().map(Vec::as_slice).enumerate().collect();
            let batch = batch(&rows);
            let sieve = Sieve::new(&selections, &batch.schema(), &ExecutionProps::new()).unwrap();
            let mut found = vec![vec![false; rows.len()]; chosen.len()];
            let mut take = |selection: usize, mask: Option<&BooleanBuffer>| {
                for (row, found) in found[selection].iter_mut().enumerate() {
                    *found = mask.is_none_or(|mask| mask.value(row));
                }
                Ok(())
            };
            sieve.sift(&batch, None, &mut take).unwrap();
            for (filters, found) in chosen.iter().zip(&found) {
                let passes = |row: &(Option<i64>, i64)| {
                    filters.iter().all(|(is_a, n)| if *is_a { row.0.is_some_and(|a| a > *n) } else { row.1 == *n })
                };
                assert_eq!(&rows.iter().map(passes).collect::<Vec<_>>(), found, "{filters:?} of {rows:?}");
            }
        }
    }
}
