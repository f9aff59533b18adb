//! `autocluster`: a few patterns that together tell most of the rows.
//!
//! Kusto does not publish its search. This one chooses among the closed sets of values that cover enough rows, always
//! the one that tells most of the rows that no pattern tells yet: the weighted geometric mean of the share of these
//! rows and of how rare its values are.
//!
//! <https://learn.microsoft.com/kusto/query/autocluster-plugin>

use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use super::basket::{segment_columns, segments};
use super::closed_sets::{Items, Pattern, Wanted as Search, closed_sets};
use super::table::{coded, real, standing, weight_of};
use crate::binder::{Bind, Binder};
use crate::computed::Watch;
use crate::diagnostics as codes;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Weight of the share of rows, where none is given.
const DEFAULT_SIZE_WEIGHT: f64 = 0.5;
/// Most patterns, where no number of seeds is given.
const DEFAULT_SEEDS: i64 = 25;
/// Smallest share of all rows that a pattern must add.
const LEAST_SHARE: f64 = 0.05;
/// A pattern is shared by rows of at least this weight.
const LEAST_WEIGHT: f64 = 2.0;
/// How much of a value's share makes it less telling: with 1, what all rows have would tell nothing. Chosen so that the
/// documented example gives its first pattern.
const COMMONNESS: f64 = 0.9;
/// Values of a pattern that may be chosen.
const MAX_CHOICES: usize = 6;
/// Patterns to choose from; the least share is doubled until there are no more.
const MAX_CANDIDATES: usize = 5_000;

impl Binder<'_> {
    /// The patterns, those first that tell most.
    pub(in crate::operators::plugins) fn autocluster(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let size_weight = args.tilde_constant(self, "SizeWeight", Wanted::NUMBER)?;
        let size_weight = size_weight.as_ref().map_or(DEFAULT_SIZE_WEIGHT, real);
        let weight = args.weight_column(self, &input)?;
        let seeds = args.tilde_constant(self, "NumSeeds", Wanted::INTEGER)?;
        let seeds = match seeds.unwrap_or(Value::Long(DEFAULT_SEEDS)).cast(Type::Long) {
            Value::Long(seeds) => usize::try_from(seeds).unwrap_or(0).max(1),
            _ => 1,
        };
        let wildcards = args.wildcards(self)?;
        args.finish()?;
        if !self.is_check && !(0.0..=1.0).contains(&size_weight) {
            let message = format!("`SizeWeight` of `{}` is not between 0 and 1", call.name);
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        }
        let weight = weight.map(|column| column.name);
        let columns = segment_columns(&input);
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let rows = &inputs[0];
            let weight = weight.as_ref().and_then(|name| rows.position(name));
            let used: Vec<usize> = (0..rows.columns.len()).filter(|column| Some(*column) != weight).collect();
            let coded = coded(rows, &used, |row| [weight_of(rows, weight, row), 0.0])?;
            let total: f64 = coded.items.weights.iter().map(|weight| weight[0]).sum();
            let candidates = candidates(&coded.items, total, watch)?;
            let rarity = rarity(&coded.items, total);
            let mut patterns = chosen(&coded.items, candidates, total, seeds, watch, |pattern, share| {
                let informative = informative(pattern, &rarity);
                share.powf(size_weight) * informative.powf(1.0 - size_weight)
            })?;
            patterns.sort_by(|a, b| standing(b, total).total_cmp(&standing(a, total)));
            segments(rows, &coded, &used, &patterns, total, &wildcards)
        })?;
        self.conformed(output, call)
    }
}

fn candidates(items: &Items, total: f64, watch: Watch<'_>) -> Bind<Vec<Pattern>> {
    let mut least = LEAST_SHARE * total;
    loop {
        let is_enough = |weight: [f64; 2]| weight[0] >= LEAST_WEIGHT && weight[0] >= least;
        let search = Search { is_enough: &is_enough, max_choices: MAX_CHOICES, max_patterns: MAX_CANDIDATES };
        if let Some(found) = closed_sets(items, &search, watch)? {
            return Ok(found);
        }
        least *= 2.0;
    }
}

/// Per column and value: how telling it is, the less the more rows have it.
fn rarity(items: &Items, total: f64) -> Vec<Vec<f64>> {
    items
        .columns
        .iter()
        .map(|column| {
            let values = column.iter().max().map_or(0, |last| *last as usize + 1);
            let mut rare = vec![1.0; values];
            for (value, weight) in column.iter().zip(&items.weights) {
                rare[*value as usize] -= COMMONNESS * weight[0] / total;
            }
            rare
        })
        .collect()
}

fn informative(pattern: &Pattern, rarity: &[Vec<f64>]) -> f64 {
    let sum: f64 = pattern.values.iter().zip(rarity).filter_map(|(value, rare)| rare.get((*value)? as usize)).sum();
    (sum / pattern.values.len().max(1) as f64).max(0.0)
}

/// The best pattern for the rows that are left, then the best for those left by it, and so on.
fn chosen(
    items: &Items,
    mut candidates: Vec<Pattern>,
    total: f64,
    most: usize,
    watch: Watch<'_>,
    score: impl Fn(&Pattern, f64) -> f64,
) -> Bind<Vec<Pattern>> {
    let mut is_left = vec![true; items.weights.len()];
    let mut chosen = Vec::new();
    while chosen.len() < most {
        watch.check()?;
        let mut best: Option<(usize, f64)> = None;
        for (at, pattern) in candidates.iter().enumerate() {
            let left: f64 = (0..is_left.len())
                .filter(|row| is_left[*row] && pattern.covers(items, *row))
                .map(|row| items.weights[row][0])
                .sum();
            let share = left / total;
            let score = score(pattern, share);
            if share >= LEAST_SHARE && best.is_none_or(|(_, best)| score > best) {
                best = Some((at, score));
            }
        }
        let Some((at, _)) = best else { break };
        let pattern = candidates.swap_remove(at);
        (0..is_left.len()).filter(|row| pattern.covers(items, *row)).for_each(|row| is_left[row] = false);
        chosen.push(pattern);
    }
    Ok(chosen)
}
