//! The state of an aggregation without `by`.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// A state of groups that has one of them. DataFusion wants it to be `Sync`, which states of groups need not be.
pub(super) struct OneGroup {
    groups: Mutex<Box<dyn GroupsAccumulator>>,
    /// Of the arguments.
    types: Vec<DataType>,
    is_touched: bool,
}

impl fmt::Debug for OneGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneGroup").field("types", &self.types).finish_non_exhaustive()
    }
}

impl OneGroup {
    /// The one group of a state that has none yet, with the types of its arguments.
    pub fn new(groups: Box<dyn GroupsAccumulator>, types: Vec<DataType>) -> Self {
        Self { groups: Mutex::new(groups), types, is_touched: false }
    }

    fn get(&mut self) -> &mut dyn GroupsAccumulator {
        self.is_touched = true;
        self.groups.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut()
    }

    /// Makes sure that the one group exists even when no row came.
    fn touched(&mut self) -> Result<&mut dyn GroupsAccumulator> {
        if !self.is_touched {
            let empty: Vec<ArrayRef> = self.types.iter().map(new_empty_array).collect();
            self.get().update_batch(&empty, &[], None, 1)?;
        }
        Ok(self.get())
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |array| array.len());
        self.get().update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let array = self.touched()?.evaluate(EmitTo::All)?;
        self.is_touched = false;
        ScalarValue::try_from_array(&array, 0)
    }

    fn size(&self) -> usize {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let arrays = self.touched()?.state(EmitTo::All)?;
        self.is_touched = false;
        arrays.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |array| array.len());
        self.get().merge_batch(states, &vec![0; rows], 1)
    }
}
