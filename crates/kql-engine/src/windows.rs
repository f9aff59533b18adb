//! `row_number`, `prev`, `next` and their kin: each becomes a column of a window plan below the operator that uses it.

use datafusion::common::Column;
use datafusion::functions_window::expr_fn::{lag, lead};
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, WindowFrame, WindowUDF, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, Ident, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::Row;
use crate::functions::row_function::{RowFunction, RowFunctionUdf};
use crate::operators::outer_row_of;
use crate::scope::{Relation, Repr};
use crate::typed::{Typed, scalar_of};

/// The rows that a window function sees, and their order.
struct Frame {
    order: Vec<SortExpr>,
    /// Rows of different values do not see each other.
    partition: Vec<Expr>,
}

impl Binder<'_> {
    /// Binds a window function; its input must be serialized.
    pub(crate) fn window_function(
        &mut self,
        name: &Ident,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Typed> {
        let Some(order) = row.order else {
            let message = format!("`{}` needs rows in a fixed order", name.name);
            let hint = "put `sort`, `top` or `serialize` before";
            return Err(Diagnostic::error(codes::INVALID_USE, name.span, message).with_hint(hint).into());
        };
        let partition = outer_row_of(row.columns).map(crate::scope::ScopeColumn::expr);
        let frame = Frame { order: order.to_vec(), partition: partition.into_iter().collect() };
        self.is_ordered = true;
        let values = self.arguments(args, row)?;
        let (least, most) = argument_counts(&name.name);
        if values.len() < least || values.len() > most {
            let expected = if least == most { format!("{least}") } else { format!("{least} to {most}") };
            let message = format!("`{}` takes {expected} arguments, not {}", name.name, values.len());
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        }
        match (name.name.as_str(), values.as_slice()) {
            ("row_number", [start, restart @ ..]) => {
                let start = self.typed_argument(name, 1, start, Type::Long, args)?;
                let numbered = self.row_function(RowFunction::Number, name, &[], restart, (frame, args))?;
                let expr = numbered.expr + start.expr - lit(1_i64);
                Ok(Typed { nullable: start.nullable, ..Typed::new(expr, Type::Long) })
            }
            ("row_number", _) => self.row_function(RowFunction::Number, name, &[], &[], (frame, args)),
            ("row_cumsum", [value, restart @ ..]) => {
                if !value.ty.is_numeric() {
                    let message = format!("`row_cumsum` adds up numbers, not a {}", value.ty.name());
                    return Err(Diagnostic::error(codes::TYPE_MISMATCH, args[0].value.span, message).into());
                }
                let function = RowFunction::Sum { ty: value.ty };
                self.row_function(function, name, std::slice::from_ref(value), restart, (frame, args))
            }
            ("row_rank_min", [value, restart @ ..]) => {
                let value = std::slice::from_ref(value);
                self.row_function(RowFunction::MinimalRank, name, value, restart, (frame, args))
            }
            ("row_rank_dense" | "row_rank", [value, restart @ ..]) => {
                let value = std::slice::from_ref(value);
                self.row_function(RowFunction::DenseRank, name, value, restart, (frame, args))
            }
            ("row_window_session", [time, longest, gap, restart @ ..]) => {
                let time = self.typed_argument(name, 1, time, Type::DateTime, args)?;
                let longest = constant_ticks(longest, args[1].value.span)?;
                let gap = constant_ticks(gap, args[2].value.span)?;
                let function = RowFunction::Session { longest, gap };
                self.row_function(function, name, &[time], restart, (frame, args))
            }
            (_, [value, rest @ ..]) => self.neighbor(&name.name, value, rest, frame, span),
            _ => Err(self.unknown_function(&name.name, name.span).into()),
        }
    }

    /// A call of one of this engine's own window functions.
    fn row_function(
        &mut self,
        function: RowFunction,
        name: &Ident,
        values: &[Typed],
        restart: &[Typed],
        (frame, args): (Frame, &[ast::Argument]),
    ) -> Bind<Typed> {
        let mut exprs: Vec<Expr> = values.iter().map(|value| self.engine_form(value.clone()).expr).collect();
        if let Some(restart) = restart.first() {
            exprs.push(self.typed_argument(name, args.len(), restart, Type::Bool, args)?.expr);
        }
        let udf = WindowUDF::from(RowFunctionUdf::new(function, exprs.len()));
        let call = Expr::from(WindowFunction::new(std::sync::Arc::new(udf), exprs));
        let expr = self.window_column(call, frame)?;
        let nullable = matches!(function, RowFunction::Session { .. });
        Ok(Typed { nullable, ..Typed::new(expr, function.result()) })
    }

    /// An argument that must be of that type, or convert to it without loss.
    fn typed_argument(
        &mut self,
        name: &Ident,
        position: usize,
        value: &Typed,
        ty: Type,
        args: &[ast::Argument],
    ) -> Bind<Typed> {
        let fits = value.ty == ty || value.ty == Type::Dynamic || (ty == Type::Long && value.ty == Type::Int);
        if !fits {
            let found = value.ty.name();
            let message = format!("argument {position} of `{}` is a {found}, not {}", name.name, ty.name());
            let span = args.get(position - 1).map_or(name.span, |arg| arg.value.span);
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
        }
        self.cast(value.clone(), ty)
    }

    fn neighbor(&mut self, name: &str, value: &Typed, rest: &[Typed], frame: Frame, span: Span) -> Bind<Typed> {
        let offset = match rest.first().map(|offset| &offset.constant) {
            None => 1,
            Some(Some(Value::Long(offset))) => *offset,
            Some(Some(Value::Int(offset))) => i64::from(*offset),
            Some(_) => {
                let message = format!("offset of `{name}` is not a constant number");
                return Err(Diagnostic::error(codes::NOT_CONSTANT, span, message).into());
            }
        };
        if offset < 1 {
            let message = format!("offset of `{name}` is {offset}, not at least 1");
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        }
        let value = self.engine_form(value.clone());
        let default = match rest.get(1) {
            Some(default) => {
                let default = self.cast(default.clone(), value.ty)?;
                let Some(constant) = default.constant else {
                    let message = format!("default of `{name}` is not constant");
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, span, message).into());
                };
                Some(scalar_of(&constant))
            }
            None if value.ty == Type::String => Some(scalar_of(&Value::String(String::new()))),
            None => None,
        };
        let ty = value.ty;
        let function = if name == "prev" { lag } else { lead };
        let expr = self.window_column(function(value.expr, Some(offset), default), frame)?;
        Ok(Typed { repr: Repr::Engine, ..Typed::new(expr, ty) })
    }

    /// Adds the function to the window plan that will be put below; the column it becomes.
    fn window_column(&mut self, call: Expr, frame: Frame) -> Bind<Expr> {
        let Expr::WindowFunction(mut function) = call else { return Ok(call) };
        let whole = WindowFrame::new(Some(true));
        let rows = WindowFrame::new_bounds(
            datafusion::logical_expr::WindowFrameUnits::Rows,
            whole.start_bound,
            datafusion::logical_expr::WindowFrameBound::CurrentRow,
        );
        let WindowFunctionParams { order_by, partition_by, window_frame, .. } = &mut function.params;
        *order_by = frame.order;
        *partition_by = frame.partition;
        *window_frame = rows;
        let call = Expr::WindowFunction(function);
        for known in &self.windows {
            if let Expr::Alias(alias) = known
                && *alias.expr == call
            {
                return Ok(Expr::Column(Column::new_unqualified(alias.name.clone())));
            }
        }
        let plan_name = self.unique("window");
        self.windows.push(call.alias(plan_name.clone()));
        Ok(Expr::Column(Column::new_unqualified(plan_name)))
    }

    /// Puts the window functions that were bound meanwhile below what uses them.
    pub(crate) fn with_windows(&mut self, input: Relation, condition: Expr) -> Bind<(Relation, Expr)> {
        Ok((self.apply_windows(input)?, condition))
    }

    /// Projects, with the window functions that the columns use below.
    pub(crate) fn project_with_windows(
        &mut self,
        input: Relation,
        columns: Vec<(String, Typed, bool)>,
    ) -> Bind<Relation> {
        let input = self.apply_windows(input)?;
        self.project(input, columns)
    }

    /// Computes what the window functions are called with as columns below them: the optimizer looks for expressions that
    /// window plans have in common as if none of them used another.
    fn with_arguments(&mut self, plan: LogicalPlan, windows: &mut [Expr]) -> Bind<LogicalPlan> {
        let mut computed: Vec<(Expr, String)> = Vec::new();
        for window in windows {
            let call = match window {
                Expr::Alias(alias) => alias.expr.as_mut(),
                call => call,
            };
            let Expr::WindowFunction(function) = call else { continue };
            for argument in &mut function.params.args {
                if matches!(argument, Expr::Column(_) | Expr::Literal(..)) {
                    continue;
                }
                let known = computed.iter().find(|(expr, _)| expr == argument).map(|(_, name)| name.clone());
                let name = known.unwrap_or_else(|| {
                    let name = self.unique("argument");
                    computed.push((argument.clone(), name.clone()));
                    name
                });
                *argument = Expr::Column(Column::new_unqualified(name));
            }
        }
        if computed.is_empty() {
            return Ok(plan);
        }
        let kept = plan.schema().iter().map(|(qualifier, field)| Column::new(qualifier.cloned(), field.name()));
        let mut exprs: Vec<Expr> = kept.map(Expr::Column).collect();
        exprs.extend(computed.into_iter().map(|(expr, name)| expr.alias(name)));
        Ok(crate::plan::projected(plan, exprs)?)
    }

    fn apply_windows(&mut self, input: Relation) -> Bind<Relation> {
        let windows = std::mem::take(&mut self.windows);
        if windows.is_empty() {
            return Ok(input);
        }
        let mut plan = input.plan;
        for mut level in levels(windows) {
            plan = self.with_arguments(plan, &mut level)?;
            plan = LogicalPlanBuilder::from(plan).window(level)?.build()?;
        }
        Ok(Relation { plan, ..input_without_plan(input.columns, input.order) })
    }
}

