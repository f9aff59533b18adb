//! A KQL aggregate as DataFusion runs it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, new_empty_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};
use kql_functions::{AggregateFunction, ArgumentInfo, GroupState, Resolved, Type};

use super::one_group::OneGroup;

/// One use of a KQL aggregate: the function by name and what is known of its arguments.
#[derive(Debug, Clone)]
pub struct KqlAggregateUdf {
    function: &'static dyn AggregateFunction,
    args: Arc<[ArgumentInfo]>,
    resolved: Resolved,
    /// `args` as text: they hold reals, which have no total equality of their own.
    key: String,
    signature: Signature,
}

impl PartialEq for KqlAggregateUdf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name() == other.function.name() && self.resolved == other.resolved && self.key == other.key
    }
}

impl Eq for KqlAggregateUdf {}

impl Hash for KqlAggregateUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name().hash(state);
        self.key.hash(state);
    }
}

impl KqlAggregateUdf {
    /// A use of `function`, whose arguments are already of the types of `resolved`.
    pub fn new(function: &'static dyn AggregateFunction, args: Vec<ArgumentInfo>, resolved: Resolved) -> Self {
        let key = format!("{args:?}");
        let signature = Signature::variadic_any(Volatility::Immutable);
        Self { function, args: args.into(), resolved, key, signature }
    }

    /// What it was made with: the function's name, what is known of its arguments, and the types.
    pub fn parts(&self) -> (&'static str, &[ArgumentInfo], &Resolved) {
        (self.function.name(), &self.args, &self.resolved)
    }

    fn state(&self) -> State {
        let mut state = self.function.state(&self.args, &self.resolved);
        // A state without groups may be asked for its only result: that of no rows.
        let empty: Vec<ArrayRef> = self.resolved.parameters.iter().map(|ty| new_empty_array(&ty.arrow())).collect();
        state.update(&empty, &[], None, 0);
        State { udf: self.clone(), state, groups: 0 }
    }

    /// The arguments in the types the function was promised.
    fn typed(&self, values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        values
            .iter()
            .zip(&self.resolved.parameters)
            .map(|(array, ty)| {
                let wanted = ty.arrow();
                if *array.data_type() == wanted { Ok(Arc::clone(array)) } else { Ok(cast(array, &wanted)?) }
            })
            .collect()
    }
}

impl AggregateUDFImpl for KqlAggregateUdf {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.resolved.result.arrow())
    }

    fn is_nullable(&self) -> bool {
        self.resolved.result != Type::String
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let types = self.function.partial_types(&self.args, &self.resolved);
        Ok(types
            .into_iter()
            .enumerate()
            .map(|(i, ty)| Arc::new(Field::new(format_state_name(args.name, &format!("partial{i}")), ty, true)))
            .collect())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types = self.resolved.parameters.iter().map(|ty| ty.arrow()).collect();
        Ok(Box::new(OneGroup::new(Box::new(self.state()), types)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.state()))
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        ScalarValue::try_from(&self.resolved.result.arrow())
    }
}

/// The state of all groups of a partition.
struct State {
    udf: KqlAggregateUdf,
    state: Box<dyn GroupState>,
    groups: usize,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("function", &self.udf.function.name()).finish_non_exhaustive()
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

impl GroupsAccumulator for State {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.groups = n_groups;
        self.state.update(&self.udf.typed(values)?, groups, filter, n_groups);
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let n = self.taken(emit);
        Ok(self.state.finish(n))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let n = self.taken(emit);
        Ok(self.state.partial(n))
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups = n_groups;
        self.state.merge(values, groups, n_groups);
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |array| array.len());
        let groups: Vec<usize> = (0..rows).collect();
        let mut state = self.udf.state();
        state.state.update(&self.udf.typed(values)?, &groups, filter, rows);
        Ok(state.state.partial(rows))
    }

    fn size(&self) -> usize {
        self.state.size() + size_of::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, Int64Array, StringViewArray};
    use kql_functions::Value;

    use super::*;

    fn state(name: &str, ty: Type, constants: &[Value]) -> State {
        let function = kql_functions::aggregate(name).unwrap();
        let constants = constants.iter().map(|value| ArgumentInfo { ty: value.ty(), constant: Some(value.clone()) });
        let infos: Vec<_> = std::iter::once(ArgumentInfo { ty, constant: None }).chain(constants).collect();
        let resolved = function.resolve(&infos).unwrap();
        KqlAggregateUdf::new(function, infos, resolved).state()
    }

    #[test]
    fn rows_that_go_on_as_states_give_what_groups_of_them_give() {
        let texts: ArrayRef =
            Arc::new(StringViewArray::from_iter_values(["a", "b", "a", "a longer text than a view", ""]));
        let longs: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None, Some(1), Some(3), Some(9)]));
        let reals: ArrayRef = Arc::new(Float64Array::from(vec![Some(3.5), None, Some(-1.0), Some(3.5), Some(9.0)]));
        let (groups, filter) =
            ([0, 1, 0, 1, 0], BooleanArray::from(vec![Some(true), Some(true), None, Some(true), Some(true)]));
        let rank = || Value::Real(50.0).to_array();
        for (name, ty, constants, args) in [
            ("dcount", Type::String, vec![], vec![texts.clone()]),
            ("count_distinct", Type::Long, vec![], vec![longs.clone()]),
            ("make_set", Type::String, vec![], vec![texts.clone()]),
            ("make_list", Type::Long, vec![], vec![longs.clone()]),
            ("take_any", Type::String, vec![], vec![texts]),
            ("stdev", Type::Real, vec![], vec![reals.clone()]),
            ("percentile", Type::Real, vec![Value::Real(50.0)], vec![reals, rank()]),
            ("percentile", Type::Long, vec![Value::Real(50.0)], vec![longs, rank()]),
        ] {
            for filter in [None, Some(&filter)] {
                let [mut whole, parts, mut merged] = [0; 3].map(|_| state(name, ty, &constants));
                whole.update_batch(&args, &groups, filter, 2).unwrap();
                merged.merge_batch(&parts.convert_to_state(&args, filter).unwrap(), &groups, 2).unwrap();
                let [expected, found] = [&mut whole, &mut merged].map(|state| state.evaluate(EmitTo::All).unwrap());
                assert_eq!(&expected, &found, "{name}");
            }
        }
    }
}
