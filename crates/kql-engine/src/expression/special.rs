//! Calls that are more than a function of their arguments' values.

use datafusion::logical_expr::{Expr, lit, when};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Span};

use super::Row;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::functions::ticks::TICKS_PER_MICROSECOND;
use crate::now_parameter::now_parameter;
use crate::scope::{Repr, find_column};
use crate::typed::{Typed, or_default, scalar_of};

/// Functions about a cluster, its caller and its storage, none of which there is.
const NEED_A_CLUSTER: [&str; 16] = [
    "current_cluster_endpoint",
    "current_cursor",
    "current_database",
    "current_node_id",
    "current_principal",
    "current_principal_details",
    "current_principal_is_member_of",
    "cursor_after",
    "cursor_before_or_at",
    "cursor_current",
    "extent_id",
    "extent_tags",
    "extentid",
    "hash_combine",
    "hash_many",
    "parse_version",
];

/// Functions of the documentation that are not implemented: they are refused as such, not taken for misspelt names.
const NOT_IMPLEMENTED: [&str; 4] =
    ["geo_line_simplify", "geo_polygon_simplify", "geo_simplify_polygons_array", "percentile_array_tdigest"];

/// Most arguments of `bag_merge`.
const MOST_MERGED: usize = 64;

impl Binder<'_> {
    /// Binds a special form; nothing if the name is of none.
    pub(super) fn special_form(
        &mut self,
        name: &Ident,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Option<Typed>> {
        let typed = match (name.name.as_str(), args) {
            ("not", [operand]) => self.not(&operand.value, row)?,
            ("iff" | "iif", [condition, then, other]) => {
                let arms = vec![(&condition.value, &then.value)];
                self.conditional(&arms, &other.value, span, row)?
            }
            ("case", [.., other]) if args.len() >= 3 && args.len() % 2 == 1 => {
                let arms: Vec<_> = args.chunks_exact(2).map(|arm| (&arm[0].value, &arm[1].value)).collect();
                self.conditional(&arms, &other.value, span, row)?
            }
            ("coalesce", _) if args.len() >= 2 => self.coalesce(args, span, row)?,
            ("isnull", [arg]) => self.null_test(&arg.value, row, true)?,
            ("isnotnull" | "notnull", [arg]) => self.null_test(&arg.value, row, false)?,
            ("isempty", [arg]) => self.empty_test(&arg.value, row, true)?,
            ("isnotempty" | "notempty", [arg]) => self.empty_test(&arg.value, row, false)?,
            ("now", []) => self.now(),
            ("now", [offset]) => self.relative_to_now(&offset.value, row, ast::BinaryOp::Add)?,
            ("ago", [offset]) => self.relative_to_now(&offset.value, row, ast::BinaryOp::Subtract)?,
            ("bin" | "floor", [value, size]) => return self.stored_bin(&value.value, &size.value, row),
            ("toscalar", [arg]) => self.scalar_of_table(&arg.value, row, span)?,
            ("column_ifexists" | "columnifexists", [column, default]) => {
                self.column_if_exists(&column.value, &default.value, row)?
            }
            ("ingestion_time", []) => match find_column(row.columns, "TimeGenerated") {
                Some(column) => Typed::column(column),
                None => Typed::constant(Value::Null(Type::DateTime)),
            },
            ("todatetime", [arg])
            | ("tostring", [arg])
            | ("tolong", [arg])
            | ("toint", [arg])
            | ("tobool", [arg])
            | ("toboolean", [arg])
            | ("toreal", [arg])
            | ("todouble", [arg])
            | ("totimespan", [arg])
            | ("toguid", [arg])
            | ("todecimal", [arg]) => self.conversion(&name.name, &arg.value, row, span)?,
            ("assert", [condition, message]) => self.assertion(&condition.value, &message.value, row)?,
            ("column_names_of", [table]) => self.column_names(&table.value, row)?,
            ("iscolumnexists", [name]) => self.is_column(&name.value, row)?,
            ("bin_auto", [value]) => self.bin_auto(&value.value, row, span)?,
            (name, _) if NEED_A_CLUSTER.contains(&name) => {
                return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, name).into());
            }
            (name, _) if NOT_IMPLEMENTED.contains(&name) => {
                return Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, span, name).into());
            }
            ("estimate_data_size", [_, ..]) => self.data_size(args, span, row)?,
            ("pack_all", _) => self.pack_all(args, row, span)?,
            ("bag_pack_columns", _) => self.pack_columns(args, row, span)?,
            (
                "row_number" | "prev" | "next" | "row_cumsum" | "row_rank" | "row_rank_dense" | "row_rank_min"
                | "row_window_session",
                _,
            ) => {
                return self.window_function(name, args, span, row).map(Some);
            }
            _ => return Ok(None),
        };
        Ok(Some(typed))
    }

    /// `iff` and `case`: a condition that is null does not hold.
    fn conditional(
        &mut self,
        arms: &[(&ast::Expr, &ast::Expr)],
        other: &ast::Expr,
        span: Span,
        row: Row<'_>,
    ) -> Bind<Typed> {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for (condition, value) in arms {
            conditions.push(self.condition(condition, row)?);
            values.push(self.scalar(value, row)?);
        }
        values.push(self.scalar(other, row)?);
        let nullable = values.iter().any(|value| value.nullable);
        let mut values = self.alternatives(values)?;
        let Some(other) = values.pop() else {
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, "no value to choose").into());
        };
        let (ty, repr) = (other.ty, other.repr);
        let mut arms = conditions.into_iter().zip(values);
        let Some((condition, value)) = arms.next() else { return Ok(other) };
        let mut builder = when(condition, value.expr);
        for (condition, value) in arms {
            builder = builder.when(condition, value.expr);
        }
        let expr = builder.otherwise(other.expr)?;
        Ok(Typed { repr, nullable: nullable && ty != Type::String, ..Typed::new(expr, ty) })
    }

    /// The first that is not null; for strings, not empty.
    fn coalesce(&mut self, args: &[ast::Argument], span: Span, row: Row<'_>) -> Bind<Typed> {
        let values = self.arguments(args, row)?;
        check_one_kind(&values, span)?;
        let values = self.unified(values, span)?;
        let (ty, repr) = (values[0].ty, values[0].repr);
        let nullable = values.iter().all(|value| value.nullable);
        if ty != Type::String {
            let mut values = values.into_iter().map(|value| value.expr).rev();
            let last = values.next().unwrap_or_else(|| super::null_of(ty));
            let expr = values.fold(last, |rest, value| or_default(value, rest));
            return Ok(Typed { repr, nullable, ..Typed::new(expr, ty) });
        }
        let empty = lit(scalar_of(&Value::String(String::new())));
        let mut values = values.into_iter().map(|value| value.expr).rev();
        let mut expr = values.next().unwrap_or_else(|| empty.clone());
        for value in values {
            expr = when(value.clone().not_eq(empty.clone()), value).otherwise(expr)?;
        }
        Ok(Typed::new(expr, ty))
    }

    fn null_test(&mut self, arg: &ast::Expr, row: Row<'_>, wanted: bool) -> Bind<Typed> {
        let typed = self.scalar(arg, row)?;
        if typed.ty == Type::String || !typed.nullable {
            return Ok(Typed::constant(Value::Bool(!wanted)));
        }
        let expr = if wanted { typed.expr.is_null() } else { typed.expr.is_not_null() };
        Ok(Typed::non_null(expr, Type::Bool))
    }

    fn empty_test(&mut self, arg: &ast::Expr, row: Row<'_>, wanted: bool) -> Bind<Typed> {
        let typed = self.scalar(arg, row)?;
        let typed = match typed.ty {
            Type::String => typed,
            Type::Dynamic => self.cast(typed, Type::String)?,
            _ if !typed.nullable => return Ok(Typed::constant(Value::Bool(!wanted))),
            _ => {
                let expr = if wanted { typed.expr.is_null() } else { typed.expr.is_not_null() };
                return Ok(Typed::non_null(expr, Type::Bool));
            }
        };
        let empty: Expr = lit(scalar_of(&Value::String(String::new())));
        let expr = if wanted { typed.expr.eq(empty) } else { typed.expr.not_eq(empty) };
        Ok(Typed::non_null(expr, Type::Bool))
    }

    /// `now()`, the same in the whole query.
    fn now(&mut self) -> Typed {
        if self.now_is_parameter {
            return now_parameter();
        }
        self.used_now = true;
        Typed::constant(Value::DateTime(self.options.now))
    }

    fn relative_to_now(&mut self, offset: &ast::Expr, row: Row<'_>, op: ast::BinaryOp) -> Bind<Typed> {
        let typed = self.scalar(offset, row)?;
        if typed.ty != Type::TimeSpan && typed.repr != Repr::Unknown {
            let message = format!("a timespan is needed here, not a {}", typed.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, offset.span, message).into());
        }
        let typed = self.cast(typed, Type::TimeSpan)?;
        let now = self.now();
        self.arithmetic(op, now, typed, offset.span)
    }

    /// `bin` of a stored datetime into whole microseconds stays a stored datetime.
    fn stored_bin(&mut self, value: &ast::Expr, size: &ast::Expr, row: Row<'_>) -> Bind<Option<Typed>> {
        let typed = self.scalar(value, row)?;
        let size = self.scalar(size, row)?;
        let ticks = match size.constant {
            Some(Value::TimeSpan(ticks)) => ticks,
            _ => 0,
        };
        if typed.repr != Repr::Us || ticks <= 0 || ticks % TICKS_PER_MICROSECOND != 0 {
            return Ok(None);
        }
        let kernel = Kernel::BinStored { microseconds: ticks / TICKS_PER_MICROSECOND };
        Ok(Some(Typed { expr: kernel.call(vec![typed.expr.clone()]), constant: None, ..typed }))
    }

    /// `toscalar(table)` is its first row's first value; of a scalar, the scalar.
    fn scalar_of_table(&mut self, arg: &ast::Expr, row: Row<'_>, span: Span) -> Bind<Typed> {
        if !self.is_tabular(arg, row.environment, &[]) {
            return self.scalar_alone(arg, row.environment);
        }
        let relation = self.table(arg, row.environment)?;
        let Some(column) = relation.visible().next() else {
            return Err(Diagnostic::error(codes::WRONG_KIND, span, "table has no columns").into());
        };
        let ty = column.ty;
        let answer = self.ask(relation)?;
        let value = answer.values(0).next();
        Ok(match value {
            Some(value) => Typed::constant(value),
            None if self.is_check => Typed { constant: None, ..Typed::constant(Value::Null(ty)) },
            None if ty == Type::String => Typed::constant(Value::String(String::new())),
            None => Typed::constant(Value::Null(ty)),
        })
    }

    fn column_if_exists(&mut self, column: &ast::Expr, default: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let name = match &column.kind {
            ExprKind::Name(name) if find_column(row.columns, name).is_some() => name.clone(),
            _ => match self.scalar_alone(column, row.environment)?.as_text() {
                Some(name) => name.to_owned(),
                None => {
                    let message = "name of the column is not a constant string";
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, column.span, message).into());
                }
            },
        };
        match find_column(row.columns, &name) {
            Some(column) => Ok(Typed::column(column)),
            None => self.scalar(default, row),
        }
    }

    /// `tostring(x)` and its kin.
    fn conversion(&mut self, name: &str, arg: &ast::Expr, row: Row<'_>, span: Span) -> Bind<Typed> {
        let typed = self.scalar(arg, row)?;
        let ty = match name {
            "todatetime" => Type::DateTime,
            "tolong" => Type::Long,
            "toint" => Type::Int,
            "tobool" | "toboolean" => Type::Bool,
            "toreal" | "todouble" => Type::Real,
            "totimespan" => Type::TimeSpan,
            "toguid" => Type::Guid,
            "todecimal" => Type::Decimal,
            _ => Type::String,
        };
        if typed.ty == ty {
            return Ok(typed);
        }
        if ty == Type::Guid && !matches!(typed.ty, Type::String | Type::Dynamic) {
            let message = format!("`{name}` does not convert a {}", typed.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
        }
        self.cast(typed, ty)
    }

    fn pack_all(&mut self, args: &[ast::Argument], row: Row<'_>, span: Span) -> Bind<Typed> {
        let drop_nulls = match args {
            [] => false,
            [arg] => self.scalar(&arg.value, row)?.constant == Some(Value::Bool(true)),
            _ => {
                return Err(
                    Diagnostic::error(codes::ARGUMENT_COUNT, span, "`pack_all` takes at most 1 argument").into()
                );
            }
        };
        if drop_nulls {
            return self.pack_present(row, span);
        }
        let mut pairs = Vec::new();
        for column in row.columns.iter().filter(|column| !column.hidden) {
            pairs.push(Typed::constant(Value::String(column.name.clone())));
            pairs.push(Typed::column(column));
        }
        self.function_of("bag_pack", pairs, span)
    }

    /// A bag of the columns that are neither null nor an empty text in the row.
    fn pack_present(&mut self, row: Row<'_>, span: Span) -> Bind<Typed> {
        let nothing = || Typed::constant(Value::Dynamic("{}".to_owned()));
        let mut bags = vec![nothing()];
        for column in row.columns.iter().filter(|column| !column.hidden) {
            let value = Typed::column(column);
            let is_absent = match value.ty {
                Type::String => value.expr.clone().eq(lit(scalar_of(&Value::String(String::new())))),
                _ => value.expr.clone().is_null(),
            };
            let name = Typed::constant(Value::String(column.name.clone()));
            let bag = self.function_of("bag_pack", vec![name, value], span)?;
            bags.push(Typed::new(when(is_absent, nothing().expr).otherwise(bag.expr)?, Type::Dynamic));
        }
        // The bags are merged some at a time, as many as the function takes.
        while bags.len() > 1 {
            let mut merged = Vec::with_capacity(bags.len().div_ceil(MOST_MERGED));
            let mut rest = bags.into_iter().peekable();
            while rest.peek().is_some() {
                let mut some: Vec<Typed> = rest.by_ref().take(MOST_MERGED).collect();
                merged.push(match some.len() {
                    1 => some.remove(0),
                    _ => self.function_of("bag_merge", some, span)?,
                });
            }
            bags = merged;
        }
        Ok(bags.pop().unwrap_or_else(nothing))
    }

    fn pack_columns(&mut self, args: &[ast::Argument], row: Row<'_>, span: Span) -> Bind<Typed> {
        let mut pairs = Vec::new();
        for arg in args {
            let name = super::super::naming::derived(&arg.value).unwrap_or_default();
            pairs.push(Typed::constant(Value::String(name)));
            pairs.push(self.scalar(&arg.value, row)?);
        }
        self.function_of("bag_pack", pairs, span)
    }
}

/// All arguments of `coalesce` are of one type, says the documentation; whole numbers may differ in their size.
fn check_one_kind(values: &[Typed], span: Span) -> Bind<()> {
    if values.iter().any(|value| value.repr == Repr::Unknown) {
        return Ok(());
    }
    let is_null = |value: &&Typed| matches!(value.constant, Some(Value::Null(_)));
    let mut dynamics = values.iter().filter(|value| !is_null(value)).map(|value| value.ty == Type::Dynamic);
    let first = dynamics.next();
    if dynamics.any(|is_dynamic| Some(is_dynamic) != first) {
        let message = "`coalesce` does not mix dynamic values with other types";
        let hint = "cast them first, such as with `tostring(..)`";
        return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into());
    }
    let has = |types: [Type; 2]| values.iter().filter(|value| !is_null(value)).any(|value| types.contains(&value.ty));
    if has([Type::Int, Type::Long]) && has([Type::Real, Type::Decimal]) {
        let message = "`coalesce` does not mix whole numbers with reals";
        let hint = "cast them first, such as with `toreal(..)`";
        return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into());
    }
    Ok(())
}
