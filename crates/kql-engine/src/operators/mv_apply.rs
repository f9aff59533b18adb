//! `mv-apply`: a pipeline over the elements of each row.
//!
//! Rows are numbered and expanded; the number and the columns of the input travel through the inner pipeline as
//! carried columns, and every operator that works on more than one row does so within one number.

use datafusion::common::Column;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, SortExpr, lit};
use kql_functions::Type;
use kql_syntax::{self as ast, OperatorKind};

use super::filter::rest;
use super::mv_expand::Expanding;
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::Typed;

/// Starts the names of carried columns; no query can write it.
const CARRIED: char = '\u{1}';
/// The carried column that numbers the rows of the input.
pub(super) const ROW: &str = "\u{1}\u{2}row";

/// What `mv-apply` was given.
pub(super) struct Applied<'a> {
    pub parameters: &'a [ast::OperatorParameter],
    pub items: &'a [ast::ExpandItem],
    pub limit: Option<&'a ast::Expr>,
    pub body: &'a ast::Pipeline,
}

/// Whether operators have to take a column along that the query does not see.
pub(super) fn is_carried(column: &ScopeColumn) -> bool {
    column.name.starts_with(CARRIED)
}

/// The column that numbers the outer rows, inside of `mv-apply`.
pub(super) fn outer_row(relation: &Relation) -> Option<&ScopeColumn> {
    outer_row_of(&relation.columns)
}

/// The same of a scope.
pub(crate) fn outer_row_of(columns: &[ScopeColumn]) -> Option<&ScopeColumn> {
    crate::scope::find_column(columns, ROW)
}

impl Binder<'_> {
    /// Expands arrays and applies a pipeline to the elements of each row.
    pub(super) fn mv_apply(
        &mut self,
        input: Relation,
        applied: &Applied<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let originals = input.columns.clone();
        let numbered = self.numbered(input)?;
        let Applied { parameters, items, limit, .. } = *applied;
        let expanding = Expanding { parameters, items, limit, is_legacy: false };
        let mut relation = self.mv_expand(numbered, &expanding, environment)?;
        for stage in &applied.body.stages {
            relation = self.operator(stage, relation, environment)?;
        }
        // A column that was expanded under its own name is what the pipeline made of it.
        let expanded: Vec<String> = items
            .iter()
            .filter_map(|item| match &item.expr.kind {
                ast::ExprKind::Name(name) if item.name.is_none() => Some(name.clone()),
                _ => None,
            })
            .collect();
        self.restored(relation, &originals, &expanded)
    }

    /// The rows with a number and carried copies of their columns.
    fn numbered(&mut self, input: Relation) -> Bind<Relation> {
        let plan_name = self.unique("row");
        let number = row_number().alias(plan_name.clone());
        let plan = LogicalPlanBuilder::from(input.plan).window(vec![number])?.build()?;
        // Within another `mv-apply`, what that one carries is carried on under names of its own.
        let mut columns: Vec<ScopeColumn> =
            input.columns.iter().filter(|column| !is_carried(column)).cloned().collect();
        columns.extend(input.columns.iter().map(|column| ScopeColumn {
            name: format!("{CARRIED}{}", column.name),
            hidden: true,
            ..column.clone()
        }));
        columns.push(ScopeColumn {
            name: ROW.to_owned(),
            plan_name,
            ty: Type::Long,
            repr: Repr::Engine,
            nullable: false,
            hidden: true,
        });
        Ok(Relation { plan, ..rest(columns, Vec::new(), false) })
    }

    /// The columns of the input, those that the pipeline replaced in their place, then what it added.
    fn restored(&mut self, relation: Relation, originals: &[ScopeColumn], expanded: &[String]) -> Bind<Relation> {
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        for original in originals {
            let inner = relation.column(&original.name).filter(|column| !is_carried(column));
            let carried =
                relation.column(&format!("{CARRIED}{}", original.name)).filter(|_| !expanded.contains(&original.name));
            if let Some(column) = inner.or(carried) {
                columns.push((original.name.clone(), Typed::column(column), original.hidden));
            }
        }
        for column in relation.columns.iter().filter(|column| !is_carried(column)) {
            if !columns.iter().any(|(name, ..)| *name == column.name) {
                columns.push((column.name.clone(), Typed::column(column), column.hidden));
            }
        }
        let relation = Relation { order: Vec::new(), ..relation };
        self.project(relation, columns)
    }

    /// The first rows of each outer row, in the order of the keys.
    pub(super) fn first_of_each(
        &mut self,
        input: Relation,
        outer: &ScopeColumn,
        keys: Vec<SortExpr>,
        rows: usize,
    ) -> Bind<Relation> {
        let plan_name = self.unique("rank");
        let mut rank = row_number().partition_by(vec![outer.expr()]);
        if !keys.is_empty() {
            rank = rank.order_by(keys);
        }
        let rank = rank.build()?.alias(plan_name.clone());
        let limit = lit(u64::try_from(rows).unwrap_or(u64::MAX));
        let plan = LogicalPlanBuilder::from(input.plan)
            .window(vec![rank])?
            .filter(Expr::Column(Column::new_unqualified(plan_name)).lt_eq(limit))?
            .build()?;
        Ok(Relation { plan, ..rest(input.columns, Vec::new(), true) })
    }
}

/// The name of an operator that `mv-apply` cannot hold yet.
pub(super) fn refused_inside(kind: &OperatorKind) -> Option<&'static str> {
    match kind {
        OperatorKind::Join { .. } => Some("join within mv-apply"),
        OperatorKind::Lookup { .. } => Some("lookup within mv-apply"),
        OperatorKind::Union { .. } => Some("union within mv-apply"),
        OperatorKind::Evaluate { .. } => Some("evaluate within mv-apply"),
        OperatorKind::MakeSeries { .. } => Some("make-series within mv-apply"),
        OperatorKind::MakeGraph(_) => Some("make-graph within mv-apply"),
        OperatorKind::GetSchema => Some("getschema within mv-apply"),
        OperatorKind::Invoke(_) => Some("invoke within mv-apply"),
        OperatorKind::Search { .. } => Some("search within mv-apply"),
        OperatorKind::TopNested(_) => Some("top-nested within mv-apply"),
        OperatorKind::TopHitters { .. } => Some("top-hitters within mv-apply"),
        OperatorKind::Reduce { .. } => Some("reduce within mv-apply"),
        OperatorKind::Partition { .. } => Some("partition within mv-apply"),
        OperatorKind::Sample(_) | OperatorKind::SampleDistinct { .. } => Some("sample within mv-apply"),
        _ => None,
    }
}
