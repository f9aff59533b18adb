//! `union`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Union, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, ExprKind, Literal, TableReference};

use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::functions::ticks::stored_datetime;
use crate::naming::Names;
use crate::scope::{Relation, Repr, ScopeColumn, matches_pattern};
use crate::typed::{Typed, scalar_of};
use crate::wide_union::{WideLeg, WideUnion};

/// Most columns times tables of a union that is a plan of its own.
const MAX_PLAIN_CELLS: usize = 2_000;

/// What the parameters of a union ask for.
#[derive(Debug, Default)]
struct Asked {
    inner: bool,
    fuzzy: bool,
    source_column: Option<String>,
}

/// Tables to be united.
pub(super) struct Legs {
    /// The tables.
    pub legs: Vec<Relation>,
    /// The column that says where a row comes from.
    pub source_column: Option<String>,
    /// What a table without a name is called, with its number.
    pub prefix: &'static str,
    /// Only columns that all tables have.
    pub inner: bool,
}

/// A column of the union: its name and type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Slot {
    name: String,
    ty: Type,
    /// Only the rows tell the type; see [`Repr::Unknown`].
    is_unknown: bool,
}

impl Slot {
    fn of(column: &ScopeColumn) -> Self {
        Self { name: column.name.clone(), ty: column.ty, is_unknown: column.repr == Repr::Unknown }
    }

    /// What tells it from a column of the same name.
    fn suffix(&self) -> &'static str {
        if self.is_unknown { "unknown" } else { self.ty.name() }
    }
}

