//! Reads the arguments of a plugin one after the other: by name where it is given, else by position.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use super::PluginCall;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::Row;
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::Typed;

/// Which types an argument may have.
#[derive(Debug, Clone, Copy)]
pub(in crate::operators) struct Wanted {
    /// As messages say it.
    what: &'static str,
    fits: fn(Type) -> bool,
}

impl Wanted {
    /// Any type.
    pub const ANY: Self = Self { what: "a scalar", fits: |_| true };
    /// A type that rows can be grouped by.
    pub const NOT_DYNAMIC: Self =
        Self { what: "of a type that rows can be grouped by", fits: |ty| ty != Type::Dynamic };
    /// A type whose values lie on a line.
    pub const SUMMABLE: Self = Self {
        what: "a number, datetime or timespan",
        fits: |ty| is_number(ty) || matches!(ty, Type::DateTime | Type::TimeSpan),
    };
    /// A number.
    pub const NUMBER: Self = Self { what: "a number", fits: is_number };
    /// A whole number.
    pub const INTEGER: Self = Self { what: "a whole number", fits: |ty| matches!(ty, Type::Int | Type::Long) };
    /// Text.
    pub const STRING: Self = Self { what: "a string", fits: |ty| ty == Type::String };
    /// True or false.
    pub const BOOL: Self = Self { what: "a bool", fits: |ty| ty == Type::Bool };
    /// Arrays and bags.
    pub const DYNAMIC: Self = Self { what: "dynamic", fits: |ty| ty == Type::Dynamic };
}

fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Long | Type::Real | Type::Decimal)
}

/// The arguments of a call that are not read yet.
pub(in crate::operators) struct Arguments<'a> {
    call: &'a PluginCall<'a>,
    unread: Vec<&'a ast::Argument>,
    /// Parameters asked for so far, for the hint of a name that is none.
    parameters: Vec<&'static str>,
}

impl<'a> Arguments<'a> {
    /// All arguments of a call.
    pub fn new(call: &'a PluginCall<'a>) -> Self {
        Self { call, unread: call.args.iter().collect(), parameters: Vec::new() }
    }

