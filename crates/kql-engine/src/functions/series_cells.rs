//! The state of an aggregate of each bin of each group.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, ListArray, PrimitiveArray, UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::{and, cast, take};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type, UInt32Type};
use datafusion::common::resources_err;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use kql_functions::Value;

use super::series_aggregate::{BinAggregate, SeriesBins};

/// Bytes that a bin takes in the result.
const VALUE_BYTES: usize = size_of::<i64>();

/// The bins of all groups of a partition. A bin that has rows is a cell: a group of the aggregate's own state.
pub(super) struct SeriesCells {
    aggregate: BinAggregate,
    values: Box<dyn GroupsAccumulator>,
    bins: SeriesBins,
    /// For each bin of each group the number of its cell from 1 on; 0 where no row came.
    table: Vec<u32>,
    /// How many cells there are.
    cells: usize,
    /// How many groups there are.
    groups: usize,
}

impl fmt::Debug for SeriesCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesCells").field("bins", &self.bins).finish_non_exhaustive()
    }
}

impl SeriesCells {
    /// A state without groups.
    pub fn new(aggregate: BinAggregate, bins: SeriesBins) -> Result<Self> {
        let values = aggregate.begin()?;
        Ok(Self { aggregate, values, bins, table: Vec::new(), cells: 0, groups: 0 })
    }

    /// The type of a list in the state.
    pub fn list_of(item: &DataType) -> DataType {
        DataType::List(Self::item(item))
    }

    fn item(item: &DataType) -> FieldRef {
        Arc::new(Field::new_list_field(item.clone(), true))
    }

    fn grow(&mut self, groups: usize) {
        self.groups = groups;
        let places = groups.saturating_mul(self.bins.width);
        if self.table.len() < places {
            self.table.resize(places, 0);
        }
    }

    /// The cell of a bin of a group, counted from 0.
    fn cell(&mut self, group: usize, bin: usize) -> usize {
        let place = &mut self.table[group * self.bins.width + bin];
        if *place == 0 {
            self.cells += 1;
            // More cells than this have no place in memory.
            *place = u32::try_from(self.cells).unwrap_or(u32::MAX);
        }
        *place as usize - 1
    }

