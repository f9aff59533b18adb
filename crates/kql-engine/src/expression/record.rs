//! Records that an expression names as a whole: the steps of `scan`, the nodes and edges of a graph pattern.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Span};

use super::Row;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::graph::{Collected, Collecting, Focus, Named, Origin, PatternScope, Slot};
use crate::scope::{ScopeColumn, find_column};
use crate::typed::Typed;

/// What `name.column` may mean beside a column's property.
#[derive(Clone, Copy)]
pub(crate) enum Records<'a> {
    /// Nothing.
    None,
    /// The state of a step of `scan`.
    Steps(&'a [StepRecord]),
    /// An element of a graph pattern.
    Pattern(&'a PatternScope, Focus),
}

/// The row that a step of `scan` matched last.
#[derive(Debug, Clone)]
pub(crate) struct StepRecord {
    /// The step.
    pub name: String,
    /// Columns of the input and declared ones.
    pub columns: Vec<ScopeColumn>,
    /// Stands before the step being bound, or is it.
    pub is_known: bool,
}

impl Binder<'_> {
    /// `record.name`; nothing if no record has that name.
    pub(super) fn record_member(&mut self, record: &str, name: &Ident, row: Row<'_>) -> Bind<Option<Typed>> {
        match row.records {
            Records::None => Ok(None),
            Records::Steps(steps) => match steps.iter().find(|step| step.name == record) {
                None => Ok(None),
                Some(step) if !step.is_known => {
                    let message = format!("step `{record}` comes later and has no state here");
                    Err(Diagnostic::error(codes::INVALID_USE, name.span, message).into())
                }
                Some(step) => property(&step.columns, name).map(Some),
            },
            Records::Pattern(scope, focus) => match scope.element(record) {
                None => Ok(None),
                Some(element) => self.element_property(scope, focus, element, name).map(Some),
            },
        }
    }

    fn element_property(&mut self, scope: &PatternScope, focus: Focus, element: &Named, name: &Ident) -> Bind<Typed> {
        let value = property(&element.columns, name)?;
        let Slot::Path(path) = element.slot else { return Ok(value) };
        match focus {
            Focus::Condition => {
                scope.touched.borrow_mut().push(path);
                Ok(value)
            }
            Focus::Projection => Ok(self.collect(scope, Collecting::Map, (path, false), value)),
            Focus::Within { path: within, is_inner: false } if within == path => Ok(value),
            Focus::Within { .. } => {
                let what = "a path's property within `all`, `any` or `map` over another";
                Err(codes::unsupported(codes::UNSUPPORTED_FORM, name.span, what).into())
            }
        }
    }

    /// An element as a value: the bag of its properties; of a path, an array of the bags of its edges.
    pub(super) fn record_value(&mut self, name: &str, span: Span, row: Row<'_>) -> Bind<Option<Typed>> {
        let Records::Pattern(scope, focus) = row.records else { return Ok(None) };
        let Some(element) = scope.element(name) else { return Ok(None) };
        let mut pairs = Vec::with_capacity(2 * element.columns.len());
        for column in &element.columns {
            pairs.push(Typed::constant(Value::String(column.name.clone())));
            pairs.push(Typed::column(column));
        }
        let bag = self.function_of("bag_pack", pairs, span)?;
        match (element.slot, focus) {
            (Slot::Path(path), Focus::Condition | Focus::Projection) => {
                Ok(Some(self.collect(scope, Collecting::Map, (path, false), bag)))
            }
            (Slot::Path(_), Focus::Within { .. }) => {
                let message = format!("path `{name}` is no value within `all`, `any` or `map`");
                Err(Diagnostic::error(codes::INVALID_USE, span, message).into())
            }
            _ => Ok(Some(bag)),
        }
    }

    /// The column for a call over the elements of a path: its edges, or the nodes within.
    pub(crate) fn collect(
        &mut self,
        scope: &PatternScope,
        how: Collecting,
        (path, is_inner): (usize, bool),
        value: Typed,
    ) -> Typed {
        let ty = if how == Collecting::Map { Type::Dynamic } else { Type::Bool };
        let index = scope.collected.borrow().len();
        let value = self.engine_form(value);
        scope.collected.borrow_mut().push(Collected { how, path, is_inner, value });
        let column = self.new_column("collected", ty);
        Typed::non_null(scope.add(column, Origin::Collected(index)).expr(), ty)
    }

    /// A call of a function that only graphs have; nothing if the name is of none.
    /// Pages: `all-graph-function`, `any-graph-function`, `map-graph-function`, `node-degree-in`, `node-degree-out`,
    /// `node-id`, `labels-graph-function`.
    pub(super) fn graph_call(
        &mut self,
        name: &Ident,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Option<Typed>> {
        let Records::Pattern(scope, focus) = row.records else { return Ok(None) };
        match name.name.as_str() {
            "all" => self.over_path(scope, focus, Collecting::All, (name, args, span), row).map(Some),
            "any" => self.over_path(scope, focus, Collecting::Any, (name, args, span), row).map(Some),
            "map" => self.over_path(scope, focus, Collecting::Map, (name, args, span), row).map(Some),
            "node_id" => node_column(scope, focus, 0, (name, args, span)).map(Some),
            "node_degree_in" => node_column(scope, focus, 1, (name, args, span)).map(Some),
            "node_degree_out" => node_column(scope, focus, 2, (name, args, span)).map(Some),
            // Graphs that a query makes have no labels.
            "labels" => match (args, focus) {
                ([], Focus::Within { .. }) => Ok(Some(Typed::constant(Value::Dynamic("[]".to_owned())))),
                ([arg], _) if named(scope, &arg.value).is_some() => {
                    Ok(Some(Typed::constant(Value::Dynamic("[]".to_owned()))))
                }
                _ => Err(not_an_element(name, span)),
            },
            _ => Ok(None),
        }
    }

    fn over_path(
        &mut self,
        scope: &PatternScope,
        focus: Focus,
        how: Collecting,
        (name, args, span): (&Ident, &[ast::Argument], Span),
        row: Row<'_>,
    ) -> Bind<Typed> {
        let [over, value] = args else {
            let message = format!("`{}` takes 2 arguments, not {}", name.name, args.len());
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        };
        if matches!(focus, Focus::Within { .. }) {
            let what = format!("{} within `all`, `any` or `map`", name.name);
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, &what).into());
        }
        let (element, is_inner) = path_argument(scope, &over.value, name)?;
        let Slot::Path(path) = element.slot else {
            let message = format!("`{}` is no edge of variable length", element.name);
            let hint = "`all`, `any` and `map` are for edges such as `-[e*1..3]->`";
            return Err(Diagnostic::error(codes::INVALID_USE, over.value.span, message).with_hint(hint).into());
        };
        let columns = if is_inner { &element.inner } else { &element.columns };
        let focus = Focus::Within { path, is_inner };
        let inner = Row { columns, right: None, order: None, records: Records::Pattern(scope, focus), ..row };
        let value = match how {
            Collecting::Map => self.scalar(&value.value, inner)?,
            _ => Typed::new(self.condition(&value.value, inner)?, Type::Bool),
        };
        Ok(self.collect(scope, how, (path, is_inner), value))
    }
}

