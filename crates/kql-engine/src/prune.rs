//! Drops the columns that nobody uses from a bound plan, in one walk from the result down to the scans.
//!
//! DataFusion's optimizer would do it as well, but only after a dozen other rules have looked at each of the hundred
//! columns of a log table in each stage of the pipeline, which is where most of the time of planning went.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::builder::LogicalPlanBuilder;
use datafusion::logical_expr::logical_plan::{
    Aggregate, Extension, Filter, Limit, Projection, Sort, TableScan, TableScanBuilder, Union, Unnest, Window,
};
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::plan::projected;
use crate::result_form::ResultForm;

/// Names of columns: they are unique in a plan, and those of a stored table are only read right above its scan.
type Columns = HashSet<String>;

/// The same plan without columns that its result does not need.
pub(crate) fn pruned(plan: LogicalPlan) -> Result<LogicalPlan> {
    let all = outputs(&plan);
    keep(plan, &all)
}

fn outputs(plan: &LogicalPlan) -> Columns {
    plan.schema().fields().iter().map(|field| field.name().clone()).collect()
}

/// The plan with at least the wanted columns; it may keep more.
fn keep(plan: LogicalPlan, wanted: &Columns) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Projection(projection) => keep_in_projection(projection, wanted),
        LogicalPlan::Filter(filter) => {
            let mut below = wanted.clone();
            add(&mut below, [&filter.predicate]);
            let Filter { predicate, input, .. } = filter;
            crate::plan::filtered(keep_owned(input, &below)?, predicate)
        }
        LogicalPlan::Sort(sort) => {
            let mut below = wanted.clone();
            add(&mut below, sort.expr.iter().map(|key| &key.expr));
            let Sort { expr, input, fetch } = sort;
            Ok(LogicalPlan::Sort(Sort { expr, input: Arc::new(keep_owned(input, &below)?), fetch }))
        }
        LogicalPlan::Limit(Limit { skip, fetch, input }) => {
            let input = Arc::new(keep_owned(input, wanted)?);
            Ok(LogicalPlan::Limit(Limit { skip, fetch, input }))
        }
        LogicalPlan::Aggregate(aggregate) => keep_in_aggregate(aggregate, wanted),
        LogicalPlan::Window(window) => keep_in_window(window, wanted),
        LogicalPlan::Union(union) => keep_in_union(union, wanted),
        LogicalPlan::Unnest(unnest) => keep_in_unnest(unnest, wanted),
        LogicalPlan::TableScan(scan) => keep_in_scan(scan, wanted),
        LogicalPlan::Join(_) => keep_in_join(plan, wanted),
        LogicalPlan::Extension(node) => keep_in_extension(node),
        other => keep_below(other),
    }
}

fn keep_owned(plan: Arc<LogicalPlan>, wanted: &Columns) -> Result<LogicalPlan> {
    keep(Arc::unwrap_or_clone(plan), wanted)
}

fn add<'e>(columns: &mut Columns, exprs: impl IntoIterator<Item = &'e Expr>) {
    for expr in exprs {
        columns.extend(expr.column_refs().into_iter().map(|column| column.name.clone()));
    }
}

/// A node that is not known here keeps all columns of its inputs, which are pruned below.
fn keep_below(plan: LogicalPlan) -> Result<LogicalPlan> {
    let inputs = plan.inputs();
    if inputs.is_empty() {
        return Ok(plan);
    }
    let inputs = inputs.into_iter().map(|input| pruned(input.clone())).collect::<Result<Vec<_>>>()?;
    plan.with_new_exprs(plan.expressions(), inputs)
}

/// The form of results reads the columns it chooses.
fn keep_in_extension(node: Extension) -> Result<LogicalPlan> {
    let Some(form) = ResultForm::of(&node) else { return keep_below(LogicalPlan::Extension(node)) };
    let (input, columns) = form.input();
    Ok(form.over(keep(input.clone(), &columns.cloned().collect())?))
}

