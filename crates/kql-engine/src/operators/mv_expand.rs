//! `mv-expand`: a row for each element.

use datafusion::common::{Column, UnnestOptions};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal};

use super::filter::row_of;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::column_type;
use crate::functions::expand::{ExpandUdf, Expansion};
use crate::functions::kernel::Kernel;
use crate::naming::{self, Names};
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::Typed;

/// Most rows that the old `mvexpand` makes of one.
const LEGACY_LIMIT: usize = 128;
/// Most rows that `mv-expand` makes of one, as in Kusto.
const DEFAULT_LIMIT: usize = i32::MAX as usize;

/// What `mv-expand` was given.
#[derive(Clone, Copy)]
pub(super) struct Expanding<'a> {
    /// `kind=`, `with_itemindex=`.
    pub parameters: &'a [ast::OperatorParameter],
    /// What is expanded.
    pub items: &'a [ast::ExpandItem],
    /// Most rows made of one.
    pub limit: Option<&'a ast::Expr>,
    /// The old `mvexpand`.
    pub is_legacy: bool,
}

/// What a column of the result comes from.
struct Item {
    name: String,
    value: Typed,
    to: Option<Type>,
    plan_name: String,
}

impl Binder<'_> {
    /// Takes arrays and bags apart, several side by side, padded with null.
    pub(super) fn mv_expand(
        &mut self,
        input: Relation,
        expanding: &Expanding<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let Expanding { parameters, items, limit, is_legacy } = *expanding;
        let limit = match limit {
            Some(limit) => self.row_count(limit, environment)?,
            None if is_legacy => LEGACY_LIMIT,
            None => DEFAULT_LIMIT,
        };
        let bag_as_arrays = parameters.iter().any(|parameter| {
            ["kind", "bagexpansion"].contains(&parameter.name.name.as_str()) && word(&parameter.value) == "array"
        });
        let index_name = parameters.iter().find(|p| p.name.name == "with_itemindex").map(|p| word(&p.value).to_owned());
        let mut names = Names::taken(input.columns.iter().map(|column| column.name.as_str()));
        let mut bound = Vec::new();
        for item in items {
            bound.push(self.expand_item(item, &input, &mut names, environment)?);
        }
        let mut exprs: Vec<Expr> = input.columns.iter().map(ScopeColumn::expr).collect();
        exprs.dedup();
        let mut lists = Vec::new();
        for item in &bound {
            let to = item.to.filter(|to| is_expanded_to(*to));
            let expansion = Expansion::Elements { bag_as_arrays, to };
            let list = ExpandUdf::new(expansion, limit).call(vec![item.value.expr.clone()]);
            exprs.push(list.alias(item.plan_name.clone()));
            lists.push(Column::new_unqualified(item.plan_name.clone()));
        }
        let index = index_name.map(|name| (self.unique(&name), name));
        if let Some((plan_name, _)) = &index {
            let values = bound.iter().map(|item| item.value.expr.clone()).collect();
            exprs.push(ExpandUdf::new(Expansion::Indexes, limit).call(values).alias(plan_name.clone()));
            lists.push(Column::new_unqualified(plan_name.clone()));
        }
        let plan = LogicalPlanBuilder::from(input.plan)
            .project(unique_exprs(exprs))?
            .unnest_columns_with_options(lists, UnnestOptions::new())?
            .build()?;
        self.expanded(Relation::new(plan, input.columns), bound, index)
    }

    fn expand_item(
        &mut self,
        item: &ast::ExpandItem,
        input: &Relation,
        names: &mut Names,
        environment: &Environment,
    ) -> Bind<Item> {
        let value = self.scalar(&item.expr, row_of(input, environment))?;
        if value.ty != Type::Dynamic {
            let message = format!("only dynamic values expand, not a {}", value.ty.name());
            let hint = "`todynamic(..)` or `split(..)` makes one from a string";
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, item.expr.span, message).with_hint(hint).into());
        }
        let name = match (&item.name, naming::derived(&item.expr)) {
            (Some(name), _) => name.name.clone(),
            (None, Some(name)) if !name.is_empty() => name,
            _ => names.numbered("Column"),
        };
        let plan_name = self.unique(&name);
        Ok(Item { name, value, to: item.to.map(column_type), plan_name })
    }

    /// Puts the expanded columns in the place of those they are named after, the others behind.
    fn expanded(&mut self, relation: Relation, items: Vec<Item>, index: Option<(String, String)>) -> Bind<Relation> {
        let mut columns: Vec<(String, Typed, bool)> =
            relation.columns.iter().map(|column| (column.name.clone(), Typed::column(column), column.hidden)).collect();
        let mut added = Vec::new();
        for item in items {
            let element = Typed::new(Expr::Column(Column::new_unqualified(item.plan_name)), Type::Dynamic);
            let value = match item.to {
                Some(ty) if is_expanded_to(ty) => Typed { repr: Repr::Engine, ..Typed::new(element.expr, ty) },
                Some(ty) if ty != Type::Dynamic => {
                    let expr = Kernel::Conform { to: ty }.call(vec![element.expr]);
                    Typed { repr: Repr::Engine, ..Typed::new(expr, ty) }
                }
                _ => element,
            };
            added.push((item.name, value));
        }
        if let Some((plan_name, name)) = index {
            let expr = Expr::Column(Column::new_unqualified(plan_name));
            added.push((name, Typed::new(expr, Type::Long)));
        }
        for (name, value) in added {
            match columns.iter_mut().find(|(existing, ..)| *existing == name) {
                Some(existing) => *existing = (name, value, false),
                None => columns.push((name, value, false)),
            }
        }
        self.project(relation, columns)
    }
}

/// Whether elements become this type where they are expanded. A string is never null, but beside a longer array there are rows without an
/// element: those become one afterwards.
fn is_expanded_to(ty: Type) -> bool {
    !matches!(ty, Type::Dynamic | Type::String)
}

/// The same column is kept once.
fn unique_exprs(exprs: Vec<Expr>) -> Vec<Expr> {
    let mut unique: Vec<Expr> = Vec::with_capacity(exprs.len());
    for expr in exprs {
        if !unique.contains(&expr) {
            unique.push(expr);
        }
    }
    unique
}

fn word(expr: &ast::Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Literal(Literal::String(text)) => text,
        _ => "",
    }
}
