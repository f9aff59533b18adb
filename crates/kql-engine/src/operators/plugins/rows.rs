//! What several plugins do with all rows of a table.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{concat, take};
use arrow::row::{RowConverter, SortField};
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use crate::binder::{Bind, Binder};
use crate::computed::array_of;
use crate::diagnostics as codes;
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

/// Most rows that a plugin takes in or gives.
pub(in crate::operators) const MAX_ROWS: usize = 10_000_000;

/// Rows of an array by number; `None` is the null of the type, for strings `""`.
pub(in crate::operators) fn taken(array: &ArrayRef, ty: Type, rows: &[Option<u32>]) -> Bind<ArrayRef> {
    taken_or(array, &[absent(ty)], ty, rows)
}

/// Rows of an array by number; `None` is the first of `others`.
pub(in crate::operators) fn taken_or(
    array: &ArrayRef,
    other: &[Value],
    ty: Type,
    rows: &[Option<u32>],
) -> Bind<ArrayRef> {
    let behind = u32::try_from(array.len()).unwrap_or(u32::MAX);
    let other = array_of(ty, other)?;
    let all = concat(&[array.as_ref(), other.as_ref()]).map_err(DataFusionError::from)?;
    let rows: UInt32Array = rows.iter().map(|row| row.unwrap_or(behind)).collect::<Vec<u32>>().into();
    Ok(take(&all, &rows, None).map_err(DataFusionError::from)?)
}

/// What stands for no value of a type.
pub(in crate::operators) fn absent(ty: Type) -> Value {
    if ty == Type::String { Value::String(String::new()) } else { Value::Null(ty) }
}

/// Rows numbered by the distinct values of some columns, in the order in which they come.
#[derive(Debug)]
pub(in crate::operators) struct Codes {
    /// The number of each row.
    pub of_row: Vec<u32>,
    /// The first row of each number.
    pub first: Vec<u32>,
}

impl Codes {
    /// Numbers the rows; all are the same where there are no columns.
    pub fn of(columns: &[ArrayRef], rows: usize) -> Bind<Self> {
        if columns.is_empty() {
            return Ok(Self { of_row: vec![0; rows], first: if rows > 0 { vec![0] } else { Vec::new() } });
        }
        let converted = converted(columns)?;
        let mut known: HashMap<&[u8], u32> = HashMap::new();
        let (mut of_row, mut first) = (Vec::with_capacity(rows), Vec::new());
        for (number, row) in (0_u32..).zip(converted.iter()) {
            let next = u32::try_from(first.len()).unwrap_or(u32::MAX);
            let code = *known.entry(row.data()).or_insert_with(|| {
                first.push(number);
                next
            });
            of_row.push(code);
        }
        Ok(Self { of_row, first })
    }

    /// The same with the numbers in the order of the values, whatever the order of the rows.
    pub fn sorted(columns: &[ArrayRef], rows: usize) -> Bind<Self> {
        let codes = Self::of(columns, rows)?;
        if columns.is_empty() {
            return Ok(codes);
        }
        let converted = converted(columns)?;
        let mut order: Vec<usize> = (0..codes.first.len()).collect();
        order.sort_unstable_by(|a, b| {
            let data = |code: &usize| converted.row(codes.first[*code] as usize);
            data(a).cmp(&data(b))
        });
        let mut places = vec![0_u32; order.len()];
        for (place, code) in (0_u32..).zip(&order) {
            places[*code] = place;
        }
        Ok(Self {
            of_row: codes.of_row.iter().map(|code| places[*code as usize]).collect(),
            first: order.iter().map(|code| codes.first[*code]).collect(),
        })
    }
}

/// The rows of some columns in a form that compares byte by byte.
pub(in crate::operators) fn converted(columns: &[ArrayRef]) -> Bind<arrow::row::Rows> {
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let converter = RowConverter::new(fields).map_err(DataFusionError::from)?;
    Ok(converter.convert_columns(columns).map_err(DataFusionError::from)?)
}

/// Refuses to go on with more rows than [`MAX_ROWS`].
pub(in crate::operators) fn bounded(rows: usize, plugin: &str, span: kql_syntax::Span) -> Bind<()> {
    if rows <= MAX_ROWS {
        return Ok(());
    }
    let message = format!("`{plugin}` would need more than {MAX_ROWS} rows");
    Err(Diagnostic::error(codes::TOO_MANY, span, message).into())
}

impl Binder<'_> {
    /// A table of just these columns, all shown, in this order.
    pub(in crate::operators) fn only(&mut self, input: Relation, columns: &[ScopeColumn]) -> Bind<Relation> {
        let columns = columns.iter().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        self.project(input, columns)
    }

    /// The visible columns of a table and computed ones behind them, which get the names given.
    pub(in crate::operators) fn with_values(
        &mut self,
        input: Relation,
        values: Vec<(String, Typed)>,
    ) -> Bind<Relation> {
        let mut columns: Vec<(String, Typed, bool)> =
            input.visible().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        columns.extend(values.into_iter().map(|(name, value)| (name, value, false)));
        let serialized = input.serialized;
        let relation = self.project(input, columns)?;
        Ok(Relation { serialized, ..relation })
    }
}

/// Names and types of the visible columns.
pub(in crate::operators) fn schema_of(table: &Relation) -> Vec<(String, Type)> {
    table.visible().map(|column| (column.name.clone(), column.ty)).collect()
}
