//! `diffpatterns`: values that are much more frequent in one set of rows than in another.
//!
//! Kusto does not publish its search. This one looks at all closed sets of values whose share differs by the threshold,
//! and always chooses the one that differs most among the rows that no pattern tells yet.
//!
//! <https://learn.microsoft.com/kusto/query/diffpatterns-plugin>

use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use super::closed_sets::{Items, Pattern, Wanted as Search, Weight, closed_sets};
use super::table::{coded, count, percent, real, weight_of};
use crate::binder::{Bind, Binder};
use crate::computed::{Watch, array_of};
use crate::diagnostics as codes;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Difference of shares, where none is given.
const DEFAULT_THRESHOLD: f64 = 0.05;
/// Patterns to choose from.
const MAX_CANDIDATES: usize = 20_000;
/// Candidates that are weighed against one another: those that differ most.
const MAX_WEIGHED: usize = 1_000;

/// The columns before those of the input.
const COLUMNS: [(&str, Type); 6] = [
    ("SegmentId", Type::Long),
    ("CountA", Type::Long),
    ("CountB", Type::Long),
    ("PercentA", Type::Real),
    ("PercentB", Type::Real),
    ("PercentDiffAB", Type::Real),
];

impl Binder<'_> {
    /// The patterns, those first that differ most.
    pub(in crate::operators::plugins) fn diffpatterns(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let split = args.column("SplitColumn", &input, Wanted::NOT_DYNAMIC)?;
        let values =
            [args.constant(self, "SplitValueA", Wanted::STRING)?, args.constant(self, "SplitValueB", Wanted::STRING)?];
        let weight = args.weight_column(self, &input)?;
        let threshold = args.tilde_constant(self, "Threshold", Wanted::NUMBER)?;
        let threshold = threshold.as_ref().map_or(DEFAULT_THRESHOLD, real);
        let max_choices = match args.tilde_constant(self, "MaxDimensions", Wanted::INTEGER)? {
            Some(choices) => real(&choices).max(1.0) as usize,
            None => usize::MAX,
        };
        let wildcards = args.wildcards(self)?;
        args.finish()?;
        if !(self.is_check || threshold > 0.0 && threshold <= 1.0) {
            let message = format!("threshold of `{}` is not between 0 and 1", call.name);
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        }
        // The split column stands behind the others.
        let mut used: Vec<_> = input.visible().filter(|column| column.name != split.name).cloned().collect();
        let mut columns = COLUMNS.map(|(name, ty)| (name.to_owned(), ty)).to_vec();
        columns.extend(used.iter().map(|column| (column.name.clone(), column.ty)));
        used.push(split);
        let input = self.only(input, &used)?;
        let weight = weight.map(|column| column.name);
        let span = call.span;
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let rows = &inputs[0];
            let split = rows.columns.len() - 1;
            let weight = weight.as_ref().and_then(|name| rows.position(name));
            let used: Vec<usize> = (0..split).filter(|column| Some(*column) != weight).collect();
            let coded = coded(rows, &used, |row| {
                let side = rows.value(split, row).cast(Type::String);
                let weight = weight_of(rows, weight, row);
                [0, 1].map(|set| if side == values[set] { weight } else { 0.0 })
            })?;
            let total = totals(&coded.items);
            let found = differences(&coded.items, total, threshold, max_choices, watch)?;
            let Some(patterns) = found else {
                let message = format!("`diffpatterns` finds more than {MAX_CANDIDATES} patterns");
                let hint = "raise the threshold, lower `MaxDimensions`, or project fewer columns";
                return Err(Diagnostic::error(codes::TOO_MANY, span, message).with_hint(hint).into());
            };
            let mut cells: Vec<Vec<Value>> = vec![Vec::new(); COLUMNS.len()];
            for (id, pattern) in (0_i64..).zip(&patterns) {
                let [a, b] = [0, 1].map(|set| percent(pattern.weight[set], total[set], 2));
                cells[0].push(Value::Long(id));
                cells[1].push(count(pattern.weight[0]));
                cells[2].push(count(pattern.weight[1]));
                cells[3].push(Value::Real(a));
                cells[4].push(Value::Real(b));
                cells[5].push(Value::Real(percent((a - b).abs(), 100.0, 2)));
            }
            let mut arrays =
                COLUMNS.iter().zip(&cells).map(|((_, ty), cells)| array_of(*ty, cells)).collect::<Bind<Vec<_>>>()?;
            for column in 0..split {
                let place = used.iter().position(|used| *used == column);
                arrays.push(coded.shown(rows, column, place, &patterns, &wildcards)?);
            }
            Ok(arrays)
        })?;
        self.conformed(output, call)
    }
}

fn totals(items: &Items) -> Weight {
    items.weights.iter().fold([0.0; 2], |sum, weight| [sum[0] + weight[0], sum[1] + weight[1]])
}

fn difference(weight: Weight, total: Weight) -> f64 {
    let share = |set: usize| if total[set] > 0.0 { weight[set] / total[set] } else { 0.0 };
    (share(0) - share(1)).abs()
}

/// The patterns that differ most, each among the rows that the ones before leave; nothing where there are too many.
fn differences(
    items: &Items,
    total: Weight,
    threshold: f64,
    max_choices: usize,
    watch: Watch<'_>,
) -> Bind<Option<Vec<Pattern>>> {
    // What is rare in both sets cannot differ enough, nor can a part of it.
    let is_enough = |weight: Weight| {
        (0..2).any(|set| total[set] > 0.0 && weight[set] > 0.0 && weight[set] >= threshold * total[set])
    };
    let search = Search { is_enough: &is_enough, max_choices, max_patterns: MAX_CANDIDATES };
    let Some(mut candidates) = closed_sets(items, &search, watch)? else { return Ok(None) };
    candidates.retain(|pattern| difference(pattern.weight, total) >= threshold);
    candidates.sort_by(|a, b| difference(b.weight, total).total_cmp(&difference(a.weight, total)));
    candidates.truncate(MAX_WEIGHED);
    let mut is_left = vec![true; items.weights.len()];
    let mut chosen: Vec<Pattern> = Vec::new();
    loop {
        watch.check()?;
        let mut best: Option<(usize, f64)> = None;
        for (at, pattern) in candidates.iter().enumerate() {
            let mut left = [0.0; 2];
            for row in (0..is_left.len()).filter(|row| is_left[*row] && pattern.covers(items, *row)) {
                left = [left[0] + items.weights[row][0], left[1] + items.weights[row][1]];
            }
            let difference = difference(left, total);
            if difference >= threshold && best.is_none_or(|(_, best)| difference > best) {
                best = Some((at, difference));
            }
        }
        let Some((at, _)) = best else { break };
        let pattern = candidates.remove(at);
        (0..is_left.len()).filter(|row| pattern.covers(items, *row)).for_each(|row| is_left[row] = false);
        chosen.push(pattern);
    }
    chosen.sort_by(|a, b| difference(b.weight, total).total_cmp(&difference(a.weight, total)));
    Ok(Some(chosen))
}
