//! `row_number`, `prev`, `next` and their kin: each becomes a column of a window plan below the operator that uses it.

use datafusion::functions_window::expr_fn::{lag, lead, row_number};
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, WindowFrame, WindowFunctionDefinition, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, Ident, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::Row;
use crate::scope::{Relation, Repr};
use crate::typed::{Typed, scalar_of};

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
        let order = order.to_vec();
        self.is_ordered = true;
        let values = self.arguments(args, row)?;
        match (name.name.as_str(), values.as_slice()) {
            ("row_number", [] | [_]) => {
                let numbered = self.window_column(row_number(), order)?;
                let cast = datafusion::logical_expr::cast(numbered, Type::Long.arrow());
                let start = match values.first() {
                    Some(start) => self.cast(start.clone(), Type::Long)?.expr,
                    None => lit(1_i64),
                };
                Ok(Typed::non_null(cast + start - lit(1_i64), Type::Long))
            }
            ("prev" | "next", [value, rest @ ..]) if rest.len() <= 2 => {
                self.neighbor(&name.name, value, rest, order, span)
            }
            ("row_cumsum", [value]) => {
                let ty = if value.ty == Type::Int { Type::Long } else { value.ty };
                let value = self.cast(value.clone(), ty)?;
                let expr = self.running_sum(value.expr, order)?;
                Ok(Typed { nullable: false, ..Typed::new(expr, ty) })
            }
            _ => {
                let what = format!("{} with {} arguments", name.name, values.len());
                Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, &what).into())
            }
        }
    }

    fn neighbor(
        &mut self,
        name: &str,
        value: &Typed,
        rest: &[Typed],
        order: Vec<datafusion::logical_expr::SortExpr>,
        span: Span,
    ) -> Bind<Typed> {
        let offset = match rest.first().map(|offset| &offset.constant) {
            None => 1,
            Some(Some(Value::Long(offset))) => *offset,
            Some(Some(Value::Int(offset))) => i64::from(*offset),
            Some(_) => {
                let message = format!("offset of `{name}` is not a constant number");
                return Err(Diagnostic::error(codes::NOT_CONSTANT, span, message).into());
            }
        };
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
        let expr = self.window_column(function(value.expr, Some(offset), default), order)?;
        Ok(Typed { repr: Repr::Engine, ..Typed::new(expr, ty) })
    }

    fn running_sum(&mut self, value: Expr, order: Vec<datafusion::logical_expr::SortExpr>) -> Bind<Expr> {
        let function = WindowFunctionDefinition::AggregateUDF(datafusion::functions_aggregate::sum::sum_udaf());
        let call = Expr::from(WindowFunction::new(function, vec![value]));
        self.window_column(call, order)
    }

    /// Adds the function to the window plan that will be put below; the column it becomes.
    fn window_column(&mut self, call: Expr, order: Vec<datafusion::logical_expr::SortExpr>) -> Bind<Expr> {
        let Expr::WindowFunction(mut function) = call else { return Ok(call) };
        let frame = WindowFrame::new(Some(true));
        let rows = WindowFrame::new_bounds(
            datafusion::logical_expr::WindowFrameUnits::Rows,
            frame.start_bound,
            datafusion::logical_expr::WindowFrameBound::CurrentRow,
        );
        let WindowFunctionParams { order_by, window_frame, .. } = &mut function.params;
        *order_by = order;
        *window_frame = rows;
        let call = Expr::WindowFunction(function);
        for known in &self.windows {
            if let Expr::Alias(alias) = known
                && *alias.expr == call
            {
                return Ok(Expr::Column(datafusion::common::Column::new_unqualified(alias.name.clone())));
            }
        }
        let plan_name = self.unique("window");
        self.windows.push(call.alias(plan_name.clone()));
        Ok(Expr::Column(datafusion::common::Column::new_unqualified(plan_name)))
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

    fn apply_windows(&mut self, input: Relation) -> Bind<Relation> {
        let windows = std::mem::take(&mut self.windows);
        if windows.is_empty() {
            return Ok(input);
        }
        let plan = LogicalPlanBuilder::from(input.plan).window(windows)?.build()?;
        Ok(Relation { plan, ..input_without_plan(input.columns, input.order) })
    }
}

fn input_without_plan(
    columns: Vec<crate::scope::ScopeColumn>,
    order: Vec<datafusion::logical_expr::SortExpr>,
) -> Relation {
    let plan = datafusion::logical_expr::LogicalPlan::default();
    Relation { plan, columns, order, serialized: true, source: None }
}
