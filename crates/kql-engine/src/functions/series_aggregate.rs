//! An aggregate of each bin of a group, as one list: what `make-series` computes of a group in one go.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::common::{ScalarValue, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility};
use datafusion::physical_expr::PhysicalExpr;
use kql_functions::{SeriesNumbers, Value};
use serde::{Deserialize, Serialize};

use super::one_group::OneGroup;
use super::series_cells::SeriesCells;

/// Where the bins of a series are and what stands in them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeriesBins {
    /// Where bin 0 begins, in units of the axis.
    pub origin: i64,
    /// The size of a bin, above 0.
    pub step: i64,
    /// The number of the first bin.
    pub first: i64,
    /// How many bins there are.
    pub width: usize,
    /// What stands in bins without rows.
    pub default: Value,
    /// What stands for the null of a bin with rows.
    pub absent: Value,
    /// The second argument says which rows are aggregated. The others still make a bin that has rows.
    pub has_condition: bool,
}

impl SeriesBins {
    /// How many arguments stand before those of the aggregate: the axis, and the condition if there is one.
    pub fn own_arguments(&self) -> usize {
        1 + usize::from(self.has_condition)
    }
}

/// An aggregate of numbers by bins. Its arguments: the axis, the condition if there is one, those of the aggregate.
#[derive(Debug)]
pub struct SeriesUdf {
    inner: Arc<AggregateUDF>,
    bins: SeriesBins,
    /// `bins` as text: they hold reals, which have no total equality of their own.
    key: String,
    signature: Signature,
}

impl PartialEq for SeriesUdf {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner && self.key == other.key
    }
}

impl Eq for SeriesUdf {}

impl Hash for SeriesUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
        self.key.hash(state);
    }
}

/// The type of the lists of an aggregate's results; an error where they are no numbers.
fn series_type(result: &DataType) -> Result<DataType> {
    match result {
        DataType::Int32 | DataType::Int64 => Ok(SeriesNumbers::Whole.arrow()),
        DataType::Float64 => Ok(SeriesNumbers::Real.arrow()),
        other => internal_err!("a series cannot hold values of the type {other}"),
    }
}

impl SeriesUdf {
    /// The series of an aggregate's results.
    pub fn new(inner: Arc<AggregateUDF>, bins: SeriesBins) -> Self {
        let key = format!("{bins:?}");
        Self { inner, bins, key, signature: Signature::variadic_any(Volatility::Immutable) }
    }

    /// What it was made with.
    pub fn parts(&self) -> (&Arc<AggregateUDF>, &SeriesBins) {
        (&self.inner, &self.bins)
    }

    fn cells(&self, args: &AccumulatorArgs<'_>) -> Result<SeriesCells> {
        SeriesCells::new(BinAggregate::new(&self.inner, args, self.bins.own_arguments())?, self.bins.clone())
    }
}

impl AggregateUDFImpl for SeriesUdf {
    fn name(&self) -> &str {
        "kql_series"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        series_type(&self.inner.return_type(args.get(self.bins.own_arguments()..).unwrap_or_default())?)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(args.name, "bin");
        let input_fields = args.input_fields.get(self.bins.own_arguments()..).unwrap_or_default();
        let inner = StateFieldsArgs {
            name: &name,
            input_fields,
            return_field: self.inner.return_field(input_fields)?,
            ordering_fields: &[],
            is_distinct: false,
        };
        let bins = SeriesCells::list_of(&DataType::UInt32);
        let mut fields = vec![Arc::new(Field::new(format_state_name(args.name, "bins"), bins, true))];
        for field in self.inner.state_fields(inner)? {
            let list = SeriesCells::list_of(field.data_type());
            fields.push(Arc::new(Field::new(field.name(), list, true)));
        }
        Ok(fields)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types = args.expr_fields.iter().map(|field| field.data_type().clone()).collect();
        Ok(Box::new(OneGroup::new(Box::new(self.cells(&args)?), types)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.cells(&args)?))
    }

    fn default_value(&self, ty: &DataType) -> Result<ScalarValue> {
        ScalarValue::try_from(ty)
    }
}

/// The aggregate that each bin has, and what is needed to begin one.
#[derive(Debug)]
pub(super) struct BinAggregate {
    function: Arc<AggregateUDF>,
    result: FieldRef,
    schema: Schema,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    fields: Vec<FieldRef>,
}

impl BinAggregate {
    fn new(function: &Arc<AggregateUDF>, args: &AccumulatorArgs<'_>, own: usize) -> Result<Self> {
        let fields = args.expr_fields.get(own..).unwrap_or_default().to_vec();
        Ok(Self {
            function: Arc::clone(function),
            result: function.return_field(&fields)?,
            schema: args.schema.clone(),
            exprs: args.exprs.get(own..).unwrap_or_default().to_vec(),
            fields,
        })
    }

    /// The type of the lists of its results.
    pub fn series_type(&self) -> Result<DataType> {
        series_type(self.result.data_type())
    }

    /// A state without bins.
    pub fn begin(&self) -> Result<Box<dyn GroupsAccumulator>> {
        let args = || AccumulatorArgs {
            return_field: Arc::clone(&self.result),
            schema: &self.schema,
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: self.function.name(),
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.fields,
        };
        if !self.function.groups_accumulator_supported(args()) {
            return internal_err!("the aggregate `{}` does not go by groups", self.function.name());
        }
        self.function.create_groups_accumulator(args())
    }
}
