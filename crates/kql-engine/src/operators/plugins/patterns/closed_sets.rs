//! Closed sets of values: no value can be added to one without losing rows.
//!
//! The search never meets a set twice: see Uno, Asai, Uchida and Arimura, "An Efficient Algorithm for Enumerating
//! Closed Patterns in Transaction Databases" (2004), the extension that preserves the prefix.

use std::collections::HashMap;

use crate::binder::Bind;
use crate::computed::Watch;

/// How much the rows of two sets weigh.
pub(super) type Weight = [f64; 2];

/// Distinct rows as numbers of values, with their weights.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Per column, per row: which value.
    pub columns: Vec<Vec<u32>>,
    /// Per row.
    pub weights: Vec<Weight>,
}

/// A set of values, at most one a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    /// Per column.
    pub values: Vec<Option<u32>>,
    /// Of the rows that have all these values.
    pub weight: Weight,
}

impl Pattern {
    /// How many columns have a value.
    pub fn size(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// Whether a row has all the values.
    pub fn covers(&self, items: &Items, row: usize) -> bool {
        self.values.iter().zip(&items.columns).all(|(value, column)| value.is_none_or(|value| column[row] == value))
    }
}

/// What to look for.
pub(super) struct Wanted<'a> {
    /// Whether a set weighs enough; if it does not, no larger set does.
    pub is_enough: &'a dyn Fn(Weight) -> bool,
    /// How many values may be chosen; values that come along with them do not count.
    pub max_choices: usize,
    /// More sets than these are too many.
    pub max_patterns: usize,
}

/// All closed sets that weigh enough and have a value; nothing where they are too many.
pub(super) fn closed_sets(items: &Items, wanted: &Wanted<'_>, watch: Watch<'_>) -> Bind<Option<Vec<Pattern>>> {
    let rows: Vec<u32> = (0_u32..).zip(&items.weights).map(|(row, _)| row).collect();
    let mut search = Search { items, wanted, watch, found: Vec::new() };
    let root = search.closure(&rows);
    let is_full = search.extend(&root, &rows, 0, 0)?;
    let mut found = search.found;
    if root.size() > 0 && (wanted.is_enough)(root.weight) {
        found.push(root);
    }
    Ok((!is_full).then_some(found))
}

struct Search<'a> {
    items: &'a Items,
    wanted: &'a Wanted<'a>,
    watch: Watch<'a>,
    found: Vec<Pattern>,
}

impl Search<'_> {
    /// The values that all of these rows share.
    fn closure(&self, rows: &[u32]) -> Pattern {
        let shared = |column: &Vec<u32>| {
            let value = column[*rows.first()? as usize];
            rows.iter().all(|row| column[*row as usize] == value).then_some(value)
        };
        let mut weight = [0.0; 2];
        for row in rows {
            let [a, b] = self.items.weights[*row as usize];
            weight = [weight[0] + a, weight[1] + b];
        }
        Pattern { values: self.items.columns.iter().map(shared).collect(), weight }
    }

    /// Adds a value of each column from `first` on; whether there were too many sets.
    fn extend(&mut self, pattern: &Pattern, rows: &[u32], first: usize, choices: usize) -> Bind<bool> {
        if choices >= self.wanted.max_choices {
            return Ok(false);
        }
        for column in first..self.items.columns.len() {
            if pattern.values[column].is_some() {
                continue;
            }
            self.watch.check()?;
            for rows in self.by_value(column, rows) {
                let larger = self.closure(&rows);
                // A set whose earlier columns changed is met from there.
                if larger.values[..column] != pattern.values[..column] {
                    continue;
                }
                if self.found.len() >= self.wanted.max_patterns {
                    return Ok(true);
                }
                self.found.push(larger.clone());
                if self.extend(&larger, &rows, column + 1, choices + 1)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The rows of each value of a column that weigh enough, in the order of the values' numbers.
    fn by_value(&self, column: usize, rows: &[u32]) -> Vec<Vec<u32>> {
        let values = &self.items.columns[column];
        let mut weights: HashMap<u32, Weight> = HashMap::new();
        for row in rows {
            let weight = weights.entry(values[*row as usize]).or_insert([0.0; 2]);
            let [a, b] = self.items.weights[*row as usize];
            *weight = [weight[0] + a, weight[1] + b];
        }
        weights.retain(|_, weight| (self.wanted.is_enough)(*weight));
        let mut kept: Vec<u32> = weights.into_keys().collect();
        kept.sort_unstable();
        let places: HashMap<u32, usize> = kept.iter().copied().zip(0..).collect();
        let mut by_value = vec![Vec::new(); kept.len()];
        for row in rows {
            if let Some(place) = places.get(&values[*row as usize]) {
                by_value[*place].push(*row);
            }
        }
        by_value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;

    fn found(columns: Vec<Vec<u32>>, least: f64, max_choices: usize) -> Vec<(Vec<Option<u32>>, f64)> {
        let items = Items { weights: vec![[1.0, 0.0]; columns[0].len()], columns };
        let wanted = Wanted { is_enough: &|weight| weight[0] >= least, max_choices, max_patterns: 100 };
        let found =
            closed_sets(&items, &wanted, Watch::new(None, &CancelToken::default())).ok().flatten().unwrap_or_default();
        found.into_iter().map(|pattern| (pattern.values, pattern.weight[0])).collect()
    }

    #[test]
    fn only_closed_sets_are_found_and_each_once() {
        // Where the first column is 0, the second is, too.
        let sets = found(vec![vec![0, 0, 1, 1], vec![0, 0, 0, 1]], 2.0, 5);
        assert_eq!(sets, [(vec![Some(0), Some(0)], 2.0), (vec![Some(1), None], 2.0), (vec![None, Some(0)], 3.0)]);
    }

    #[test]
    fn values_that_all_rows_share_are_a_set() {
        assert_eq!(found(vec![vec![7, 7], vec![0, 1]], 2.0, 5), [(vec![Some(7), None], 2.0)]);
        assert_eq!(found(vec![vec![], vec![]], 0.0, 5), []);
    }
}