    /// The place of the bin that each row is in; nothing for rows in none, and for those that the filter refuses.
    fn bins_of_rows(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<Option<usize>>> {
        let axis = cast(&values[0], &DataType::Int64)?;
        let axis = axis.as_primitive::<Int64Type>();
        let mut bin = BinOfRow::new(&self.bins);
        let is_asked =
            |row: usize| axis.is_valid(row) && filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        Ok((0..axis.len()).map(|row| bin.of(axis.value(row)).filter(|_| is_asked(row))).collect())
    }

    /// Which rows are aggregated; all where there is nothing.
    fn aggregated_rows(&self, values: &[ArrayRef], bins: &[Option<usize>]) -> Result<Option<BooleanArray>> {
        let condition = self.bins.has_condition.then(|| values[1].as_boolean());
        if bins.iter().all(Option::is_some) {
            return Ok(condition.cloned());
        }
        let inside: BooleanArray = bins.iter().map(|bin| Some(bin.is_some())).collect();
        Ok(Some(match condition {
            Some(condition) => and(condition, &inside)?,
            None => inside,
        }))
    }

    /// The cells of the first groups and their state, all of them or so many; the others are numbered anew.
    fn taken(&mut self, emit: EmitTo) -> Result<(Vec<u32>, Box<dyn GroupsAccumulator>)> {
        let groups = match emit {
            EmitTo::All => self.groups,
            EmitTo::First(groups) => groups.min(self.groups),
        };
        self.groups -= groups;
        if self.groups == 0 {
            self.cells = 0;
            return Ok((std::mem::take(&mut self.table), std::mem::replace(&mut self.values, self.aggregate.begin()?)));
        }
        let states = self.values.state(EmitTo::All)?;
        let mut rest = self.table.split_off(groups * self.bins.width);
        let mut first = std::mem::take(&mut self.table);
        let first_values = self.part(&mut first, &states)?.1;
        (self.cells, self.values) = self.part(&mut rest, &states)?;
        self.table = rest;
        Ok((first, first_values))
    }

    /// A state of the cells of a part of the table alone, which are numbered anew, and how many they are.
    fn part(&self, table: &mut [u32], states: &[ArrayRef]) -> Result<(usize, Box<dyn GroupsAccumulator>)> {
        let mut order: Vec<u32> = Vec::new();
        for place in table.iter_mut().filter(|place| **place > 0) {
            order.push(*place - 1);
            *place = order.len() as u32;
        }
        let mut values = self.aggregate.begin()?;
        let cells: Vec<usize> = (0..order.len()).collect();
        let order = UInt32Array::from(order);
        let states = states.iter().map(|state| take(state, &order, None)).collect::<Result<Vec<_>, _>>()?;
        values.merge_batch(&states, &cells, cells.len())?;
        Ok((cells.len(), values))
    }

    /// A list a group, in which a number stands for each bin.
    fn lists<T: ArrowPrimitiveType>(
        &self,
        table: &[u32],
        values: &ArrayRef,
        constants: [Option<T::Native>; 2],
    ) -> Result<ArrayRef> {
        let [default, absent] = constants;
        let values = cast(values, &T::DATA_TYPE)?;
        let values = values.as_primitive::<T>();
        let is_plain = default.is_some() && (absent.is_some() || values.null_count() == 0);
        let at = |place: &u32| match place.checked_sub(1) {
            None => default,
            Some(cell) if values.is_valid(cell as usize) => Some(values.value(cell as usize)),
            Some(_) => absent,
        };
        let numbers: ScalarBuffer<T::Native> = table.iter().map(|place| at(place).unwrap_or_default()).collect();
        let nulls = (!is_plain).then(|| NullBuffer::from_iter(table.iter().map(|place| at(place).is_some())));
        let lengths = std::iter::repeat_n(self.bins.width, table.len().checked_div(self.bins.width).unwrap_or(0));
        list_array(Arc::new(PrimitiveArray::<T>::new(numbers, nulls)), lengths)
    }
}

/// Lists of these lengths, one after the other.
fn list_array(items: ArrayRef, lengths: impl Iterator<Item = usize>) -> Result<ArrayRef> {
    if i32::try_from(items.len()).is_err() {
        return resources_err!("series of {} values in all are too long for one array", items.len());
    }
    let field = SeriesCells::item(items.data_type());
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, None)?))
}

/// The items of all lists of an array.
fn items(lists: &ListArray) -> ArrayRef {
    let range = range(lists);
    lists.values().slice(range.start, range.len())
}

fn range(lists: &ListArray) -> Range<usize> {
    let offsets = lists.value_offsets();
    let at = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    at(offsets.first())..at(offsets.last())
}

/// The numbers of bins, where rows mostly follow each other in one.
struct BinOfRow {
    first: i64,
    step: i64,
    origin: i64,
    width: i64,
    /// Where the bin of the row before begins, and its place.
    begin: i64,
    place: Option<usize>,
}

impl BinOfRow {
    fn new(bins: &SeriesBins) -> Self {
        let width = i64::try_from(bins.width).unwrap_or(i64::MAX);
        let mut found =
            BinOfRow { first: bins.first, step: bins.step.max(1), origin: bins.origin, width, begin: 0, place: None };
        found.find(bins.origin);
        found
    }

    fn find(&mut self, value: i64) {
        let number = value.saturating_sub(self.origin).div_euclid(self.step);
        self.begin = number.saturating_mul(self.step).saturating_add(self.origin);
        let place = number.saturating_sub(self.first);
        self.place = (0..self.width).contains(&place).then(|| usize::try_from(place).ok()).flatten();
    }

    /// The place of the bin that a value of the axis is in; nothing where it is in none.
    fn of(&mut self, value: i64) -> Option<usize> {
        if !value.checked_sub(self.begin).is_some_and(|since| (0..self.step).contains(&since)) {
            self.find(value);
        }
        self.place
    }
}

