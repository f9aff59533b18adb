//! `partition`: a pipeline for the rows of each value of a key.
//!
//! The input runs first; its rows are taken apart by key, and the pipeline is bound for each part, so that every operator
//! may stand in it and means what it means elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::compute::take;
use datafusion::error::DataFusionError;
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal, OperatorKind};

use super::filter::row_of;
use super::mv_apply::ROW;
use super::union::Legs;
use crate::binder::{Bind, Binder};
use crate::computed::Rows;
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::scope::Relation;
use crate::typed::Typed;

/// Most values of the key with the default strategy, as in Kusto.
const MAX_LEGACY_PARTITIONS: usize = 64;
/// Most values of the key with the strategies native and shuffle: each has a plan of its own here.
const MAX_PARTITIONS: usize = 2_000;
/// The name of the key among the columns; no query can write it.
const KEY: &str = "\u{1}partition";

/// What `partition` was given.
#[derive(Clone, Copy)]
pub(super) struct Partitioning<'a> {
    /// Hints.
    pub parameters: &'a [ast::OperatorParameter],
    /// The key.
    pub by: &'a ast::Expr,
    /// What runs for each value.
    pub body: &'a ast::Expr,
    /// The body has a source of its own.
    pub has_source: bool,
    /// All of the operator.
    pub span: ast::Span,
}

impl Binder<'_> {
    /// Runs the body for each value of the key; the results are united.
    pub(super) fn partition(
        &mut self,
        input: Relation,
        partitioning: &Partitioning<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let Partitioning { parameters, by, span, body, has_source } = *partitioning;
        let most = match strategy(parameters)? {
            "legacy" => MAX_LEGACY_PARTITIONS,
            _ => MAX_PARTITIONS,
        };
        let key = self.scalar(by, row_of(&input, environment))?;
        if key.ty == Type::Dynamic {
            let message = "rows cannot be partitioned by a dynamic value";
            let hint = "cast it first, such as with `tostring(..)`";
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, by.span, message).with_hint(hint).into());
        }
        let key_type = key.ty;
        let is_serialized = input.serialized;
        let mut columns: Vec<(String, Typed, bool)> =
            input.visible().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        columns.push((KEY.to_owned(), key, false));
        let keyed = self.project(input, columns)?;
        let rows = self.rows(keyed)?;
        let parts = parts(&rows);
        if parts.len() > most {
            let message = format!("`partition` takes at most {most} values of its key here, not {}", parts.len());
            let diagnostic = Diagnostic::error(codes::TOO_MANY, span, message);
            let hint = "say `hint.strategy=native`";
            return Err(if most < MAX_PARTITIONS { diagnostic.with_hint(hint) } else { diagnostic }.into());
        }
        if let Some(stages) = scanned(body).filter(|_| !has_source) {
            return self.scanned_parts(&rows, &parts, is_serialized, stages, environment);
        }
        let mut legs = Vec::new();
        for part in &parts {
            self.watch.check()?;
            let key = rows.value(rows.columns.len() - 1, part[0] as usize);
            legs.push(self.partition_leg(
                &rows,
                (part, Typed::constant(key)),
                is_serialized,
                partitioning,
                environment,
            )?);
        }
        if legs.is_empty() {
            // No rows: only the columns are asked for.
            let key = Typed { constant: None, ..Typed::constant(kql_functions::Value::Null(key_type)) };
            legs.push(self.partition_leg(&rows, (&[], key), is_serialized, partitioning, environment)?);
        }
        self.united(Legs { legs, source_column: None, prefix: "partition_arg", inner: false })
    }

    /// Runs stages with `scan` over all parts at once: a column numbers the parts, and `scan` keeps them apart.
    fn scanned_parts(
        &mut self,
        rows: &Rows,
        parts: &[Vec<u32>],
        is_serialized: bool,
        stages: &[ast::Operator],
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut numbers = vec![0_i64; rows.len()];
        for (number, part) in (0_i64..).zip(parts) {
            for row in part {
                numbers[*row as usize] = number;
            }
        }
        let visible = rows.columns.len() - 1;
        let mut columns = rows.columns[..visible].to_vec();
        columns.push((ROW.to_owned(), Type::Long));
        let mut arrays = rows.arrays[..visible].to_vec();
        arrays.push(Arc::new(Int64Array::from(numbers)));
        let mut relation = self.table_of(&columns, arrays)?;
        if let Some(number) = relation.columns.last_mut() {
            number.hidden = true;
        }
        relation.serialized = is_serialized;
        let scanned = self.staged(relation, stages, environment)?;
        let kept = scanned.visible().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        self.project(scanned, kept)
    }

    fn partition_leg(
        &mut self,
        rows: &Rows,
        (part, key): (&[u32], Typed),
        is_serialized: bool,
        partitioning: &Partitioning<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let Partitioning { by, body, has_source, .. } = *partitioning;
        if has_source {
            let environment = match &by.kind {
                ExprKind::Name(name) => environment.with(name, Binding::Scalar(key)),
                _ => environment.clone(),
            };
            return self.table(body, &environment);
        }
        let indexes = UInt32Array::from(part.to_vec());
        let visible = rows.columns.len() - 1;
        let arrays = rows.arrays[..visible]
            .iter()
            .map(|array| Ok(take(array, &indexes, None).map_err(DataFusionError::from)?))
            .collect::<Bind<Vec<ArrayRef>>>()?;
        let arrays = if part.is_empty() { Vec::new() } else { arrays };
        let relation = self.table_of(&rows.columns[..visible], arrays)?;
        let relation = Relation { serialized: is_serialized, ..relation };
        match &body.kind {
            ExprKind::Pipeline(pipeline) => self.staged(relation, &pipeline.stages, environment),
            _ => Ok(relation),
        }
    }
}

