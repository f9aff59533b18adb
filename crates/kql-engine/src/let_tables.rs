//! Tables that a `let` names are bound once: later uses are the same plan under new names.

use std::sync::Arc;

use crate::binder::{Bind, Binder};
use crate::environment::Lazy;
use crate::scope::{Relation, Repr};

/// A table that is bound, and what binding it found out about the query.
#[derive(Debug, Clone)]
pub(crate) struct LetTable {
    /// Kept so that its address stays its own.
    _lazy: Arc<Lazy>,
    relation: Relation,
    is_ordered: bool,
    used_now: bool,
}

impl Binder<'_> {
    /// The table or graph of a `let` that is not materialized.
    pub(crate) fn let_table(&mut self, lazy: &Arc<Lazy>) -> Bind<Relation> {
        // What parts that are only looked at are bound to is not what they are in a run.
        if self.is_sketch || self.takes_unknown_tables {
            return self.table_or_graph(&lazy.expr, &lazy.environment);
        }
        if let Some(known) = self.let_tables.get(&Arc::as_ptr(lazy)).cloned() {
            self.is_ordered |= known.is_ordered;
            self.used_now |= known.used_now;
            return self.renamed(&known.relation);
        }
        let (outer_ordered, outer_now) = (self.is_ordered, self.used_now);
        (self.is_ordered, self.used_now) = (false, false);
        let bound = self.table_or_graph(&lazy.expr, &lazy.environment);
        let (is_ordered, used_now) = (self.is_ordered, self.used_now);
        (self.is_ordered, self.used_now) = (is_ordered || outer_ordered, used_now || outer_now);
        let relation = bound?;
        if has_only_columns(&relation) {
            let known = LetTable { _lazy: Arc::clone(lazy), relation: relation.clone(), is_ordered, used_now };
            self.let_tables.insert(Arc::as_ptr(lazy), known);
        }
        Ok(relation)
    }
}

/// Whether a relation is told by its rows and columns alone: other names take nothing from it.
fn has_only_columns(relation: &Relation) -> bool {
    let is_known = relation.columns.iter().all(|column| column.repr != Repr::Unknown);
    is_known && relation.graph.is_none() && relation.order.is_empty() && !relation.serialized
}
