//! `find`: rows of several tables for which a predicate holds, in columns that the tables have in common.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, ExprKind, FoundColumn, Literal, TableReference};

use super::search::{Predicate, has_term, names_in};
use super::union::Legs;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::{column_type, null_of};
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

/// The column that says where a row comes from, unless `withsource=` names it.
const SOURCE_COLUMN: &str = "source_";
/// The column of what has no column of its own.
const PACK_COLUMN: &str = "pack_";

/// What `find` was given.
#[derive(Clone, Copy)]
pub(crate) struct Finding<'a> {
    /// `withsource=`.
    pub parameters: &'a [ast::OperatorParameter],
    /// `in (…)`.
    pub tables: &'a [TableReference],
    /// The predicate.
    pub predicate: &'a ast::Expr,
    /// `project …`.
    pub project: &'a [FoundColumn],
}

/// The columns of the result.
#[derive(Debug, Default)]
struct Shape {
    columns: Vec<(String, Type)>,
    has_pack: bool,
}

impl Binder<'_> {
    /// Looks for rows in the tables of `in (…)`, or in all tables.
    pub(crate) fn find(&mut self, finding: &Finding<'_>, environment: &Environment) -> Bind<Relation> {
        let predicate = Predicate { is_case_sensitive: false }.condition(finding.predicate);
        let mut legs = self.searched_legs(finding.tables, environment)?;
        let mut names = Vec::new();
        names_in(&predicate, &mut names);
        names.retain(|name| legs.iter().any(|leg| leg.column(name).is_some()));
        if !names.is_empty() && !has_term(&predicate) {
            legs.retain(|leg| names.iter().any(|name| leg.column(name).is_some()));
        }
        let shape = match finding.project {
            [] => smart_shape(&legs, &names),
            items => self.projected_shape(&legs, items)?,
        };
        let legs = self.filtered_legs(legs, &predicate, environment)?;
        let mut found = Vec::with_capacity(legs.len());
        for leg in legs {
            found.push(self.found_leg(leg, &shape)?);
        }
        let source_column = Some(source_column(finding.parameters));
        self.united(Legs { legs: found, source_column, prefix: "find_arg", inner: false })
    }

    /// The columns that `project` asks for.
    fn projected_shape(&mut self, legs: &[Relation], items: &[FoundColumn]) -> Bind<Shape> {
        let mut shape = Shape::default();
        for FoundColumn { item, ty } in items {
            match &item.expr.kind {
                ExprKind::Name(name) => {
                    let Some(found) = common_type(legs, name) else {
                        let known: Vec<&str> =
                            legs.iter().flat_map(|leg| leg.visible()).map(|column| column.name.as_str()).collect();
                        let span = item.expr.span;
                        return Err(codes::unknown(codes::UNKNOWN_NAME, span, "column or variable", name, known).into());
                    };
                    shape.columns.push((name.clone(), ty.map_or(found, column_type)));
                }
                ExprKind::Call { name, .. } if name.name == "pack" || name.name == "pack_all" => shape.has_pack = true,
                _ => {
                    let what = "project of `find` with an expression";
                    return Err(codes::unsupported(codes::UNSUPPORTED_FORM, item.expr.span, what).into());
                }
            }
        }
        Ok(shape)
    }

    /// A table in the columns of the result.
    fn found_leg(&mut self, leg: Relation, shape: &Shape) -> Bind<Relation> {
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        for (name, ty) in &shape.columns {
            let value = match leg.column(name) {
                Some(column) if column.ty == *ty => Typed::column(column),
                Some(column) => self.cast(Typed::column(column), *ty)?,
                None => Typed::new(null_of(*ty), *ty),
            };
            columns.push((name.clone(), value, false));
        }
        if shape.has_pack {
            let is_packed = |column: &&ScopeColumn| !shape.columns.iter().any(|(name, _)| *name == column.name);
            let rest: Vec<&ScopeColumn> = leg.visible().filter(is_packed).collect();
            columns.push((PACK_COLUMN.to_owned(), self.packed(&rest)?, false));
        }
        let source = leg.source.clone();
        let relation = self.project(Relation { order: Vec::new(), ..leg }, columns)?;
        Ok(Relation { source, ..relation })
    }

    /// A bag of columns.
    fn packed(&mut self, columns: &[&ScopeColumn]) -> Bind<Typed> {
        if columns.is_empty() {
            return Ok(Typed::constant(Value::Dynamic("{}".to_owned())));
        }
        let mut pairs = Vec::new();
        for column in columns {
            pairs.push(Typed::constant(Value::String(column.name.clone())));
            pairs.push(Typed::column(column));
        }
        self.function_of("bag_pack", pairs, ast::Span::default())
    }
}

/// The columns that all tables have, then those that the predicate names; the rest is packed.
fn smart_shape(legs: &[Relation], names: &[&str]) -> Shape {
    let Some(first) = legs.first() else { return Shape::default() };
    let mut shape = Shape::default();
    let in_all = |name: &str| legs.iter().all(|leg| leg.column(name).is_some_and(|column| !column.hidden));
    let common = first.visible().map(|column| column.name.as_str()).filter(|name| in_all(name));
    for name in common.chain(names.iter().copied()) {
        if let Some(ty) = common_type(legs, name)
            && !shape.columns.iter().any(|(known, _)| known == name)
        {
            shape.columns.push((name.to_owned(), ty));
        }
    }
    shape.has_pack = legs
        .iter()
        .flat_map(Relation::visible)
        .any(|column| !shape.columns.iter().any(|(name, _)| *name == column.name));
    shape
}

/// The type of a column in all tables that have it; dynamic where they differ.
fn common_type(legs: &[Relation], name: &str) -> Option<Type> {
    let mut types = legs.iter().filter_map(|leg| leg.column(name)).map(|column| column.ty);
    let first = types.next()?;
    Some(if types.all(|ty| ty == first) { first } else { Type::Dynamic })
}

fn source_column(parameters: &[ast::OperatorParameter]) -> String {
    let given = parameters.iter().find(|parameter| parameter.name.name == "withsource");
    match given.map(|parameter| &parameter.value.kind) {
        Some(ExprKind::Name(name) | ExprKind::Literal(Literal::String(name))) => name.clone(),
        _ => SOURCE_COLUMN.to_owned(),
    }
}