impl Binder<'_> {
    /// The rows of the legs, columns matched by name and type. Where a name has two types of which one is not known, it may well
    /// stay one column once the query runs: the name can be used.
    pub(super) fn united(&mut self, legs: Legs) -> Bind<Relation> {
        let is_open = legs.legs.iter().any(has_unknown_columns) && !legs.legs.iter().any(Relation::is_open);
        let united = self.united_as_known(legs)?;
        if is_open { self.opened(united) } else { Ok(united) }
    }

    fn united_as_known(&mut self, legs: Legs) -> Bind<Relation> {
        let Legs { legs, source_column, prefix, inner } = legs;
        let slots = slots(&legs, inner);
        if legs.len() * slots.len() > MAX_PLAIN_CELLS {
            return self.wide_union(legs, &slots, source_column.as_deref(), prefix);
        }
        let mut plans: Vec<Arc<LogicalPlan>> = Vec::with_capacity(legs.len());
        let mut columns: Vec<ScopeColumn> = self.union_columns(&legs, &slots, source_column.as_deref());
        for (index, leg) in legs.into_iter().enumerate() {
            let label = leg.source.clone().unwrap_or_else(|| format!("{prefix}{index}"));
            let leg_plan = self.union_leg(leg, &slots, &mut columns, source_column.is_some(), &label)?;
            plans.push(Arc::new(leg_plan));
        }
        let plan = match <[Arc<LogicalPlan>; 1]>::try_from(plans) {
            Ok([only]) => Arc::unwrap_or_clone(only),
            Err(plans) => LogicalPlan::Union(Union::try_new_with_loose_types(plans)?),
        };
        Ok(Relation::new(plan, columns))
    }

    /// The rows of several tables, columns matched by name and type.
    pub(crate) fn union(
        &mut self,
        input: Option<Relation>,
        parameters: &[ast::OperatorParameter],
        inputs: &[TableReference],
        environment: &Environment,
    ) -> Bind<Relation> {
        let asked = asked(parameters);
        let mut legs: Vec<Relation> = input.into_iter().collect();
        let mut wrong = Vec::new();
        for reference in inputs {
            match self.legs(reference, environment) {
                Ok(found) => legs.extend(found),
                Err(Stop::Invalid(problems)) if asked.fuzzy && problems.iter().all(is_unresolved) => {
                    legs.extend(self.unknown_legs(reference, environment)?);
                }
                Err(Stop::Invalid(problems)) => wrong.extend(problems),
                Err(stop) => return Err(stop),
            }
        }
        if !wrong.is_empty() {
            return Err(Stop::Invalid(wrong));
        }
        if legs.is_empty() {
            let message = "union has no table";
            return Err(ast::Diagnostic::error(codes::UNKNOWN_TABLE, ast::Span::default(), message).into());
        }
        self.united(Legs { legs, source_column: asked.source_column, prefix: "union_arg", inner: asked.inner })
    }

    /// The legs over tables that do not exist: none where the query runs, legs of unknown columns where it is checked, as the
    /// tables may exist elsewhere.
    fn unknown_legs(&mut self, reference: &TableReference, environment: &Environment) -> Bind<Vec<Relation>> {
        if !self.is_check {
            return Ok(Vec::new());
        }
        let outer = std::mem::replace(&mut self.takes_unknown_tables, true);
        let legs = self.legs(reference, environment);
        self.takes_unknown_tables = outer;
        match legs {
            // What is wrong whatever the table holds is reported; what else cannot be made out is left out, as it would be in a run.
            Err(Stop::Invalid(mut problems)) => {
                problems.retain(|problem| [codes::TYPE_MISMATCH, codes::ARGUMENT_COUNT].contains(&problem.code));
                if problems.is_empty() { Ok(Vec::new()) } else { Err(Stop::Invalid(problems)) }
            }
            legs => legs,
        }
    }

    pub(super) fn legs(&mut self, reference: &TableReference, environment: &Environment) -> Bind<Vec<Relation>> {
        let pattern = match reference {
            TableReference::Expr(expr) => match &expr.kind {
                ExprKind::Star => "*",
                _ => return Ok(vec![self.table(expr, environment)?]),
            },
            TableReference::Pattern(pattern) => &pattern.pattern,
        };
        let mut found = Vec::new();
        let views: Vec<(String, Binding)> = environment
            .iter()
            .filter(|(name, binding)| {
                matches!(binding, Binding::Function(f, _) if f.is_view) && matches_pattern(pattern, name)
            })
            .map(|(name, binding)| (name.to_owned(), binding.clone()))
            .collect();
        for (name, _) in &views {
            let expr = ast::Expr { kind: ExprKind::Name(name.clone()), span: ast::Span::default() };
            found.push(self.table(&expr, environment)?);
        }
        for name in self.catalog.table_names() {
            if matches_pattern(pattern, &name)
                && let Some(table) = self.catalog.table(&name)
            {
                found.push(self.scan(&table)?);
            }
        }
        if found.is_empty() {
            let span = match reference {
                TableReference::Expr(expr) => expr.span,
                TableReference::Pattern(pattern) => pattern.span,
            };
            let message = format!("no table matches `{pattern}`");
            return Err(ast::Diagnostic::error(codes::UNKNOWN_TABLE, span, message).into());
        }
        Ok(found)
    }

    /// The same for many wide tables: a table that is put together when it is scanned.
    fn wide_union(
        &mut self,
        legs: Vec<Relation>,
        slots: &[Slot],
        source_column: Option<&str>,
        prefix: &str,
    ) -> Bind<Relation> {
        let columns = self.union_columns(&legs, slots, source_column);
        let offset = usize::from(source_column.is_some());
        let positions: HashMap<&Slot, usize> = slots.iter().zip(offset..).collect();
        let mut wide = Vec::with_capacity(legs.len());
        for (index, leg) in legs.into_iter().enumerate() {
            let mut values: HashMap<usize, Expr> = HashMap::with_capacity(leg.columns.len() + offset);
            if source_column.is_some() {
                let label = leg.source.clone().unwrap_or_else(|| format!("{prefix}{index}"));
                values.insert(0, lit(scalar_of(&Value::String(label))));
            }
            for column in &leg.columns {
                let Some(position) = positions.get(&Slot::of(column)) else { continue };
                let value = match columns[*position].repr {
                    Repr::Engine => self.engine_form(Typed::column(column)).expr,
                    _ => column.expr(),
                };
                values.entry(*position).or_insert(value);
            }
            wide.push(WideLeg { plan: leg.plan, columns: values });
        }
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| {
                let ty = if column.repr == Repr::Us { stored_datetime() } else { column.ty.arrow() };
                Field::new(&column.plan_name, ty, column.nullable)
            })
            .collect();
        let union = WideUnion::new(Arc::new(Schema::new(fields)), wide);
        let name = datafusion::common::TableReference::bare(self.unique("union"));
        let plan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::new(union)), None)?.build()?;
        Ok(Relation::new(plan, columns))
    }

    fn union_columns(&mut self, legs: &[Relation], slots: &[Slot], source: Option<&str>) -> Vec<ScopeColumn> {
        let mut names = Names::default();
        let mut columns = Vec::new();
        let mut add = |binder: &mut Self, name: String, ty: Type, repr: Repr, nullable: bool, hidden: bool| {
            let plan_name = binder.unique(&name);
            columns.push(ScopeColumn { name, plan_name, ty, repr, nullable, hidden });
        };
        if let Some(source) = source {
            add(self, names.take(source), Type::String, Repr::Engine, false, false);
        }
        let mut types: HashMap<&str, usize> = HashMap::new();
        for slot in slots {
            *types.entry(&slot.name).or_default() += 1;
        }
        let found = found(legs, slots);
        for (slot, found) in slots.iter().zip(found) {
            let Slot { name, ty, is_unknown } = slot;
            let is_split = types.get(name.as_str()).is_some_and(|count| *count > 1);
            let shown = if is_split { names.fresh(&format!("{name}_{}", slot.suffix())) } else { names.fresh(name) };
            let is_in_all = found.legs == legs.len();
            let nullable = *ty != Type::String && (found.is_nullable || !is_in_all);
            let repr = match () {
                () if is_in_all && found.is_stored => Repr::Us,
                () if *is_unknown => Repr::Unknown,
                () => Repr::Engine,
            };
            add(self, shown, *ty, repr, nullable, found.is_hidden);
        }
        columns
    }

    /// One leg with the columns of the union, in their order.
    fn union_leg(
        &mut self,
        leg: Relation,
        slots: &[Slot],
        columns: &mut [ScopeColumn],
        has_source: bool,
        label: &str,
    ) -> Bind<LogicalPlan> {
        let mut exprs: Vec<Expr> = Vec::new();
        let offset = usize::from(has_source);
        if has_source {
            let label = lit(scalar_of(&Value::String(label.to_owned())));
            exprs.push(label.alias(columns[0].plan_name.clone()));
        }
        let index = index_of_columns(&leg);
        for (slot, target) in slots.iter().zip(&columns[offset..]) {
            let expr = match index.get(slot).copied() {
                Some(column) if target.repr == Repr::Us => column.expr(),
                Some(column) => self.engine_form(Typed::column(column)).expr,
                None => crate::expression::null_of(slot.ty),
            };
            exprs.push(expr.alias(target.plan_name.clone()));
        }
        Ok(crate::plan::projected(leg.plan, exprs)?)
    }
}

