//! `scan`: binds the steps; what they do with rows is in `scan_state`.
//! Rules: <https://learn.microsoft.com/kusto/query/scan-operator>.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Span};

use super::mv_apply::{is_carried, outer_row};
use super::scan_state::{Match, Step, run};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::evaluation::Evaluable;
use crate::expression::{Records, Row, StepRecord, column_type};
use crate::scope::{Relation, ScopeColumn, find_column};
use crate::typed::Typed;

/// Most steps of one `scan`: each row is tried at each of them.
const MAX_STEPS: usize = 100;

/// A declared column and its default.
pub(super) struct Declared {
    pub name: String,
    pub default: Value,
}

/// What expressions of a `scan` may name, block by block: the row, then the state of each step. A block has the columns
/// of the input and the declared ones.
struct Blocks {
    columns: Vec<ScopeColumn>,
    steps: Vec<StepRecord>,
    row: Vec<ScopeColumn>,
}

impl Binder<'_> {
    /// Matches rows with steps, in the order of the rows.
    pub(super) fn scan_steps(
        &mut self,
        input: Relation,
        scan: &ast::Scan,
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let match_id = match_id_name(scan)?;
        check_steps(scan, span)?;
        let input = if scan.order.is_empty() { input } else { self.sort(input, &scan.order, None, environment)? };
        if !input.serialized {
            let hint = "put `sort`, `top` or `serialize` before";
            let message = "`scan` needs rows in a fixed order";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into());
        }
        let input = self.uncovered(input)?;
        let declared = self.declared_columns(scan, &input, match_id.as_deref(), span, environment)?;
        let blocks = self.blocks(scan, &input, &declared);
        let steps = self.bind_steps(scan, &blocks, &input, &declared, environment)?;
        let mut columns: Vec<(String, Type)> =
            input.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
        columns.extend(declared.iter().map(|column| (column.name.clone(), column.default.ty())));
        columns.extend(match_id.map(|name| (name, Type::Long)));
        let group = outer_row(&input).and_then(|row| input.columns.iter().position(|column| column.name == row.name));
        let plan = Match { steps, declared, group, has_match_id: columns.len() > blocks.row.len() };
        let mut result = self.computed(vec![input], &columns, |rows, watch| run(&plan, &rows[0], watch))?;
        for column in &mut result.columns {
            column.hidden = is_carried(column);
        }
        Ok(Relation { serialized: true, ..result })
    }

    /// The relation with its carried columns in sight and without other hidden ones.
    fn uncovered(&mut self, input: Relation) -> Bind<Relation> {
        let row = outer_row(&input).map(|row| row.name.clone());
        let mut columns = Vec::new();
        for column in input.columns.iter().filter(|column| !column.hidden || is_carried(column)) {
            let mut value = Typed::column(column);
            if row.as_ref() == Some(&column.name) {
                value.expr = datafusion::logical_expr::cast(value.expr, Type::Long.arrow());
            }
            columns.push((column.name.clone(), value, false));
        }
        self.project(input, columns)
    }

    /// The columns of `declare`, with constant defaults; null where none is written.
    fn declared_columns(
        &mut self,
        scan: &ast::Scan,
        input: &Relation,
        match_id: Option<&str>,
        span: Span,
        environment: &Environment,
    ) -> Bind<Vec<Declared>> {
        let mut declared: Vec<Declared> = Vec::new();
        for ast::DefaultedColumn { column, default } in &scan.declared {
            let name = &column.name;
            if input.column(&name.name).is_some() || declared.iter().any(|other| other.name == name.name) {
                let message = format!("column `{}` is there already", name.name);
                return Err(Diagnostic::error(codes::DUPLICATE_NAME, name.span, message).into());
            }
            let ty = column_type(column.ty);
            let default = match default {
                None if ty == Type::String => Value::String(String::new()),
                None => Value::Null(ty),
                Some(expr) => {
                    let value = self.scalar_alone(expr, environment)?;
                    let value = self.assigned(value, ty, &name.name, expr.span)?;
                    let constant = value.constant.ok_or_else(|| {
                        let message = format!("default of `{}` is not constant", name.name);
                        Diagnostic::error(codes::NOT_CONSTANT, expr.span, message)
                    })?;
                    if constant == Value::Null(Type::String) { Value::String(String::new()) } else { constant }
                }
            };
            declared.push(Declared { name: name.name.clone(), default });
        }
        let is_taken = |id: &str| input.column(id).is_some() || declared.iter().any(|column| column.name == id);
        if let Some(id) = match_id.filter(|id| is_taken(id)) {
            let message = format!("column `{id}` is there already");
            return Err(Diagnostic::error(codes::DUPLICATE_NAME, span, message).into());
        }
        Ok(declared)
    }

    fn blocks(&mut self, scan: &ast::Scan, input: &Relation, declared: &[Declared]) -> Blocks {
        let block = |binder: &mut Self| -> Vec<ScopeColumn> {
            let given = input.columns.iter().map(|column| (column.name.clone(), column.ty));
            let added = declared.iter().map(|column| (column.name.clone(), column.default.ty()));
            given.chain(added).map(|(name, ty)| binder.new_column(&name, ty)).collect()
        };
        let row = block(self);
        let mut columns = row.clone();
        let mut steps = Vec::with_capacity(scan.steps.len());
        for step in &scan.steps {
            let state = block(self);
            columns.extend(state.iter().cloned());
            steps.push(StepRecord { name: step.name.name.clone(), columns: state, is_known: false });
        }
        Blocks { columns, steps, row }
    }

    fn bind_steps(
        &mut self,
        scan: &ast::Scan,
        blocks: &Blocks,
        input: &Relation,
        declared: &[Declared],
        environment: &Environment,
    ) -> Bind<Vec<Step>> {
        let mut records = blocks.steps.clone();
        let mut steps = Vec::with_capacity(scan.steps.len());
        for (index, step) in scan.steps.iter().enumerate() {
            records[index].is_known = true;
            let row = Row { records: Records::Steps(&records), ..Row::new(&blocks.row, environment) };
            let condition = Typed::new(self.condition(&step.condition, row)?, Type::Bool);
            let condition = Evaluable::new(&condition, &blocks.columns)?;
            let mut assignments: Vec<(usize, Evaluable)> = Vec::new();
            for item in &step.assignments {
                let target = assignment_target(item, input, declared)?;
                if assignments.iter().any(|(other, _)| *other == target) {
                    let message = format!("column `{}` is assigned twice", declared[target].name);
                    return Err(Diagnostic::error(codes::DUPLICATE_NAME, item.expr.span, message).into());
                }
                let value = self.scalar(&item.expr, row)?;
                let ty = declared[target].default.ty();
                let value = self.assigned(value, ty, &declared[target].name, item.expr.span)?;
                assignments.push((target, Evaluable::new(&value, &blocks.columns)?));
            }
            steps.push(Step { condition, assignments, output: step.output });
        }
        Ok(steps)
    }

    /// A value in the type of the column that it is assigned to; what would lose its meaning is refused.
    fn assigned(&mut self, value: Typed, ty: Type, name: &str, span: Span) -> Bind<Typed> {
        let is_whole = |ty| matches!(ty, Type::Int | Type::Long);
        let is_null = matches!(value.constant, Some(Value::Null(_)));
        let fits = value.ty == ty
            || is_null
            || (is_whole(value.ty) && ty.is_numeric())
            || (value.ty.is_numeric() && matches!(ty, Type::Real | Type::Decimal))
            || ty == Type::Dynamic;
        if !fits {
            let message = format!("column `{name}` is a {}, but this is a {}", ty.name(), value.ty.name());
            let hint = "convert the value explicitly";
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into());
        }
        self.cast(value, ty)
    }
}

