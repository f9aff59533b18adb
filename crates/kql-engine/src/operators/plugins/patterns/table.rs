//! The rows of a table as items, and patterns as rows of a table.

use arrow::array::ArrayRef;
use arrow::compute::take;
use arrow::datatypes::UInt32Type;
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};

use super::closed_sets::{Items, Pattern, Weight};
use crate::binder::{Bind, Binder};
use crate::computed::Rows;
use crate::operators::plugins::rows::{Codes, absent, taken_or};
use crate::operators::plugins::{Arguments, Wanted};
use crate::scope::{Relation, ScopeColumn};

/// What stands for the default of an argument.
const DEFAULT: &str = "~";

/// Distinct rows, and where their values stand.
pub(super) struct Coded {
    pub items: Items,
    /// Per column: the row of each value.
    places: Vec<Vec<u32>>,
}

/// Numbers the values of some columns and adds up equal rows.
pub(super) fn coded(rows: &Rows, columns: &[usize], weight: impl Fn(usize) -> Weight) -> Bind<Coded> {
    let arrays: Vec<ArrayRef> = columns.iter().map(|column| ArrayRef::clone(&rows.arrays[*column])).collect();
    let distinct = Codes::sorted(&arrays, rows.len())?;
    let mut items = Items { columns: Vec::new(), weights: vec![[0.0; 2]; distinct.first.len()] };
    for (row, code) in distinct.of_row.iter().enumerate() {
        let [a, b] = weight(row);
        let sum = &mut items.weights[*code as usize];
        *sum = [sum[0] + a, sum[1] + b];
    }
    let first = arrow::array::PrimitiveArray::<UInt32Type>::from(distinct.first.clone());
    let mut places = Vec::new();
    for array in &arrays {
        let values = take(array, &first, None).map_err(DataFusionError::from)?;
        let codes = Codes::of(&[values], first.len())?;
        places.push(codes.first.iter().map(|at| distinct.first[*at as usize]).collect());
        items.columns.push(codes.of_row);
    }
    Ok(Coded { items, places })
}

impl Coded {
    /// The values of a column in some patterns, the wildcard where they have none.
    pub(super) fn shown(
        &self,
        rows: &Rows,
        column: usize,
        place: Option<usize>,
        patterns: &[Pattern],
        wildcards: &[Value],
    ) -> Bind<ArrayRef> {
        let ty = rows.columns[column].1;
        let wildcard = wildcards.iter().find(|value| value.ty() == ty).cloned().unwrap_or_else(|| absent(ty));
        let at: Vec<Option<u32>> = patterns
            .iter()
            .map(|pattern| {
                let place = place?;
                self.places[place].get(pattern.values[place]? as usize).copied()
            })
            .collect();
        taken_or(&rows.arrays[column], &[wildcard], ty, &at)
    }
}

/// Arguments where `'~'` stands for the default.
impl Arguments<'_> {
    /// A constant, or nothing for the default.
    pub(super) fn tilde_constant(
        &mut self,
        binder: &mut Binder<'_>,
        parameter: &'static str,
        wanted: Wanted,
    ) -> Bind<Option<Value>> {
        let Some(expr) = self.optional(parameter) else { return Ok(None) };
        let value = self.constant_of(binder, expr, parameter, Wanted::ANY)?;
        if value == Value::String(DEFAULT.to_owned()) {
            return Ok(None);
        }
        self.constant_of(binder, expr, parameter, wanted).map(Some)
    }

    /// A column of weights, or nothing for the default.
    pub(super) fn weight_column(&mut self, binder: &mut Binder<'_>, table: &Relation) -> Bind<Option<ScopeColumn>> {
        let Some(expr) = self.optional("WeightColumn") else { return Ok(None) };
        if let kql_syntax::ExprKind::Name(_) = &expr.kind {
            return self.column_of(expr, "WeightColumn", table, Wanted::NUMBER).map(Some);
        }
        let value = self.constant_of(binder, expr, "WeightColumn", Wanted::STRING)?;
        if value == Value::String(DEFAULT.to_owned()) {
            return Ok(None);
        }
        self.column_of(expr, "WeightColumn", table, Wanted::NUMBER).map(Some)
    }

    /// All arguments that are left: values that stand for no value, one a type.
    pub(super) fn wildcards(&mut self, binder: &mut Binder<'_>) -> Bind<Vec<Value>> {
        let mut wildcards = Vec::new();
        while let Some(value) = self.optional_constant(binder, "CustomWildcard", Wanted::ANY)? {
            if value != Value::String(DEFAULT.to_owned()) {
                wildcards.push(value);
            }
        }
        Ok(wildcards)
    }
}

/// The weight of a row: 1, or the number in a column; nothing for null and less than nothing.
pub(super) fn weight_of(rows: &Rows, column: Option<usize>, row: usize) -> f64 {
    let Some(column) = column else { return 1.0 };
    match rows.value(column, row).cast(Type::Real) {
        Value::Real(weight) if weight > 0.0 => weight,
        _ => 0.0,
    }
}

/// A number of an argument.
pub(super) fn real(value: &Value) -> f64 {
    match value.cast(Type::Real) {
        Value::Real(value) => value,
        _ => f64::NAN,
    }
}

/// A weight as a count.
pub(super) fn count(weight: f64) -> Value {
    Value::Long(weight.round() as i64)
}

/// A part in percent, with so many digits behind the point.
pub(super) fn percent(part: f64, whole: f64, digits: i32) -> f64 {
    if whole <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powi(digits);
    (100.0 * part / whole * scale).round() / scale
}

/// How well a pattern tells a part of the rows: the geometric mean of its share of rows and its share of columns.
pub(super) fn standing(pattern: &Pattern, total: f64) -> f64 {
    let columns = pattern.values.len().max(1) as f64;
    (pattern.weight[0] / total * pattern.size() as f64 / columns).sqrt()
}
