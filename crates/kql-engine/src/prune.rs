//! Drops the columns that nobody uses from a plan, in one walk from the result down to the scans, and makes one of
//! projections that stand on each other.
//!
//! DataFusion's rule for it works out names and types of all columns anew wherever it looks, and runs only after a dozen other
//! rules have looked at each of the hundred columns of a log table in each stage of the pipeline, which is where most of the
//! time of planning went.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::builder::LogicalPlanBuilder;
use datafusion::logical_expr::logical_plan::{
    Aggregate, Extension, Filter, Join, Limit, Projection, Sort, TableScan, TableScanBuilder, Union, Unnest, Window,
};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use crate::merged_projections::merged;
use crate::narrow_rows::narrowed;
use crate::plan::projected;
use crate::result_form::ResultForm;
use crate::series_lists::with_series;
use crate::wanted_results::with_wanted_results;

/// Names of columns: they are unique in a plan, and those of a stored table are only read right above its scan.
type Columns = HashSet<String>;

/// The same plan without columns that its result does not need.
pub(crate) fn pruned(plan: LogicalPlan) -> Result<LogicalPlan> {
    Pruning { is_final: false }.all(plan)
}

/// [`pruned`] as a rule of the optimizer.
#[derive(Debug)]
pub(crate) struct PruneColumns;

/// The name of DataFusion's rule in the place of which it stands.
pub(crate) const PRUNING_RULE: &str = "optimize_projections";

impl OptimizerRule for PruneColumns {
    fn name(&self) -> &str {
        PRUNING_RULE
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        None
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        Pruning { is_final: true }.all(plan).map(Transformed::yes)
    }
}

/// One walk.
#[derive(Clone, Copy)]
struct Pruning {
    /// Whether columns that only a node below needed are dropped before a node that would hold or copy them. As each such
    /// projection is one more for each rule to look at, only where the plan will be run.
    is_final: bool,
}

impl Pruning {
    fn all(self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let all = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        self.keep(plan, &all)
    }

