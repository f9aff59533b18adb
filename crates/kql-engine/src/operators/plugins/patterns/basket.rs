//! `basket`: values that come together in enough rows.
//!
//! <https://learn.microsoft.com/kusto/query/basket-plugin>

use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use super::closed_sets::{Pattern, Wanted as Search, closed_sets};
use super::table::{Coded, coded, count, percent, real, standing, weight_of};
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, array_of};
use crate::diagnostics as codes;
use crate::operators::plugins::rows::schema_of;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Share of the rows, where none is given.
const DEFAULT_THRESHOLD: f64 = 0.05;
/// Values that may be chosen, where no number is given.
const DEFAULT_DIMENSIONS: i64 = 5;
/// Most patterns.
const MAX_PATTERNS: usize = 20_000;

impl Binder<'_> {
    /// The closed sets of values with their counts, those first that tell most.
    pub(in crate::operators::plugins) fn basket(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let threshold = args.tilde_constant(self, "Threshold", Wanted::NUMBER)?;
        let threshold = threshold.as_ref().map_or(DEFAULT_THRESHOLD, real);
        let weight = args.weight_column(self, &input)?;
        let dimensions = args.tilde_constant(self, "MaxDimensions", Wanted::INTEGER)?;
        let max_choices = dimensions.unwrap_or(Value::Long(DEFAULT_DIMENSIONS)).cast(Type::Long);
        let wildcards = args.wildcards(self)?;
        args.finish()?;
        if !(self.is_check || threshold > 0.0 && threshold <= 1.0) {
            let message = format!("threshold of `{}` is not between 0 and 1", call.name);
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        }
        let max_choices = match max_choices {
            Value::Long(choices) => usize::try_from(choices).unwrap_or(0).max(1),
            _ => usize::MAX,
        };
        let weight = weight.map(|column| column.name);
        let columns = segment_columns(&input);
        let span = call.span;
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let rows = &inputs[0];
            let weight = weight.as_ref().and_then(|name| rows.position(name));
            let used: Vec<usize> = (0..rows.columns.len()).filter(|column| Some(*column) != weight).collect();
            let coded = coded(rows, &used, |row| [weight_of(rows, weight, row), 0.0])?;
            let total: f64 = coded.items.weights.iter().map(|weight| weight[0]).sum();
            let least = threshold * total;
            let is_enough = |weight: [f64; 2]| weight[0] > 0.0 && weight[0] >= least;
            let search = Search { is_enough: &is_enough, max_choices, max_patterns: MAX_PATTERNS };
            let Some(mut patterns) = closed_sets(&coded.items, &search, watch)? else {
                let message = format!("`basket` finds more than {MAX_PATTERNS} patterns");
                let hint = "raise the threshold, or project fewer columns";
                return Err(Diagnostic::error(codes::TOO_MANY, span, message).with_hint(hint).into());
            };
            patterns.sort_by(|a, b| standing(b, total).total_cmp(&standing(a, total)));
            segments(rows, &coded, &used, &patterns, total, &wildcards)
        })?;
        self.conformed(output, call)
    }
}

/// Number, count and percentage of a pattern, and the columns of the input.
pub(super) fn segment_columns(input: &Relation) -> Vec<(String, Type)> {
    let mut columns = vec![
        ("SegmentId".to_owned(), Type::Long),
        ("Count".to_owned(), Type::Long),
        ("Percent".to_owned(), Type::Real),
    ];
    columns.extend(schema_of(input));
    columns
}

/// The patterns as rows of [`segment_columns`].
pub(super) fn segments(
    rows: &Rows,
    coded: &Coded,
    used: &[usize],
    patterns: &[Pattern],
    total: f64,
    wildcards: &[Value],
) -> Bind<Vec<arrow::array::ArrayRef>> {
    let ids: Vec<Value> = (0_i64..).zip(patterns).map(|(id, _)| Value::Long(id)).collect();
    let counts: Vec<Value> = patterns.iter().map(|pattern| count(pattern.weight[0])).collect();
    let percents: Vec<Value> =
        patterns.iter().map(|pattern| Value::Real(percent(pattern.weight[0], total, 1))).collect();
    let mut arrays =
        vec![array_of(Type::Long, &ids)?, array_of(Type::Long, &counts)?, array_of(Type::Real, &percents)?];
    for column in 0..rows.columns.len() {
        let place = used.iter().position(|used| *used == column);
        arrays.push(coded.shown(rows, column, place, patterns, wildcards)?);
    }
    Ok(arrays)
}