fn keep_in_projection(projection: Projection, wanted: &Columns) -> Result<LogicalPlan> {
    let Projection { expr, input, schema, .. } = projection;
    let mut kept: Vec<Expr> = Vec::with_capacity(wanted.len());
    let mut first = None;
    for (expr, field) in expr.into_iter().zip(schema.fields()) {
        if wanted.contains(field.name()) {
            kept.push(expr);
        } else if first.is_none() {
            first = Some(expr);
        }
    }
    // Rows are counted by some column.
    if kept.is_empty() {
        kept.extend(first);
    }
    let mut below = Columns::new();
    add(&mut below, &kept);
    projected(keep_owned(input, &below)?, kept)
}

fn keep_in_aggregate(aggregate: Aggregate, wanted: &Columns) -> Result<LogicalPlan> {
    let Aggregate { input, group_expr, aggr_expr, schema, .. } = aggregate;
    let groups = schema.fields().len().saturating_sub(aggr_expr.len());
    let columns = schema.columns();
    let mut kept: Vec<Expr> = Vec::new();
    let mut first = None;
    for (call, column) in aggr_expr.into_iter().zip(columns.into_iter().skip(groups)) {
        if wanted.contains(&column.name) {
            kept.push(call);
        } else if first.is_none() {
            first = Some(call);
        }
    }
    if kept.is_empty() && group_expr.is_empty() {
        kept.extend(first);
    }
    let mut below = Columns::new();
    add(&mut below, group_expr.iter().chain(&kept));
    crate::plan::aggregated(keep_owned(input, &below)?, group_expr, kept)
}

fn keep_in_window(window: Window, wanted: &Columns) -> Result<LogicalPlan> {
    let Window { input, window_expr, schema } = window;
    let own = schema.columns().split_off(input.schema().fields().len());
    let kept: Vec<Expr> = window_expr
        .into_iter()
        .zip(own)
        .filter(|(_, column)| wanted.contains(&column.name))
        .map(|(call, _)| call)
        .collect();
    let mut below = wanted.clone();
    add(&mut below, &kept);
    let input = keep_owned(input, &below)?;
    if kept.is_empty() { Ok(input) } else { LogicalPlanBuilder::from(input).window(kept)?.build() }
}

fn keep_in_join(plan: LogicalPlan, wanted: &Columns) -> Result<LogicalPlan> {
    let mut below = wanted.clone();
    let exprs = plan.expressions();
    add(&mut below, &exprs);
    let inputs = plan.inputs().into_iter().map(|input| keep(input.clone(), &below)).collect::<Result<Vec<_>>>()?;
    plan.with_new_exprs(exprs, inputs)
}

/// Legs are matched by position: each keeps the same positions, and nothing else.
fn keep_in_union(union: Union, wanted: &Columns) -> Result<LogicalPlan> {
    let mut positions: Vec<usize> =
        union.schema.columns().iter().enumerate().filter(|(_, c)| wanted.contains(&c.name)).map(|(at, _)| at).collect();
    if positions.is_empty() {
        positions.push(0);
    }
    let leg = |input: Arc<LogicalPlan>| -> Result<Arc<LogicalPlan>> {
        let columns = input.schema().columns();
        let kept: Vec<Column> = positions.iter().filter_map(|at| columns.get(*at).cloned()).collect();
        let input = keep_owned(input, &kept.iter().map(|column| column.name.clone()).collect())?;
        if input.schema().columns() == kept {
            return Ok(Arc::new(input));
        }
        Ok(Arc::new(projected(input, kept.into_iter().map(Expr::Column).collect())?))
    };
    let schema = Arc::new(part_of(&union.schema, &positions)?);
    let inputs = union.inputs.into_iter().map(leg).collect::<Result<Vec<_>>>()?;
    Ok(LogicalPlan::Union(Union { inputs, schema }))
}

