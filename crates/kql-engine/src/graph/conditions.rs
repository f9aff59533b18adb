//! The condition of a pattern, taken apart: what one element alone decides is known before anything is searched.

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::logical_expr::Expr;

use super::found::Sources;
use super::{Collected, Collecting, Origin, Pattern, PatternScope};
use crate::binder::Bind;
use crate::evaluation::Evaluable;
use crate::typed::Typed;

/// Conditions by what decides them.
#[derive(Debug)]
pub(crate) struct Conditions {
    nodes: Vec<Vec<Evaluable>>,
    edges: Vec<Vec<Evaluable>>,
    steps: Vec<Vec<Evaluable>>,
    inner: Vec<Vec<Evaluable>>,
    constant: Vec<Evaluable>,
    /// What only a whole match decides.
    pub rest: Vec<Evaluable>,
    /// The rest looks at nodes of the pattern only.
    pub is_rest_of_nodes: bool,
}

/// Which elements may stand at each place; nothing where all may.
#[derive(Debug)]
pub(super) struct Filters {
    pub nodes: Vec<Option<Vec<bool>>>,
    pub edges: Vec<Option<Vec<bool>>>,
    pub steps: Vec<Option<Vec<bool>>>,
    pub inner: Vec<Option<Vec<bool>>>,
    /// Nothing matches at all.
    pub is_impossible: bool,
}

/// What a condition looks at.
enum Scope {
    Nothing,
    Node(usize),
    Edge(usize),
    Nodes,
    Match,
}

impl Conditions {
    /// Sorts the parts of a conjunction.
    pub fn new(parts: &[Typed], pattern: &Pattern, scope: &PatternScope) -> Bind<Self> {
        let empty = |count| std::iter::repeat_with(Vec::new).take(count).collect::<Vec<_>>();
        let (nodes, edges) = (pattern.nodes.len(), pattern.edges.len());
        let mut conditions = Self {
            nodes: empty(nodes),
            edges: empty(edges),
            steps: empty(edges),
            inner: empty(edges),
            constant: Vec::new(),
            rest: Vec::new(),
            is_rest_of_nodes: true,
        };
        let columns = scope.columns.borrow();
        for part in parts {
            if let Some(call) = called(part, scope).filter(|call| is_of_path(call, scope)) {
                let value = Evaluable::new(&call.value, &columns)?;
                let place = if call.is_inner { &mut conditions.inner } else { &mut conditions.steps };
                place[call.path].push(value);
                continue;
            }
            let ready = Evaluable::new(part, &columns)?;
            match looks_at(&ready, scope) {
                Scope::Nothing => conditions.constant.push(ready),
                Scope::Node(slot) => conditions.nodes[slot].push(ready),
                Scope::Edge(slot) => conditions.edges[slot].push(ready),
                Scope::Nodes => conditions.rest.push(ready),
                Scope::Match => {
                    conditions.is_rest_of_nodes = false;
                    conditions.rest.push(ready);
                }
            }
        }
        Ok(conditions)
    }

    /// Decides what can be decided element by element.
    pub(super) fn filters(&self, sources: &Sources<'_>) -> Bind<Filters> {
        let all = |groups: &[Vec<Evaluable>], rows: usize| {
            groups.iter().map(|group| decided(group, sources, rows)).collect::<Bind<Vec<_>>>()
        };
        let (nodes, edges) = (sources.graph.node_count(), sources.graph.topology.sources.len());
        let constants = decided(&self.constant, sources, 1)?;
        Ok(Filters {
            nodes: all(&self.nodes, nodes)?,
            edges: all(&self.edges, edges)?,
            steps: all(&self.steps, edges)?,
            inner: all(&self.inner, nodes)?,
            is_impossible: constants.is_some_and(|holds| !holds[0]),
        })
    }
}

/// For each row, whether all conditions hold; nothing without conditions.
fn decided(group: &[Evaluable], sources: &Sources<'_>, rows: usize) -> Bind<Option<Vec<bool>>> {
    let mut result: Option<Vec<bool>> = None;
    for condition in group {
        let arrays = condition.inputs().iter().map(|input| match sources.origins[*input] {
            Origin::Node(_, what) | Origin::Inner(_, what) => sources.of_nodes(what),
            Origin::Edge(_, property) | Origin::Step(_, property) => sources.of_edges(property),
            Origin::Collected(_) => arrow::array::new_null_array(&arrow::datatypes::DataType::Boolean, rows),
        });
        let holds = condition.evaluate(arrays.collect(), rows)?;
        let so_far = result.get_or_insert_with(|| vec![true; rows]);
        for (row, kept) in so_far.iter_mut().enumerate() {
            *kept &= is_true(&holds, row);
        }
    }
    Ok(result)
}

/// Whether a boolean array is true at a row.
pub(super) fn is_true(array: &ArrayRef, row: usize) -> bool {
    array.as_boolean_opt().is_some_and(|array| array.is_valid(row) && array.value(row))
}

/// The call that the condition is, if it is `all(…)` and nothing else.
fn called(part: &Typed, scope: &PatternScope) -> Option<Collected> {
    let Expr::Column(column) = &part.expr else { return None };
    let position = scope.columns.borrow().iter().position(|known| known.plan_name == column.name)?;
    let Origin::Collected(index) = scope.origins.borrow()[position] else { return None };
    let call = scope.collected.borrow()[index].clone();
    (call.how == Collecting::All).then_some(call)
}

/// Whether the value of a call depends on the element of the path alone.
fn is_of_path(call: &Collected, scope: &PatternScope) -> bool {
    let columns = scope.columns.borrow();
    let origins = scope.origins.borrow();
    call.value.expr.column_refs().iter().all(|column| {
        let position = columns.iter().position(|known| known.plan_name == column.name);
        matches!(position.map(|at| origins[at]), Some(Origin::Step(..) | Origin::Inner(..)))
    })
}

fn looks_at(condition: &Evaluable, scope: &PatternScope) -> Scope {
    let origins = scope.origins.borrow();
    let mut seen = Scope::Nothing;
    for input in condition.inputs() {
        seen = match (seen, origins[*input]) {
            (Scope::Nothing, Origin::Node(slot, _)) => Scope::Node(slot),
            (Scope::Nothing, Origin::Edge(slot, _)) => Scope::Edge(slot),
            (Scope::Node(slot), Origin::Node(other, _)) if slot == other => Scope::Node(slot),
            (Scope::Edge(slot), Origin::Edge(other, _)) if slot == other => Scope::Edge(slot),
            (Scope::Node(_) | Scope::Nodes, Origin::Node(..)) => Scope::Nodes,
            _ => return Scope::Match,
        };
    }
    seen
}