impl GroupsAccumulator for SeriesCells {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) -> Result<()> {
        self.grow(n_groups);
        let bins = self.bins_of_rows(values, filter)?;
        let mut cells: Vec<usize> = Vec::with_capacity(groups.len());
        for (group, bin) in groups.iter().zip(&bins) {
            cells.push(bin.map_or(0, |bin| self.cell(*group, bin)));
        }
        if bins.iter().all(Option::is_none) {
            return Ok(());
        }
        let filter = self.aggregated_rows(values, &bins)?;
        self.values.update_batch(&values[self.bins.own_arguments()..], &cells, filter.as_ref(), self.cells)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let bins = self.bins_of_rows(values, filter)?;
        let condition = self.bins.has_condition.then(|| values[1].as_boolean());
        let states = self.values.convert_to_state(&values[self.bins.own_arguments()..], condition)?;
        let inside: UInt32Array = (0_u32..).zip(&bins).filter(|(_, bin)| bin.is_some()).map(|(row, _)| row).collect();
        let lengths = || bins.iter().map(|bin| usize::from(bin.is_some()));
        let places: UInt32Array = bins.iter().flatten().map(|bin| u32::try_from(*bin).unwrap_or(u32::MAX)).collect();
        let mut lists = vec![list_array(Arc::new(places), lengths())?];
        for state in states {
            lists.push(list_array(take(&state, &inside, None)?, lengths())?);
        }
        Ok(lists)
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let (table, mut values) = self.taken(emit)?;
        let values = values.evaluate(EmitTo::All)?;
        let constants = [&self.bins.default, &self.bins.absent];
        let whole = |value: &Value| match value {
            Value::Int(value) => Some(i64::from(*value)),
            Value::Long(value) => Some(*value),
            _ => None,
        };
        let real = |value: &Value| if let Value::Real(value) = value { Some(*value) } else { None };
        match self.aggregate.series_type()? {
            DataType::List(item) if *item.data_type() == DataType::Float64 => {
                self.lists::<Float64Type>(&table, &values, constants.map(real))
            }
            _ => self.lists::<Int64Type>(&table, &values, constants.map(whole)),
        }
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let (table, mut values) = self.taken(emit)?;
        let (mut bins, mut order, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for row in table.chunks(self.bins.width.max(1)) {
            let before = bins.len();
            for (bin, place) in (0_u32..).zip(row) {
                if let Some(cell) = place.checked_sub(1) {
                    bins.push(bin);
                    order.push(cell);
                }
            }
            lengths.push(bins.len() - before);
        }
        let order = UInt32Array::from(order);
        let mut lists = vec![list_array(Arc::new(UInt32Array::from(bins)), lengths.iter().copied())?];
        for state in values.state(EmitTo::All)? {
            lists.push(list_array(take(&state, &order, None)?, lengths.iter().copied())?);
        }
        Ok(lists)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.grow(n_groups);
        let bins = values[0].as_list::<i32>();
        let numbers = items(bins);
        let numbers = numbers.as_primitive::<UInt32Type>();
        let mut cells: Vec<usize> = Vec::with_capacity(numbers.len());
        for (row, group) in groups.iter().enumerate() {
            let length = usize::try_from(bins.value_length(row)).unwrap_or(0);
            for at in cells.len()..cells.len() + length {
                cells.push(self.cell(*group, numbers.value(at) as usize));
            }
        }
        if cells.is_empty() {
            return Ok(());
        }
        let states: Vec<ArrayRef> = values[1..].iter().map(|lists| items(lists.as_list::<i32>())).collect();
        self.values.merge_batch(&states, &cells, self.cells)
    }

    fn size(&self) -> usize {
        // The lists that the groups will give count from the beginning, so that memory runs out before they are made.
        let lists = self.groups.saturating_mul(self.bins.width).saturating_mul(VALUE_BYTES);
        size_of::<Self>() + self.table.capacity() * size_of::<u32>() + lists + self.values.size()
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, Int64Array};
    use arrow::datatypes::Schema;
    use datafusion::functions_aggregate::average::avg_udaf;
    use datafusion::functions_aggregate::count::count_udaf;
    use datafusion::logical_expr::function::AccumulatorArgs;
    use datafusion::logical_expr::{AggregateUDF, AggregateUDFImpl};
    use datafusion::physical_expr::PhysicalExpr;
    use datafusion::physical_expr::expressions::Column;

    use super::super::series_aggregate::SeriesUdf;
    use super::*;

