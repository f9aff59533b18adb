//! `arg_max` and `arg_min` as DataFusion runs them: a struct of the key and the values.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, BooleanArray, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};
use kql_functions::Type;
use kql_functions::aggregates::ArgExtremeState;

/// Columns of the row with the greatest or least key of each group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArgExtremeUdf {
    key: Type,
    values: Vec<Type>,
    /// Numbers of the values' fields in the result.
    fields: Vec<usize>,
    is_max: bool,
    signature: Signature,
}

impl ArgExtremeUdf {
    /// The function for a key and values of these types.
    pub fn new(key: Type, values: Vec<Type>, is_max: bool) -> Self {
        let fields = (1..=values.len()).collect();
        Self { key, values, fields, is_max, signature: Signature::variadic_any(Volatility::Immutable) }
    }

    /// The function without some values, whose others keep their names.
    pub(crate) fn only(&self, fields: &[usize]) -> Self {
        let kept = self.fields.iter().zip(&self.values).filter(|(field, _)| fields.contains(field));
        let (fields, values) = kept.map(|(field, value)| (*field, *value)).unzip();
        Self { fields, values, ..self.clone() }
    }

    /// The function with its values in other fields.
    pub(crate) fn with_fields(self, fields: Vec<usize>) -> Self {
        Self { fields, ..self }
    }

    /// Numbers of the fields that hold the values: see [`ArgExtremeUdf::field_name`].
    pub(crate) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// The field of the result that holds the key (0) or the value `index - 1`.
    pub fn field_name(index: usize) -> String {
        format!("c{index}")
    }

    /// What it was made with: the types of key and values, and whether it is `arg_max`.
    pub fn parts(&self) -> (Type, &[Type], bool) {
        (self.key, &self.values, self.is_max)
    }

    fn arrow_fields(&self) -> Fields {
        std::iter::once((&0, &self.key))
            .chain(self.fields.iter().zip(&self.values))
            .map(|(field, ty)| Field::new(Self::field_name(*field), ty.arrow(), true))
            .collect()
    }

    fn state(&self) -> State {
        State { udf: self.clone(), inner: ArgExtremeState::new(self.key, &self.values, self.is_max), groups: 0 }
    }
}

impl AggregateUDFImpl for ArgExtremeUdf {
    fn name(&self) -> &str {
        if self.is_max { "kql_arg_max" } else { "kql_arg_min" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.arrow_fields()))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let types = self.state().inner.partial_types();
        Ok(types
            .into_iter()
            .enumerate()
            .map(|(i, ty)| Arc::new(Field::new(format_state_name(args.name, &format!("partial{i}")), ty, true)))
            .collect())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup { state: Mutex::new(self.state()) }))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.state()))
    }
}

struct State {
    udf: ArgExtremeUdf,
    inner: ArgExtremeState,
    groups: usize,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("udf", &self.udf).finish_non_exhaustive()
    }
}

impl State {
    fn taken(&mut self, emit: EmitTo) -> usize {
        let n = match emit {
            EmitTo::All => self.groups,
            EmitTo::First(n) => n.min(self.groups),
        };
        self.groups -= n;
        n
    }
}

fn split(values: &[ArrayRef]) -> Result<(&ArrayRef, &[ArrayRef])> {
    values.split_first().ok_or_else(|| DataFusionError::Internal("arg_max without a key".to_owned()))
}

impl GroupsAccumulator for State {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        let (key, values) = split(values)?;
        self.groups = n_groups;
        self.inner.update(key, values, groups, filter, n_groups);
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let n = self.taken(emit);
        let columns = self.inner.finish(n);
        Ok(Arc::new(StructArray::try_new(self.udf.arrow_fields(), columns, None)?))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let n = self.taken(emit);
        Ok(self.inner.partial(n))
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups = n_groups;
        self.inner.merge(values, groups, n_groups);
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let (key, values) = split(values)?;
        Ok(ArgExtremeState::partial_rows(key, values, filter))
    }

    fn size(&self) -> usize {
        self.inner.size() + size_of::<Self>()
    }
}

/// The state without `by`.
#[derive(Debug)]
struct OneGroup {
    state: Mutex<State>,
}

impl OneGroup {
    fn get(&mut self) -> &mut State {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |array| array.len());
        self.get().update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let state = self.get();
        state.groups = 1;
        let array = state.evaluate(EmitTo::All)?;
        ScalarValue::try_from_array(&array, 0)
    }

    fn size(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let state = self.get();
        state.groups = 1;
        let arrays = GroupsAccumulator::state(state, EmitTo::All)?;
        arrays.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |array| array.len());
        self.get().merge_batch(states, &vec![0; rows], 1)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringViewArray};

    use super::*;

    #[test]
    fn rows_that_go_on_as_states_give_what_groups_of_them_give() {
        let keys: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None, Some(4), Some(1), None, Some(9)]));
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(["a", "b", "c", "d", "e", "f"]));
        let args = [keys, texts];
        let filter = BooleanArray::from(vec![Some(true), Some(true), Some(true), Some(true), None, Some(false)]);
        let groups = [0, 1, 0, 0, 1, 2];
        for filter in [None, Some(&filter)] {
            let udf = ArgExtremeUdf::new(Type::Long, vec![Type::String], true);
            let [mut whole, parts, mut merged] = [0; 3].map(|_| udf.state());
            whole.update_batch(&args, &groups, filter, 3).unwrap();
            merged.merge_batch(&parts.convert_to_state(&args, filter).unwrap(), &groups, 3).unwrap();
            let [expected, found] = [&mut whole, &mut merged].map(|state| state.evaluate(EmitTo::All).unwrap());
            assert_eq!(&expected, &found);
        }
    }
}
