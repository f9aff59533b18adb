//! What replays read of a table: the rows that pass some filters, and some columns of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::disjunction;

use super::held_rows::HeldRows;

/// Most conditions that a scan for several selections is told; more cost more to compare with each row than they save.
const MAX_CONDITIONS: usize = 40;

/// The rows of a table that pass all filters. Replays with the same filters share one.
#[derive(Debug)]
pub(crate) struct Selection {
    /// The position of the table.
    pub table: usize,
    /// Conditions on stored columns.
    pub filters: Vec<Expr>,
    /// The columns that somebody reads, by their position in the table.
    pub columns: BTreeSet<usize>,
    /// How far before the end of a window it is looked at, in µs.
    pub reach: i64,
    /// What is held, by days since 1970.
    pub days: BTreeMap<i64, Day>,
}

/// A day of a selection.
#[derive(Debug, Clone)]
pub(crate) enum Day {
    /// Its rows.
    Held(Arc<HeldRows>),
    /// There was no memory for them: whoever needs them scans the table.
    TooLarge,
}

/// How many functions an expression calls: what is cheap is asked first.
pub(crate) fn calls(expr: &Expr) -> usize {
    let mut calls = 0;
    let counted = expr.apply(|part| {
        calls += usize::from(matches!(part, Expr::ScalarFunction(_)));
        Ok(TreeNodeRecursion::Continue)
    });
    if counted.is_ok() { calls } else { usize::MAX }
}

/// A condition that each row of one of the selections passes, made of what files can be pruned by; none where a selection has
/// no such condition. Of each selection it is the one that it has in common with most others, so that many selections give few
/// conditions.
pub(crate) fn common_condition(selections: &[&[Expr]]) -> Option<Expr> {
    let is_cheap = |filter: &&Expr| calls(filter) == 0 && !filter.is_volatile();
    let mut uses: HashMap<&Expr, usize> = HashMap::new();
    for filter in selections.iter().flat_map(|filters| filters.iter()).filter(is_cheap) {
        *uses.entry(filter).or_default() += 1;
    }
    let mut chosen: Vec<&Expr> = Vec::new();
    for filters in selections {
        let best = filters.iter().filter(is_cheap).max_by_key(|filter| uses.get(filter))?;
        if !chosen.contains(&best) {
            chosen.push(best);
        }
        if chosen.len() > MAX_CONDITIONS {
            return None;
        }
    }
    disjunction(chosen.into_iter().cloned())
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;

    #[test]
    fn a_scan_is_told_what_all_selections_have_in_common() {
        let (one, two) = (col("EventID").eq(lit(1)), col("EventID").eq(lit(2)));
        let own = col("Level").eq(lit(7));
        let [first, second, third] = [vec![one.clone()], vec![own, two.clone()], vec![two.clone()]];
        assert_eq!(common_condition(&[&first, &second, &third]), Some(one.or(two)));
        assert_eq!(common_condition(&[&first, &[]]), None, "a selection takes all rows");
    }
}