/// The name that `with_match_id=` gives.
fn match_id_name(scan: &ast::Scan) -> Bind<Option<String>> {
    let mut name = None;
    for parameter in &scan.parameters {
        match (parameter.name.name.as_str(), &parameter.value.kind) {
            ("with_match_id", ExprKind::Name(text) | ExprKind::Literal(ast::Literal::String(text))) => {
                name = Some(text.clone());
            }
            (other, _) if other.starts_with("hint.") => {}
            (other, _) => {
                let what = format!("scan {other}");
                return Err(codes::unsupported(codes::UNSUPPORTED_FORM, parameter.name.span, &what).into());
            }
        }
    }
    Ok(name)
}

/// Refuses what the documentation does not describe, and steps that cannot be told apart.
fn check_steps(scan: &ast::Scan, span: Span) -> Bind<()> {
    if let Some(key) = scan.partition.first() {
        let error = codes::unsupported(codes::UNSUPPORTED_FORM, key.expr.span, "scan partition by");
        return Err(error.with_hint("use `partition by key (sort by … | scan …)`").into());
    }
    if scan.steps.is_empty() || scan.steps.len() > MAX_STEPS {
        let message = format!("`scan` takes 1 to {MAX_STEPS} steps, not {}", scan.steps.len());
        return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
    }
    for (index, step) in scan.steps.iter().enumerate() {
        if step.is_optional {
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, step.span, "scan step optional").into());
        }
        if scan.steps[..index].iter().any(|other| other.name.name == step.name.name) {
            let message = format!("step `{}` is named twice", step.name.name);
            return Err(Diagnostic::error(codes::DUPLICATE_NAME, step.name.span, message).into());
        }
    }
    Ok(())
}

/// The declared column that an assignment sets.
fn assignment_target(item: &ast::NamedExpr, input: &Relation, declared: &[Declared]) -> Bind<usize> {
    let [name] = item.names.as_slice() else {
        let message = "an assignment of `scan` is `column = value`";
        return Err(Diagnostic::error(codes::INVALID_USE, item.expr.span, message).into());
    };
    if let Some(position) = declared.iter().position(|column| column.name == name.name) {
        return Ok(position);
    }
    if find_column(&input.columns, &name.name).is_some() {
        let error = codes::unsupported(codes::UNSUPPORTED_FORM, name.span, "assignment to a column of the input");
        return Err(error.with_hint("assign to a column of `declare`").into());
    }
    let known = declared.iter().map(|column| column.name.as_str());
    Err(codes::unknown(codes::UNKNOWN_NAME, name.span, "declared column", &name.name, known).into())
}