/// What the legs have of a column of the union.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// How many legs have it.
    legs: usize,
    /// It is a stored datetime in all of them.
    is_stored: bool,
    /// It can be null in one of them.
    is_nullable: bool,
    /// It is hidden in all of them.
    is_hidden: bool,
}

fn found(legs: &[Relation], slots: &[Slot]) -> Vec<Found> {
    let positions: HashMap<&Slot, usize> = slots.iter().zip(0..).collect();
    let mut all = vec![Found { legs: 0, is_stored: true, is_nullable: false, is_hidden: true }; slots.len()];
    for leg in legs {
        for (slot, column) in index_of_columns(leg) {
            let Some(at) = positions.get(&slot) else { continue };
            let found = &mut all[*at];
            found.legs += 1;
            found.is_stored &= column.repr == Repr::Us;
            found.is_nullable |= column.nullable;
            found.is_hidden &= column.hidden;
        }
    }
    all
}

/// Whether the columns or their types depend on rows, or on tables that are not here.
fn has_unknown_columns(leg: &Relation) -> bool {
    leg.columns.iter().any(|column| column.repr == Repr::Unknown)
}

/// The first column of each name and type.
fn index_of_columns(leg: &Relation) -> HashMap<Slot, &ScopeColumn> {
    let mut index = HashMap::with_capacity(leg.columns.len());
    for column in &leg.columns {
        index.entry(Slot::of(column)).or_insert(column);
    }
    index
}