fn part_of(schema: &datafusion::common::DFSchema, positions: &[usize]) -> Result<datafusion::common::DFSchema> {
    let fields = positions
        .iter()
        .map(|at| {
            let (qualifier, field) = schema.qualified_field(*at);
            (qualifier.cloned(), Arc::clone(field))
        })
        .collect();
    datafusion::common::DFSchema::new_with_metadata(fields, schema.metadata().clone())
}

fn keep_in_unnest(unnest: Unnest, wanted: &Columns) -> Result<LogicalPlan> {
    let mut below = wanted.clone();
    below.extend(unnest.exec_columns.iter().map(|column| column.name.clone()));
    let input = keep_owned(unnest.input, &below)?;
    LogicalPlanBuilder::from(input).unnest_columns_with_options(unnest.exec_columns, unnest.options)?.build()
}

fn keep_in_scan(scan: TableScan, wanted: &Columns) -> Result<LogicalPlan> {
    let mut below = wanted.clone();
    add(&mut below, &scan.filters);
    let stored: Vec<usize> = match &scan.projection {
        Some(projection) => projection.clone(),
        None => (0..scan.source.schema().fields().len()).collect(),
    };
    let columns = scan.projected_schema.columns();
    let mut kept: Vec<usize> =
        stored.iter().zip(&columns).filter(|(_, column)| below.contains(&column.name)).map(|(at, _)| *at).collect();
    if kept.len() == stored.len() {
        return Ok(LogicalPlan::TableScan(scan));
    }
    if kept.is_empty() {
        kept.extend(stored.first());
    }
    let TableScan { table_name, source, filters, fetch, .. } = scan;
    let scan = TableScanBuilder::new(table_name, source).with_projection(Some(kept)).with_filters(filters);
    scan.with_fetch(fetch).build().map(LogicalPlan::TableScan)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::functions_aggregate::expr_fn::count;
    use datafusion::logical_expr::{col, lit, table_scan};

    use super::*;

    fn scan() -> LogicalPlanBuilder {
        let fields: Vec<Field> = ["a", "b", "c", "d"].map(|name| Field::new(name, DataType::Int64, true)).to_vec();
        table_scan(Some("t"), &Schema::new(fields), None).unwrap()
    }

    fn shown(plan: LogicalPlanBuilder) -> String {
        pruned(plan.build().unwrap()).unwrap().display_indent().to_string()
    }

    #[test]
    fn columns_that_only_a_later_projection_drops_are_not_scanned() {
        let plan = scan().project([col("a"), col("b"), col("c")]).unwrap().filter(col("b").gt(lit(1))).unwrap();
        let plan = plan.project([col("a")]).unwrap();
        let expected =
            "Projection: t.a\n  Filter: t.b > Int64(1)\n    Projection: t.a, t.b\n      TableScan: t projection=[a, b]";
        assert_eq!(shown(plan).replace("Int32(1)", "Int64(1)"), expected);
    }

    #[test]
    fn aggregates_that_nobody_reads_are_not_computed() {
        let plan = scan().aggregate([col("a")], [count(col("b")).alias("x"), count(col("c")).alias("y")]).unwrap();
        let text = shown(plan.project([col("y")]).unwrap());
        assert!(text.contains("aggr=[[count(t.c) AS y]]"), "{text}");
        assert!(text.ends_with("TableScan: t projection=[a, c]"), "{text}");
    }

    #[test]
    fn rows_without_columns_are_still_counted() {
        let plan =
            scan().project([col("a"), col("b")]).unwrap().aggregate(Vec::<Expr>::new(), [count(lit(1))]).unwrap();
        assert!(shown(plan).ends_with("Projection: t.a\n    TableScan: t projection=[a]"));
    }

    #[test]
    fn legs_of_a_union_keep_the_same_positions() {
        let leg = |names: [&str; 2]| scan().project(names.map(col)).unwrap().build().unwrap();
        let plan = LogicalPlanBuilder::from(leg(["a", "b"])).union(leg(["c", "d"])).unwrap();
        let text = shown(plan.project([col("b")]).unwrap());
        assert!(text.contains("projection=[b]") && text.contains("projection=[d]"), "{text}");
    }
}