    /// The plan with at least the wanted columns; it may keep more.
    fn keep(self, plan: LogicalPlan, wanted: &Columns) -> Result<LogicalPlan> {
        match plan {
            LogicalPlan::Projection(projection) => self.projection(projection, wanted),
            LogicalPlan::Filter(filter) => self.filter(filter, wanted),
            LogicalPlan::Sort(Sort { expr, input, fetch }) => {
                let mut below = wanted.clone();
                add(&mut below, expr.iter().map(|key| &key.expr));
                Ok(LogicalPlan::Sort(Sort { expr, input: self.only(input, &below)?, fetch }))
            }
            LogicalPlan::Limit(Limit { skip, fetch, input }) => {
                let input = self.input(input, wanted)?;
                Ok(LogicalPlan::Limit(Limit { skip, fetch, input }))
            }
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate, wanted),
            LogicalPlan::Window(window) => self.window(window, wanted),
            LogicalPlan::Union(union) => self.union(union, wanted),
            LogicalPlan::Unnest(unnest) => self.unnest(unnest, wanted),
            LogicalPlan::TableScan(scan) => in_scan(scan, wanted),
            LogicalPlan::Join(join) => self.join(join, wanted),
            LogicalPlan::Extension(node) => self.extension(node),
            other => self.below(other),
        }
    }

    fn input(self, plan: Arc<LogicalPlan>, wanted: &Columns) -> Result<Arc<LogicalPlan>> {
        self.keep(Arc::unwrap_or_clone(plan), wanted).map(Arc::new)
    }

    /// An input with the wanted columns and no others, where the plan is final.
    fn only(self, plan: Arc<LogicalPlan>, wanted: &Columns) -> Result<Arc<LogicalPlan>> {
        let plan = self.input(plan, wanted)?;
        if !self.is_final || plan.schema().fields().iter().all(|field| wanted.contains(field.name())) {
            return Ok(plan);
        }
        let columns = plan.schema().columns().into_iter().filter(|column| wanted.contains(&column.name));
        let columns: Vec<Expr> = columns.map(Expr::Column).collect();
        // Rows are counted by some column.
        if columns.is_empty() { Ok(plan) } else { projected(Arc::unwrap_or_clone(plan), columns).map(Arc::new) }
    }

    /// A node that is not known here keeps all columns of its inputs, which are pruned below.
    fn below(self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let inputs = plan.inputs();
        if inputs.is_empty() {
            return Ok(plan);
        }
        let inputs = inputs.into_iter().map(|input| self.all(input.clone())).collect::<Result<Vec<_>>>()?;
        plan.with_new_exprs(plan.expressions(), inputs)
    }

    /// The form of results reads the columns it chooses.
    fn extension(self, node: Extension) -> Result<LogicalPlan> {
        let Some(form) = ResultForm::of(&node) else { return self.below(LogicalPlan::Extension(node)) };
        let (input, columns) = form.input();
        Ok(form.over(self.keep(input.clone(), &columns.cloned().collect())?))
    }

    fn projection(self, projection: Projection, wanted: &Columns) -> Result<LogicalPlan> {
        // Rows that are only counted are so without what the projection reads.
        if self.is_final && wanted.is_empty() {
            return self.keep(Arc::unwrap_or_clone(projection.input), wanted);
        }
        let Projection { expr, input, schema, .. } = merged(chosen(projection, wanted)?)?;
        let expr = with_series(with_wanted_results(expr)?)?;
        let mut below = Columns::new();
        add(&mut below, &expr);
        let input = self.input(input, &below)?;
        if is_all_of(&expr, input.schema()) {
            return Ok(Arc::unwrap_or_clone(input));
        }
        Projection::try_new_with_schema(expr, input, schema).map(LogicalPlan::Projection)
    }

    fn filter(self, mut filter: Filter, wanted: &Columns) -> Result<LogicalPlan> {
        let mut below = wanted.clone();
        add(&mut below, [&filter.predicate]);
        filter.input = self.only(filter.input, &below)?;
        Ok(LogicalPlan::Filter(filter))
    }

    fn aggregate(self, aggregate: Aggregate, wanted: &Columns) -> Result<LogicalPlan> {
        let Aggregate { input, group_expr, aggr_expr, schema, .. } = aggregate;
        let calls = aggr_expr.len();
        let groups = schema.fields().len().saturating_sub(calls);
        let mut kept: Vec<Expr> = Vec::new();
        let mut first = None;
        for (call, field) in aggr_expr.into_iter().zip(schema.fields().iter().skip(groups)) {
            if wanted.contains(field.name()) {
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
        let input = self.only(input, &below)?;
        if kept.len() == calls {
            return Aggregate::try_new_with_schema(input, group_expr, kept, schema).map(LogicalPlan::Aggregate);
        }
        crate::plan::aggregated(Arc::unwrap_or_clone(input), group_expr, kept)
    }

    fn window(self, window: Window, wanted: &Columns) -> Result<LogicalPlan> {
        let Window { input, window_expr, schema } = window;
        let (calls, inputs) = (window_expr.len(), input.schema().fields().len());
        let own = schema.fields().iter().skip(inputs);
        let kept: Vec<Expr> = window_expr
            .into_iter()
            .zip(own)
            .filter(|(_, field)| wanted.contains(field.name()))
            .map(|(call, _)| call)
            .collect();
        let mut below = wanted.clone();
        add(&mut below, &kept);
        if kept.is_empty() {
            return self.input(input, &below).map(Arc::unwrap_or_clone);
        }
        let input = self.only(input, &below)?;
        if kept.len() == calls && input.schema().fields().len() == inputs {
            return Ok(LogicalPlan::Window(Window { input, window_expr: kept, schema }));
        }
        LogicalPlanBuilder::from(input).window(kept)?.build()
    }

    fn join(self, mut join: Join, wanted: &Columns) -> Result<LogicalPlan> {
        let mut below = wanted.clone();
        add(&mut below, join.on.iter().flat_map(|(left, right)| [left, right]).chain(&join.filter));
        let width = |join: &Join| [join.left.schema().fields().len(), join.right.schema().fields().len()];
        let before = width(&join);
        join.left = self.only(join.left, &below)?;
        join.right = self.only(join.right, &below)?;
        let is_narrower = width(&join) != before;
        let join = LogicalPlan::Join(join);
        if is_narrower { join.recompute_schema() } else { Ok(join) }
    }

    /// Legs are matched by position: each keeps the same positions, and nothing else.
    fn union(self, union: Union, wanted: &Columns) -> Result<LogicalPlan> {
        let fields = union.schema.fields();
        let mut positions: Vec<usize> = (0..fields.len()).filter(|at| wanted.contains(fields[*at].name())).collect();
        if positions.is_empty() {
            positions.push(0);
        }
        let leg = |input: Arc<LogicalPlan>| -> Result<Arc<LogicalPlan>> {
            let columns = input.schema().columns();
            let kept: Vec<Column> = positions.iter().filter_map(|at| columns.get(*at).cloned()).collect();
            let input = self.input(input, &kept.iter().map(|column| column.name.clone()).collect())?;
            if input.schema().columns() == kept {
                return Ok(input);
            }
            Ok(Arc::new(projected(Arc::unwrap_or_clone(input), kept.into_iter().map(Expr::Column).collect())?))
        };
        let schema = if positions.len() == fields.len() {
            Arc::clone(&union.schema)
        } else {
            Arc::new(part_of(&union.schema, &positions)?)
        };
        let inputs = union.inputs.into_iter().map(leg).collect::<Result<Vec<_>>>()?;
        Ok(LogicalPlan::Union(Union { inputs, schema }))
    }

    /// Of rows that an aggregate gives only the wanted fields are gathered.
    fn unnest(self, mut unnest: Unnest, wanted: &Columns) -> Result<LogicalPlan> {
        let mut below = wanted.clone();
        below.extend(unnest.exec_columns.iter().map(|column| column.name.clone()));
        let before = unnest.input.schema().fields().len();
        let narrowed = narrowed(&unnest.input, &unnest.exec_columns, |field| wanted.contains(&field.name))?;
        let is_narrowed = narrowed.is_some();
        if let Some(narrowed) = narrowed {
            unnest.input = Arc::new(narrowed);
        }
        let input = self.input(unnest.input.clone(), &below)?;
        if input.schema().fields().len() == before && !is_narrowed {
            return Ok(LogicalPlan::Unnest(Unnest { input, ..unnest }));
        }
        LogicalPlanBuilder::from(input).unnest_columns_with_options(unnest.exec_columns, unnest.options)?.build()
    }
}

fn add<'e>(columns: &mut Columns, exprs: impl IntoIterator<Item = &'e Expr>) {
    for expr in exprs {
        for column in expr.column_refs() {
            if !columns.contains(&column.name) {
                columns.insert(column.name.clone());
            }
        }
    }
}