/// The path of the first argument, and whether it is in `inner_nodes(…)`.
fn path_argument<'a>(scope: &'a PatternScope, expr: &ast::Expr, name: &Ident) -> Bind<(&'a Named, bool)> {
    let found = match &expr.kind {
        ExprKind::Call { name, args } if name.name == "inner_nodes" && args.len() == 1 => {
            named(scope, &args[0].value).map(|element| (element, true))
        }
        _ => named(scope, expr).map(|element| (element, false)),
    };
    found.ok_or_else(|| {
        let message = format!("`{}` takes an edge of the pattern or `inner_nodes(..)` of one", name.name);
        Diagnostic::error(codes::INVALID_USE, expr.span, message).into()
    })
}

fn named<'a>(scope: &'a PatternScope, expr: &ast::Expr) -> Option<&'a Named> {
    match &expr.kind {
        ExprKind::Name(name) => scope.element(name),
        _ => None,
    }
}

/// `node_id(n)` and its kin; without argument, of each node within a path.
fn node_column(
    scope: &PatternScope,
    focus: Focus,
    which: usize,
    (name, args, span): (&Ident, &[ast::Argument], Span),
) -> Bind<Typed> {
    let element = match (args, focus) {
        ([], Focus::Within { path, is_inner: true }) => {
            scope.named.iter().find(|element| element.slot == Slot::Path(path))
        }
        ([arg], _) => named(scope, &arg.value).filter(|element| matches!(element.slot, Slot::Node(_))),
        _ => None,
    };
    match element.and_then(|element| element.node.as_ref()) {
        Some(columns) => Ok(Typed::column(&columns[which])),
        None => Err(not_an_element(name, span)),
    }
}

fn not_an_element(name: &Ident, span: Span) -> crate::binder::Stop {
    let message = format!("`{}` takes an element of the pattern", name.name);
    let hint = "without an argument it stands within `all`, `any` or `map` over `inner_nodes(..)`";
    Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into()
}

fn property(columns: &[ScopeColumn], name: &Ident) -> Bind<Typed> {
    match find_column(columns, &name.name) {
        Some(column) => Ok(Typed::column(column)),
        None => {
            let known = columns.iter().map(|column| column.name.as_str());
            Err(codes::unknown(codes::UNKNOWN_NAME, name.span, "column", &name.name, known).into())
        }
    }
}