    fn state(inner: Arc<AggregateUDF>, value: &DataType, default: Value) -> Box<dyn GroupsAccumulator> {
        let absent = Value::Null(default.ty());
        let bins = SeriesBins { origin: 100, step: 10, first: -1, width: 4, default, absent, has_condition: true };
        let field = |ty: &DataType| Arc::new(Field::new("x", ty.clone(), true));
        let fields = [field(&DataType::Int64), field(&DataType::Boolean), field(value)];
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        let column = |index| Arc::new(Column::new("x", index)) as Arc<dyn PhysicalExpr>;
        let udf = SeriesUdf::new(inner, bins);
        let args = AccumulatorArgs {
            return_field: field(&udf.return_type(&types).unwrap()),
            schema: &Schema::empty(),
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: "series",
            is_distinct: false,
            exprs: &[column(0), column(1), column(2)],
            expr_fields: &fields,
        };
        udf.create_groups_accumulator(args).unwrap()
    }

    fn counts() -> Box<dyn GroupsAccumulator> {
        state(count_udaf(), &DataType::Int64, Value::Long(-1))
    }

    /// Rows on the axis, whether they count, and their values. The last two are in no bin.
    fn rows() -> Vec<ArrayRef> {
        let axis = Int64Array::from(vec![Some(90), Some(99), Some(129), Some(110), Some(100), Some(130), None]);
        let condition = BooleanArray::from(vec![true, false, true, false, true, true, true]);
        let values = Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        vec![Arc::new(axis), Arc::new(condition), Arc::new(values)]
    }

    const GROUPS: [usize; 7] = [0, 0, 1, 1, 2, 0, 2];

    fn texts(series: &ArrayRef) -> Vec<String> {
        let texts = kql_functions::series_as_json(series);
        texts.as_string_view().iter().map(|text| text.unwrap_or("null").to_owned()).collect()
    }

    const COUNTED: [&str; 3] = ["[1,-1,-1,-1]", "[-1,-1,0,1]", "[-1,1,-1,-1]"];

    #[test]
    fn a_bin_with_rows_has_their_aggregate_and_the_others_the_default() {
        let mut counts = counts();
        counts.update_batch(&rows(), &GROUPS, None, 3).unwrap();
        assert_eq!(texts(&counts.evaluate(EmitTo::All).unwrap()), COUNTED);
        let mut averages = state(avg_udaf(), &DataType::Float64, Value::Real(0.0));
        averages.update_batch(&rows(), &GROUPS, None, 3).unwrap();
        let expected = ["[1.0,0.0,0.0,0.0]", "[0.0,0.0,null,3.0]", "[0.0,5.0,0.0,0.0]"];
        assert_eq!(texts(&averages.evaluate(EmitTo::All).unwrap()), expected);
    }

    #[test]
    fn states_of_groups_and_of_single_rows_merge_to_the_same() {
        let (mut parts, mut merged) = (counts(), counts());
        parts.update_batch(&rows(), &GROUPS, None, 3).unwrap();
        let states = parts.state(EmitTo::All).unwrap();
        let tail: Vec<ArrayRef> = states.iter().map(|state| state.slice(1, 2)).collect();
        merged.merge_batch(&[states[0].slice(0, 1), states[1].slice(0, 1)], &[0], 1).unwrap();
        merged.merge_batch(&tail, &[1, 2], 3).unwrap();
        assert_eq!(texts(&merged.evaluate(EmitTo::All).unwrap()), COUNTED);
        let single = parts.convert_to_state(&rows(), None).unwrap();
        merged.merge_batch(&single, &GROUPS, 3).unwrap();
        assert_eq!(texts(&merged.evaluate(EmitTo::All).unwrap()), COUNTED);
    }

    #[test]
    fn groups_may_leave_one_after_the_other_while_rows_come() {
        let mut counts = counts();
        counts.update_batch(&rows(), &GROUPS, None, 3).unwrap();
        assert_eq!(texts(&counts.evaluate(EmitTo::First(1)).unwrap()), COUNTED[..1]);
        let later: Vec<ArrayRef> = rows().iter().map(|column| column.slice(2, 3)).collect();
        counts.update_batch(&later, &[0, 0, 2], None, 3).unwrap();
        let expected = ["[-1,-1,0,2]", "[-1,1,-1,-1]", "[-1,1,-1,-1]"];
        assert_eq!(texts(&counts.evaluate(EmitTo::All).unwrap()), expected);
        assert!(counts.size() < 1 << 12);
    }
}