/// The rows of each value of the last column, in the order in which the values come.
fn parts(rows: &Rows) -> Vec<Vec<u32>> {
    let mut parts: Vec<Vec<u32>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let Some(key) = rows.columns.len().checked_sub(1) else { return parts };
    for (row, index) in (0..rows.len()).zip(0_u32..) {
        let next = parts.len();
        let part = *known.entry(format!("{:?}", rows.value(key, row))).or_insert(next);
        if part == next {
            parts.push(Vec::new());
        }
        parts[part].push(index);
    }
    parts
}

/// The stages of a body with `scan`, whose other operators look at one row at a time or sort.
fn scanned(body: &ast::Expr) -> Option<&[ast::Operator]> {
    let ExprKind::Pipeline(pipeline) = &body.kind else { return None };
    let is_simple = |stage: &ast::Operator| {
        matches!(
            stage.kind,
            OperatorKind::Where(_)
                | OperatorKind::Extend(_)
                | OperatorKind::Project(_)
                | OperatorKind::ProjectAway(_)
                | OperatorKind::Sort(_)
                | OperatorKind::Scan(_)
        )
    };
    let has_scan = pipeline.stages.iter().any(|stage| matches!(stage.kind, OperatorKind::Scan(_)));
    (has_scan && pipeline.stages.iter().all(is_simple)).then_some(&pipeline.stages)
}

fn strategy(parameters: &[ast::OperatorParameter]) -> Bind<&'static str> {
    let Some(parameter) = parameters.iter().find(|parameter| parameter.name.name == "hint.strategy") else {
        return Ok("legacy");
    };
    let given = match &parameter.value.kind {
        ExprKind::Name(name) | ExprKind::Literal(Literal::String(name)) => name.as_str(),
        _ => "",
    };
    let known = ["legacy", "native", "shuffle"];
    known.into_iter().find(|name| *name == given).ok_or_else(|| {
        codes::unknown(codes::INVALID_USE, parameter.value.span, "strategy of `partition`", given, known).into()
    })
}