/// Names and types of the union's columns: all of them, or those that every leg has.
fn slots(legs: &[Relation], inner: bool) -> Vec<Slot> {
    let left_out = left_out(legs);
    let mut slots: Vec<Slot> = Vec::new();
    let mut seen: HashSet<Slot> = HashSet::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    for column in legs.iter().flat_map(|leg| &leg.columns) {
        let slot = Slot::of(column);
        if left_out.contains(&slot) || !seen.insert(slot.clone()) {
            continue;
        }
        // Columns of one name that differ in type stand side by side, where the first of them came.
        match names.get(&column.name).copied() {
            Some(first) => {
                let same = slots[first..].iter().take_while(|slot| slot.name == column.name).count();
                slots.insert(first + same, slot);
                for at in names.values_mut().filter(|at| **at > first) {
                    *at += 1;
                }
            }
            None => {
                names.insert(column.name.clone(), slots.len());
                slots.push(slot);
            }
        }
    }
    if inner {
        let indexes: Vec<HashMap<Slot, &ScopeColumn>> = legs.iter().map(index_of_columns).collect();
        slots.retain(|slot| indexes.iter().all(|index| index.contains_key(slot)));
    }
    slots
}

/// What Microsoft's binder makes of legs whose columns are not all known: where the first two legs that have a name agree on its
/// type, legs of other types add no column. There are such legs only in queries that are checked.
fn left_out(legs: &[Relation]) -> HashSet<Slot> {
    if !legs.iter().any(has_unknown_columns) {
        return HashSet::new();
    }
    let mut found: HashMap<&str, Vec<Slot>> = HashMap::new();
    for column in legs.iter().flat_map(|leg| &leg.columns).filter(|column| !column.hidden) {
        found.entry(&column.name).or_default().push(Slot::of(column));
    }
    let others = |slots: Vec<Slot>| match slots.as_slice() {
        [first, second, rest @ ..] if first == second => rest.iter().filter(|slot| *slot != first).cloned().collect(),
        _ => Vec::new(),
    };
    found.into_values().flat_map(others).collect()
}

fn asked(parameters: &[ast::OperatorParameter]) -> Asked {
    let mut asked = Asked::default();
    for parameter in parameters {
        let text = match &parameter.value.kind {
            ExprKind::Name(name) => name.clone(),
            ExprKind::Literal(Literal::String(text)) => text.clone(),
            ExprKind::Literal(Literal::Bool(Some(true))) => "true".to_owned(),
            _ => String::new(),
        };
        match parameter.name.name.as_str() {
            "kind" => asked.inner = text == "inner",
            "isfuzzy" => asked.fuzzy = text == "true",
            "withsource" | "with_source" => asked.source_column = Some(text),
            _ => {}
        }
    }
    asked
}

/// What `isfuzzy` overlooks.
fn is_unresolved(problem: &ast::Diagnostic) -> bool {
    problem.code == codes::UNKNOWN_TABLE || problem.code == codes::UNKNOWN_FUNCTION
}
