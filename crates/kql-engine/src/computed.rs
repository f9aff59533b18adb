//! Relations whose rows are computed here, from all rows of their inputs: plugins, graphs, `scan` and the like, which
//! no plan of DataFusion's expresses. Their inputs run first; their columns are known before anything runs.

use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::concat_batches;
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};

use crate::answer::Answer;
use crate::binder::{Bind, Binder, Stop};
use crate::cancel::CancelToken;
use crate::scope::Relation;
use crate::typed::scalar_of;

/// All rows of an input, in the engine's form (see [`Type::arrow`]).
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// Names and types.
    pub columns: Vec<(String, Type)>,
    /// One array a column, all of the same length.
    pub arrays: Vec<ArrayRef>,
}

impl Rows {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.arrays.first().map_or(0, |array| array.len())
    }

    /// The position of the column of that exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    /// The value of a cell.
    pub fn value(&self, column: usize, row: usize) -> Value {
        Value::from_array(&self.arrays[column], row, self.columns[column].1)
    }

    /// All values of a column.
    pub fn values(&self, column: usize) -> Vec<Value> {
        (0..self.len()).map(|row| self.value(column, row)).collect()
    }

    fn of(answer: &Answer) -> Bind<Self> {
        let columns = answer.columns.iter().map(|column| (column.name.clone(), column.ty)).collect::<Vec<_>>();
        let arrays = match answer.batches.first() {
            None => columns.iter().map(|(_, ty)| arrow::array::new_empty_array(&ty.arrow())).collect(),
            Some(first) => {
                let all = concat_batches(&first.schema(), &answer.batches).map_err(DataFusionError::from)?;
                all.columns().to_vec()
            }
        };
        Ok(Self { columns, arrays })
    }
}

/// The values of a column as an array in the engine's form.
pub(crate) fn array_of(ty: Type, values: &[Value]) -> Bind<ArrayRef> {
    if values.is_empty() {
        return Ok(arrow::array::new_empty_array(&ty.arrow()));
    }
    Ok(ScalarValue::iter_to_array(values.iter().map(scalar_of))?)
}

/// Tells a long computation when to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch<'a> {
    deadline: Option<Instant>,
    cancel: &'a CancelToken,
}

impl<'a> Watch<'a> {
    /// Stops at that time, and when the token is cancelled.
    pub fn new(deadline: Option<Instant>, cancel: &'a CancelToken) -> Self {
        Self { deadline, cancel }
    }

    /// To be called now and then, at least every few thousand steps: an error when the query has to stop.
    pub fn check(self) -> Bind<()> {
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if is_late || self.cancel.is_cancelled() { Err(Stop::OutOfTime) } else { Ok(()) }
    }
}

impl Binder<'_> {
    /// A relation of these columns whose rows `compute` makes of all rows of the inputs, once they have run.
    ///
    /// `compute` gives one array a column, in the engine's form and all of the same length; it is not called when a
    /// query is only checked. Order of input rows is kept where the input is sorted or serialized.
    pub(crate) fn computed(
        &mut self,
        inputs: Vec<Relation>,
        columns: &[(String, Type)],
        compute: impl FnOnce(&[Rows], Watch<'_>) -> Bind<Vec<ArrayRef>>,
    ) -> Bind<Relation> {
        let mut rows = Vec::with_capacity(inputs.len());
        for input in inputs {
            rows.push(self.rows(input)?);
        }
        let arrays = if self.is_check { Vec::new() } else { compute(&rows, self.watch)? };
        self.table_of(columns, arrays)
    }

    /// All rows of a relation; none when a query is only checked.
    pub(crate) fn rows(&mut self, input: Relation) -> Bind<Rows> {
        self.is_ordered |= input.serialized;
        Rows::of(&self.ask(input)?)
    }

    /// A relation of rows that are there already: one array a column, or no array at all for no rows.
    pub(crate) fn table_of(&mut self, columns: &[(String, Type)], arrays: Vec<ArrayRef>) -> Bind<Relation> {
        let scope = columns.iter().map(|(name, ty)| self.new_column(name, *ty)).collect();
        let batches = if arrays.is_empty() {
            Vec::new()
        } else {
            let fields: Vec<_> =
                columns.iter().map(|(name, ty)| arrow::datatypes::Field::new(name, ty.arrow(), true)).collect();
            let schema = arrow::datatypes::Schema::new(fields);
            vec![RecordBatch::try_new(schema.into(), arrays).map_err(DataFusionError::from)?]
        };
        Ok(Answer { columns: scope, batches }.relation()?)
    }
}