/// The projection without columns that nobody wants.
fn chosen(projection: Projection, wanted: &Columns) -> Result<Projection> {
    let fields = projection.schema.fields();
    let mut positions: Vec<usize> = (0..fields.len()).filter(|at| wanted.contains(fields[*at].name())).collect();
    if positions.len() == fields.len() || fields.is_empty() {
        return Ok(projection);
    }
    // Rows are counted by some column.
    if positions.is_empty() {
        positions.push(0);
    }
    let schema = Arc::new(part_of(&projection.schema, &positions)?);
    let mut at = 0..;
    let mut expr = projection.expr;
    expr.retain(|_| at.next().is_some_and(|at| positions.binary_search(&at).is_ok()));
    Projection::try_new_with_schema(expr, projection.input, schema)
}

/// Whether a projection gives all columns of its input as they are.
fn is_all_of(exprs: &[Expr], input: &DFSchema) -> bool {
    let is_same = |(expr, (relation, field)): (&Expr, (_, &Arc<arrow::datatypes::Field>))| matches!(expr, Expr::Column(column) if column.relation.as_ref() == relation && column.name == *field.name());
    exprs.len() == input.fields().len() && exprs.iter().zip(input.iter()).all(is_same)
}

fn part_of(schema: &DFSchema, positions: &[usize]) -> Result<DFSchema> {
    let fields = positions
        .iter()
        .map(|at| {
            let (qualifier, field) = schema.qualified_field(*at);
            (qualifier.cloned(), Arc::clone(field))
        })
        .collect();
    DFSchema::new_with_metadata(fields, schema.metadata().clone())
}

/// What filters of the scan itself name need not be columns of it.
fn in_scan(scan: TableScan, wanted: &Columns) -> Result<LogicalPlan> {
    let stored: Vec<usize> = match &scan.projection {
        Some(projection) => projection.clone(),
        None => (0..scan.source.schema().fields().len()).collect(),
    };
    let fields = scan.projected_schema.fields();
    let mut kept: Vec<usize> =
        stored.iter().zip(fields).filter(|(_, field)| wanted.contains(field.name())).map(|(at, _)| *at).collect();
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
        let expected = "Projection: t.a\n  Filter: t.b > Int64(1)\n    TableScan: t projection=[a, b]";
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
        assert!(shown(plan).ends_with("\n  TableScan: t projection=[a]"));
    }

    #[test]
    fn legs_of_a_union_keep_the_same_positions() {
        let leg = |names: [&str; 2]| scan().project(names.map(col)).unwrap().build().unwrap();
        let plan = LogicalPlanBuilder::from(leg(["a", "b"])).union(leg(["c", "d"])).unwrap();
        let text = shown(plan.project([col("b")]).unwrap());
        assert!(text.contains("projection=[b]") && text.contains("projection=[d]"), "{text}");
    }
}