    /// The argument of that name, else the next one without a name.
    pub fn optional(&mut self, parameter: &'static str) -> Option<&'a ast::Expr> {
        self.parameters.push(parameter);
        let is_it =
            |arg: &&ast::Argument| arg.name.as_ref().is_some_and(|name| name.name.eq_ignore_ascii_case(parameter));
        let at =
            self.unread.iter().position(is_it).or_else(|| self.unread.iter().position(|arg| arg.name.is_none()))?;
        Some(inner(&self.unread.remove(at).value))
    }

    /// The same, which must be there.
    pub fn required(&mut self, parameter: &'static str) -> Bind<&'a ast::Expr> {
        self.optional(parameter).ok_or_else(|| {
            let message = format!("`{}` has no argument `{parameter}`", self.call.name);
            Diagnostic::error(codes::ARGUMENT_COUNT, self.call.span, message).into()
        })
    }

    /// The next argument, with whatever name, where `is_wanted` says so.
    pub fn next_if(&mut self, is_wanted: impl FnOnce(&ast::Argument) -> bool) -> Option<&'a ast::Argument> {
        is_wanted(self.unread.first()?).then(|| self.unread.remove(0))
    }

    /// Whether there is a next argument that fulfills a condition.
    pub fn next_is(&self, condition: impl FnOnce(&ast::Argument) -> bool) -> bool {
        self.unread.first().is_some_and(|arg| condition(arg))
    }

    /// Whether the argument of that number, counted from the next, is the name of a column.
    pub fn names_column(&self, at: usize, table: &Relation) -> bool {
        let named = |arg: &&&ast::Argument| match &inner(&arg.value).kind {
            ExprKind::Name(name) => table.column(name).is_some(),
            _ => false,
        };
        self.unread.get(at).is_some_and(|arg| named(&arg))
    }

    /// How many are not read yet.
    pub fn len(&self) -> usize {
        self.unread.len()
    }

    /// A column of a table.
    pub fn column(&mut self, parameter: &'static str, table: &Relation, wanted: Wanted) -> Bind<ScopeColumn> {
        let expr = self.required(parameter)?;
        self.column_of(expr, parameter, table, wanted)
    }

    /// All arguments that are left, as columns of a table.
    pub fn columns(&mut self, parameter: &'static str, table: &Relation, wanted: Wanted) -> Bind<Vec<ScopeColumn>> {
        let mut columns = Vec::new();
        while let Some(expr) = self.optional(parameter) {
            columns.push(self.column_of(expr, parameter, table, wanted)?);
        }
        Ok(columns)
    }

    /// The column that an argument names.
    pub fn column_of(&self, expr: &ast::Expr, parameter: &str, table: &Relation, wanted: Wanted) -> Bind<ScopeColumn> {
        let ExprKind::Name(name) = &expr.kind else {
            let message = format!("`{parameter}` of `{}` is not the name of a column", self.call.name);
            let hint = "compute it with `extend` first";
            return Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).with_hint(hint).into());
        };
        let Some(column) = table.column(name) else {
            let known = table.visible().map(|column| column.name.as_str());
            return Err(codes::unknown(codes::UNKNOWN_NAME, expr.span, "column", name, known).into());
        };
        if column.repr != Repr::Unknown {
            self.fitting(column.ty, parameter, expr.span, wanted)?;
        }
        Ok(column.clone())
    }

    /// A constant.
    pub fn constant(&mut self, binder: &mut Binder<'_>, parameter: &'static str, wanted: Wanted) -> Bind<Value> {
        let expr = self.required(parameter)?;
        self.constant_of(binder, expr, parameter, wanted)
    }

    /// A constant that may be left out.
    pub fn optional_constant(
        &mut self,
        binder: &mut Binder<'_>,
        parameter: &'static str,
        wanted: Wanted,
    ) -> Bind<Option<Value>> {
        self.optional(parameter).map(|expr| self.constant_of(binder, expr, parameter, wanted)).transpose()
    }

    /// The value of a constant argument.
    pub fn constant_of(
        &self,
        binder: &mut Binder<'_>,
        expr: &ast::Expr,
        parameter: &str,
        wanted: Wanted,
    ) -> Bind<Value> {
        let typed = binder.scalar_alone(expr, self.call.environment)?;
        self.fitting(typed.ty, parameter, expr.span, wanted)?;
        match typed.constant {
            Some(value) => Ok(value),
            // While a query is only checked, what `toscalar` gives is not known.
            None if binder.is_check => Ok(Value::Null(typed.ty)),
            None => {
                let message = format!("`{parameter}` of `{}` is not constant", self.call.name);
                Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into())
            }
        }
    }

    /// An expression of the columns of a table.
    pub fn expression_of(
        &self,
        binder: &mut Binder<'_>,
        expr: &ast::Expr,
        parameter: &str,
        table: &Relation,
        wanted: Wanted,
    ) -> Bind<Typed> {
        let typed = binder.scalar(expr, Row::new(&table.columns, self.call.environment))?;
        if typed.repr != Repr::Unknown {
            self.fitting(typed.ty, parameter, expr.span, wanted)?;
        }
        Ok(typed)
    }

    fn fitting(&self, found: Type, parameter: &str, span: ast::Span, wanted: Wanted) -> Bind<()> {
        if (wanted.fits)(found) {
            return Ok(());
        }
        let message = format!("`{parameter}` of `{}` is a {}, not {}", self.call.name, found.name(), wanted.what);
        Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into())
    }

    /// Nothing may be left.
    pub fn finish(self) -> Bind<()> {
        let Some(extra) = self.unread.first() else { return Ok(()) };
        if let Some(name) = &extra.name {
            let what = format!("argument of `{}`", self.call.name);
            return Err(codes::unknown(codes::INVALID_USE, name.span, &what, &name.name, self.parameters).into());
        }
        let most = self.call.args.len() - self.unread.len();
        let most = match most {
            0 => "no arguments".to_owned(),
            1 => "at most 1 argument".to_owned(),
            most => format!("at most {most} arguments"),
        };
        let message = format!("`{}` takes {most}, not {}", self.call.name, self.call.args.len());
        Err(Diagnostic::error(codes::ARGUMENT_COUNT, extra.value.span, message).into())
    }
}

/// What is in parentheses, however many.
pub(super) fn inner(expr: &ast::Expr) -> &ast::Expr {
    match &expr.kind {
        ExprKind::List(items) if items.len() == 1 => inner(&items[0]),
        _ => expr,
    }
}
