//! The table that partitions share.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use datafusion::common::cast::as_boolean_array;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_plan::aggregates::AggregateExec;

use super::keys::Keys;
use super::text_of_number::TextOfNumber;

/// What an aggregation computes of each row.
#[derive(Debug)]
pub(super) struct Definition {
    keys: Vec<Key>,
    calls: Vec<Call>,
}

/// A key of the groups.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// As it is.
    Whole(Arc<dyn PhysicalExpr>),
    /// A text, of which the rows have the number or the text itself.
    Apart { number: Arc<dyn PhysicalExpr>, rest: Arc<dyn PhysicalExpr>, text: TextOfNumber },
}

#[derive(Debug)]
struct Call {
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    filter: Option<Arc<dyn PhysicalExpr>>,
}

/// Rows of a batch, made ready for the table.
pub(super) struct ReadyRows {
    /// Each in its parts.
    keys: Vec<Vec<ArrayRef>>,
    /// For each call its arguments, and which rows it takes.
    calls: Vec<(Vec<ArrayRef>, Option<BooleanArray>)>,
}

/// Groups with the states of their aggregates.
pub(super) struct GroupTable {
    keys: Keys,
    states: Vec<Box<dyn GroupsAccumulator>>,
    /// Of the rows at hand.
    groups: Vec<usize>,
    memory: MemoryReservation,
}

impl Definition {
    /// That of an aggregation over rows, which have its keys in this form.
    pub fn of(whole: &AggregateExec, keys: Vec<Key>) -> Self {
        let call = |(function, filter): (&Arc<AggregateFunctionExpr>, &Option<Arc<dyn PhysicalExpr>>)| Call {
            arguments: function.expressions(),
            filter: filter.clone(),
        };
        let calls = whole.aggr_expr().iter().zip(whole.filter_expr()).map(call).collect();
        Self { keys, calls }
    }

    /// Computes what the table takes of each row.
    pub fn ready(&self, batch: &RecordBatch) -> Result<ReadyRows> {
        let values = |exprs: &[Arc<dyn PhysicalExpr>]| -> Result<Vec<ArrayRef>> {
            exprs.iter().map(|expr| expr.evaluate(batch)?.into_array(batch.num_rows())).collect()
        };
        let call = |call: &Call| {
            let filter = call.filter.as_ref().map(|filter| filter.evaluate(batch)?.into_array(batch.num_rows()));
            let filter = filter.transpose()?.map(|filter| as_boolean_array(&filter).cloned()).transpose()?;
            Ok((values(&call.arguments)?, filter))
        };
        let key = |key: &Key| match key {
            Key::Whole(expr) => values(std::slice::from_ref(expr)),
            Key::Apart { number, rest, .. } => values(&[Arc::clone(number), Arc::clone(rest)]),
        };
        let keys = self.keys.iter().map(key).collect::<Result<_>>()?;
        Ok(ReadyRows { keys, calls: self.calls.iter().map(call).collect::<Result<_>>()? })
    }
}

impl GroupTable {
    /// No groups yet. What they take is reserved in `memory`.
    pub fn new(whole: &AggregateExec, keys: &[Key], memory: MemoryReservation) -> Result<Self> {
        let keys = Keys::new(whole.group_expr().group_schema(&whole.input().schema())?.as_ref(), keys)?;
        let states = whole.aggr_expr().iter().map(|call| call.create_groups_accumulator()).collect::<Result<_>>()?;
        Ok(Self { keys, states, groups: Vec::new(), memory })
    }

    /// Puts rows into their groups.
    pub fn add(&mut self, rows: &ReadyRows) -> Result<()> {
        self.keys.number(&rows.keys, &mut self.groups)?;
        let n_groups = self.keys.len();
        for (state, (arguments, filter)) in self.states.iter_mut().zip(&rows.calls) {
            state.update_batch(arguments, &self.groups, filter.as_ref(), n_groups)?;
        }
        self.memory.try_resize(self.size())
    }

    /// Brings the groups of another table of the same aggregation in, none of whose keys is given apart.
    pub fn merge(&mut self, mut other: Self) -> Result<()> {
        if other.len() == 0 {
            return Ok(());
        }
        let keys: Vec<Vec<ArrayRef>> = other.keys.take()?.into_iter().map(|key| vec![key]).collect();
        self.keys.number(&keys, &mut self.groups)?;
        let n_groups = self.keys.len();
        for (state, others) in self.states.iter_mut().zip(&mut other.states) {
            state.merge_batch(&others.state(EmitTo::All)?, &self.groups, n_groups)?;
        }
        self.memory.try_resize(self.size())
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    fn size(&self) -> usize {
        let states: usize = self.states.iter().map(|state| state.size()).sum();
        self.keys.size() + states + self.groups.capacity() * size_of::<usize>()
    }

    /// All groups with their results, after which the table is empty. The memory stays reserved.
    pub fn take(&mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        if self.keys.len() == 0 {
            return Ok(RecordBatch::new_empty(Arc::clone(schema)));
        }
        let mut columns = self.keys.take()?;
        for state in &mut self.states {
            columns.push(state.evaluate(EmitTo::All)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}
