//! Relations with more columns than are known: what a plugin such as `bag_unpack` adds is in the rows, and a query that
//! is only checked has none. A name that is no column and no variable then is taken for such a column.

use kql_functions::Type;
use kql_syntax::{Expr, ExprKind, Operator, OperatorKind};

use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::{OPEN, Relation, Repr, ScopeColumn};
use crate::typed::Typed;

/// How often in a query an operator is bound again because it named columns that were not known before: bounds the
/// work on joins nested in joins.
const MAX_REBINDS: usize = 200;

impl Binder<'_> {
    /// What makes a relation one with more columns than are known; to be put behind the columns that are.
    pub(crate) fn open_columns(&mut self) -> Vec<ScopeColumn> {
        let plan_name = self.unique("open");
        let (ty, repr) = (Type::Dynamic, Repr::Unknown);
        vec![ScopeColumn { name: OPEN.to_owned(), plan_name, ty, repr, nullable: true, hidden: true }]
    }

    /// A column that nobody knows yet, found in the relation that `marker` is of.
    pub(crate) fn inferred_column(&mut self, marker: &ScopeColumn, name: &str) -> Typed {
        let found = (marker.plan_name.clone(), name.to_owned());
        if !self.inferred.contains(&found) {
            self.inferred.push(found);
        }
        Typed::column(marker)
    }

    /// Applies an operator; columns that it is the first to name become columns of its input.
    pub(crate) fn operator(&mut self, stage: &Operator, input: Relation, environment: &Environment) -> Bind<Relation> {
        let Some(marker) = input.open_marker().cloned() else { return self.known_operator(stage, input, environment) };
        let mut input = input;
        for name in listed_names(&stage.kind) {
            if input.column(name).is_none() && environment.get(name).is_none() {
                self.inferred_column(&marker, name);
            }
        }
        self.add_inferred(&marker, &mut input);
        let result = self.known_operator(stage, input.clone(), environment)?;
        if !self.add_inferred(&marker, &mut input) || self.rebinds >= MAX_REBINDS {
            return Ok(result);
        }
        self.rebinds += 1;
        self.known_operator(stage, input, environment)
    }

    fn add_inferred(&mut self, marker: &ScopeColumn, input: &mut Relation) -> bool {
        let (of_this, others) =
            std::mem::take(&mut self.inferred).into_iter().partition(|(of, _)| *of == marker.plan_name);
        self.inferred = others;
        let of_this: Vec<(String, String)> = of_this;
        let has_new = !of_this.is_empty();
        for (plan_name, name) in of_this {
            let (ty, repr) = (Type::Dynamic, Repr::Unknown);
            input.columns.push(ScopeColumn { name, plan_name, ty, repr, nullable: true, hidden: false });
        }
        has_new
    }
}

/// Columns that an operator lists by name, outside of expressions.
fn listed_names(kind: &OperatorKind) -> Vec<&str> {
    let is_plain = |name: &&str| !name.contains('*');
    match kind {
        OperatorKind::ProjectAway(patterns) | OperatorKind::ProjectKeep(patterns) => {
            patterns.iter().map(|pattern| pattern.pattern.as_str()).filter(is_plain).collect()
        }
        OperatorKind::ProjectReorder(items) => {
            items.iter().map(|item| item.pattern.pattern.as_str()).filter(is_plain).collect()
        }
        OperatorKind::ProjectRename(items) => items
            .iter()
            .filter_map(|item| match &item.expr.kind {
                ExprKind::Name(name) => Some(name.as_str()),
                _ => None,
            })
            .collect(),
        OperatorKind::Evaluate { call, .. } => {
            let mut names = Vec::new();
            argument_names(call, &mut names);
            names
        }
        _ => Vec::new(),
    }
}

/// The names among the arguments of a plugin and of the aggregates within.
fn argument_names<'a>(call: &'a Expr, names: &mut Vec<&'a str>) {
    let ExprKind::Call { args, .. } = &call.kind else { return };
    for arg in args {
        match &arg.value.kind {
            ExprKind::Name(name) => names.push(name),
            _ => argument_names(&arg.value, names),
        }
    }
}
