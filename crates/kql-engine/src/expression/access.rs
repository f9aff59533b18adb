//! Names, and what is inside of dynamic values.

use datafusion::logical_expr::Expr;
use kql_functions::dynamic::Step;
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Span};

use super::Row;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Lazy};
use crate::functions::json_path::JsonPath;
use crate::scope::{find_column, open_marker};
use crate::typed::Typed;

/// Most parts of the expression that a `let` may stand for: variables that use others twice double with each level.
const MAX_NODES: usize = 50_000;

fn is_larger_than(expr: &Expr, most: usize) -> bool {
    use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
    let mut count = 0;
    let walked = expr.apply(|_| {
        count += 1;
        Ok(if count > most { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.is_err() || count > most
}

impl Binder<'_> {
    /// A column, else a `let` or parameter.
    pub(super) fn name(&mut self, name: &str, span: Span, row: Row<'_>) -> Bind<Typed> {
        if let Some(column) = find_column(row.columns, name) {
            return Ok(Typed::column(column));
        }
        if let Some(column) = row.right.and_then(|columns| find_column(columns, name)) {
            return Ok(Typed::column(column));
        }
        if let Some(typed) = self.record_value(name, span, row)? {
            return Ok(typed);
        }
        match row.environment.get(name) {
            Some(Binding::Scalar(typed)) => Ok(typed.clone()),
            Some(Binding::Lazy(lazy)) => {
                let lazy = lazy.clone();
                self.used.insert(std::sync::Arc::as_ptr(&lazy).addr());
                self.lazy_scalar(&lazy)
            }
            Some(Binding::Function(function, environment)) if function.parameters.is_empty() => {
                let (function, environment) = (function.clone(), environment.clone());
                self.used.insert(std::sync::Arc::as_ptr(&function).addr());
                let (body, environment) = self.body(&function, environment)?;
                self.scalar_alone(body, &environment)
            }
            Some(_) => {
                let message = format!("`{name}` is a table, not a scalar");
                Err(Diagnostic::error(codes::WRONG_KIND, span, message).into())
            }
            None => match open_marker(row.columns).or_else(|| row.right.and_then(open_marker)) {
                Some(marker) => Ok(self.inferred_column(&marker.clone(), name)),
                None => Err(self.unknown_name(name, span, row).into()),
            },
        }
    }

    /// The scalar that a `let` names, bound once.
    fn lazy_scalar(&mut self, lazy: &Lazy) -> Bind<Typed> {
        if let Some(typed) = lazy.scalar.get() {
            return Ok(typed.clone());
        }
        let typed = self.scalar_alone(&lazy.expr, &lazy.environment)?;
        if is_larger_than(&typed.expr, MAX_NODES) {
            let message = "expression is too large once its variables are put in";
            return Err(Diagnostic::error(codes::TOO_DEEP, lazy.expr.span, message).into());
        }
        // A second writer is impossible: binding runs on one thread.
        let _ = lazy.scalar.set(typed.clone());
        Ok(typed)
    }

    fn unknown_name(&self, name: &str, span: Span, row: Row<'_>) -> Diagnostic {
        let columns = row.columns.iter().chain(row.right.unwrap_or_default()).map(|column| column.name.as_str());
        let bound = row.environment.iter().map(|(name, _)| name);
        codes::unknown(codes::UNKNOWN_NAME, span, "column or variable", name, columns.chain(bound))
    }

    /// `base.name`.
    pub(super) fn member(&mut self, base: &ast::Expr, name: &Ident, row: Row<'_>) -> Bind<Typed> {
        if let ExprKind::Name(side) = &base.kind
            && let Some(columns) = side_columns(side, row)
        {
            return match find_column(columns, &name.name) {
                Some(column) => Ok(Typed::column(column)),
                None => match open_marker(columns) {
                    Some(marker) => Ok(self.inferred_column(&marker.clone(), &name.name)),
                    None => {
                        let known = columns.iter().map(|column| column.name.as_str());
                        Err(codes::unknown(codes::UNKNOWN_NAME, name.span, "column", &name.name, known).into())
                    }
                },
            };
        }
        if let ExprKind::Name(record) = &base.kind
            && find_column(row.columns, record).is_none()
            && let Some(typed) = self.record_member(record, name, row)?
        {
            return Ok(typed);
        }
        let base_typed = self.scalar(base, row)?;
        self.step(base_typed, Step::Key(name.name.clone()), base.span)
    }

    /// `base[index]`.
    pub(super) fn index(&mut self, base: &ast::Expr, index: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        if let (ExprKind::Name(side), ExprKind::Literal(ast::Literal::String(name))) = (&base.kind, &index.kind)
            && side_columns(side, row).is_some()
        {
            return self.member(base, &Ident { name: name.clone(), span: index.span }, row);
        }
        if let (ExprKind::Name(record), ExprKind::Literal(ast::Literal::String(name))) = (&base.kind, &index.kind)
            && find_column(row.columns, record).is_none()
            && let Some(typed) = self.record_member(record, &Ident { name: name.clone(), span: index.span }, row)?
        {
            return Ok(typed);
        }
        let base_typed = self.scalar(base, row)?;
        let index_typed = self.scalar(index, row)?;
        match &index_typed.constant {
            Some(Value::String(key)) => self.step(base_typed, Step::Key(key.clone()), base.span),
            Some(Value::Long(at)) => self.step(base_typed, Step::Index(*at), base.span),
            Some(Value::Int(at)) => self.step(base_typed, Step::Index(i64::from(*at)), base.span),
            _ => self.computed_step(base_typed, index_typed, base.span),
        }
    }

    fn step(&mut self, base: Typed, step: Step, span: Span) -> Bind<Typed> {
        let base = self.accessible(base, span)?;
        Ok(Typed::new(self.path(step, base.expr), Type::Dynamic))
    }

    /// A key or index that depends on the row.
    fn computed_step(&mut self, base: Typed, index: Typed, span: Span) -> Bind<Typed> {
        let base = self.accessible(base, span)?;
        let index = match index.ty {
            Type::Dynamic | Type::Guid => self.cast(index, Type::String)?,
            Type::Int | Type::Real => self.cast(index, Type::Long)?,
            _ => index,
        };
        let kernel = crate::functions::kernel::Kernel::Element { by: index.ty };
        Ok(Typed::new(kernel.call(vec![base.expr, index.expr]), Type::Dynamic))
    }

    fn accessible(&mut self, base: Typed, span: Span) -> Bind<Typed> {
        match base.ty {
            Type::Dynamic => Ok(base),
            found => {
                let message = format!("a {} has nothing inside to access", found.name());
                let hint = "only dynamic values have; `parse_json(..)` makes one from a string";
                Err(Stop::from(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint)))
            }
        }
    }

    /// The element of an array at a fixed index.
    pub fn element(&self, base: Typed, index: i64) -> Typed {
        Typed::new(self.path(Step::Index(index), base.expr), Type::Dynamic)
    }

    fn path(&self, step: Step, base: Expr) -> Expr {
        JsonPath::call(step, base, |path| self.stored_paths.contains(path))
    }
}

fn side_columns<'a>(side: &str, row: Row<'a>) -> Option<&'a [crate::scope::ScopeColumn]> {
    let right = row.right?;
    match side {
        "$left" => Some(row.columns),
        "$right" => Some(right),
        _ => None,
    }
}