fn input_without_plan(columns: Vec<crate::scope::ScopeColumn>, order: Vec<SortExpr>) -> Relation {
    let plan = LogicalPlan::default();
    Relation { order, serialized: true, ..Relation::new(plan, columns) }
}

/// Window functions in the order written, a list for each plan: one that uses another stands above it.
fn levels(windows: Vec<Expr>) -> Vec<Vec<Expr>> {
    let mut levels: Vec<Vec<Expr>> = Vec::new();
    let mut names: Vec<Vec<String>> = Vec::new();
    for window in windows {
        let used: Vec<String> = window.column_refs().iter().map(|column| column.name.clone()).collect();
        let level = names.iter().rposition(|names| names.iter().any(|name| used.contains(name))).map_or(0, |at| at + 1);
        if level == levels.len() {
            levels.push(Vec::new());
            names.push(Vec::new());
        }
        if let Expr::Alias(alias) = &window {
            names[level].push(alias.name.clone());
        }
        levels[level].push(window);
    }
    levels
}

/// Fewest and most arguments of a window function.
fn argument_counts(name: &str) -> (usize, usize) {
    match name {
        "row_number" => (0, 2),
        "row_window_session" => (3, 4),
        "prev" | "next" => (1, 3),
        _ => (1, 2),
    }
}

/// The ticks of a constant timespan.
fn constant_ticks(value: &Typed, span: Span) -> Bind<i64> {
    match &value.constant {
        Some(Value::TimeSpan(ticks)) => Ok(*ticks),
        _ => {
            let message = "length of a session is not a constant timespan";
            Err(Diagnostic::error(codes::NOT_CONSTANT, span, message).into())
        }
    }
}
