//! Has scans read numbers and rests, and puts the texts together above the filters, where few rows are left.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::packed_column::PackedNames;
use super::packed_text::{PackedText, Part};

/// Ends the name of a column of rests, which follows that of the text. No column of a plan ends like this.
const REST: &str = " rest";

/// The rule.
#[derive(Debug)]
pub(crate) struct PackedTexts;

impl PhysicalOptimizerRule for PackedTexts {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = plan.transform_down(|node| {
            Ok(match put_together(&node, config)? {
                Some(changed) => Transformed::new(changed, true, TreeNodeRecursion::Jump),
                None => Transformed::no(node),
            })
        });
        changed.data()
    }

    fn name(&self) -> &str {
        "packed_texts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A plan that gives numbers and rests in place of some texts.
struct Apart {
    plan: Arc<dyn ExecutionPlan>,
    /// Where the number of each is, which is where the text was, and where its rest is.
    texts: Vec<(usize, usize)>,
}

/// The same rows from numbers; `None` where no text below can be taken apart.
fn put_together(node: &Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(projection) = node.downcast_ref::<ProjectionExec>() else {
        let Some(apart) = taken_apart(node, &BTreeSet::new(), config)? else { return Ok(None) };
        let schema = node.schema();
        let columns = schema.fields().iter().enumerate().map(|(at, field)| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
            ProjectionExpr { expr: column, alias: field.name().clone() }
        });
        return above(apart, columns, config).map(Some);
    };
    let mut named = Vec::new();
    for column in projection.expr() {
        column.expr.apply(|part| {
            named.extend(part.downcast_ref::<Column>().map(Column::index));
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    named.sort_unstable();
    // What is named twice is put together once, in a projection of its own below this one.
    if named.windows(2).any(|pair| pair[0] == pair[1]) {
        return Ok(None);
    }
    match taken_apart(projection.input(), &BTreeSet::new(), config)? {
        Some(apart) => above(apart, projection.expr().iter().cloned(), config).map(Some),
        None => Ok(None),
    }
}

/// A projection of texts over what they were taken apart to.
fn above(
    apart: Apart,
    columns: impl Iterator<Item = ProjectionExpr>,
    config: &ConfigOptions,
) -> Result<Arc<dyn ExecutionPlan>> {
    let settings = Arc::new(config.clone());
    let columns = columns.map(|ProjectionExpr { expr, alias }| {
        let expr = expr.transform_down(|part| {
            let at = part.downcast_ref::<Column>().map(Column::index);
            let text = apart.texts.iter().find(|(numbers, _)| Some(*numbers) == at);
            let Some((numbers, rests)) = text else { return Ok(Transformed::no(part)) };
            let name = part.downcast_ref::<Column>().map_or("", Column::name);
            let arguments: [Arc<dyn PhysicalExpr>; 2] =
                [Arc::new(Column::new(name, *numbers)), Arc::new(Column::new(&format!("{name}{REST}"), *rests))];
            Ok(Transformed::new(call(Part::Text, arguments.to_vec(), &settings), true, TreeNodeRecursion::Jump))
        });
        Ok(ProjectionExpr { expr: expr.data()?, alias })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, apart.plan)?))
}

fn call(part: Part, arguments: Vec<Arc<dyn PhysicalExpr>>, settings: &Arc<ConfigOptions>) -> Arc<dyn PhysicalExpr> {
    let function = Arc::new(ScalarUDF::from(PackedText::new(part)));
    let name = function.name().to_owned();
    let (ty, nullable) = match part {
        Part::Number => (DataType::UInt32, true),
        Part::Rest => (DataType::Utf8View, true),
        Part::Text => (DataType::Utf8View, false),
    };
    let field = Arc::new(Field::new(&name, ty, nullable));
    Arc::new(ScalarFunctionExpr::new(&name, function, arguments, field, Arc::clone(settings)))
}

/// The plan with texts taken apart, but for those columns of it that are asked for as texts. Numbers are where their texts were, rests follow
/// after all other columns.
fn taken_apart(
    plan: &Arc<dyn ExecutionPlan>,
    as_texts: &BTreeSet<usize>,
    config: &ConfigOptions,
) -> Result<Option<Apart>> {
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        return of_filter(filter, as_texts, config);
    }
    match plan.downcast_ref::<DataSourceExec>() {
        Some(scan) => of_scan(plan, scan, as_texts, config),
        None => Ok(None),
    }
}

fn of_filter(filter: &FilterExec, as_texts: &BTreeSet<usize>, config: &ConfigOptions) -> Result<Option<Apart>> {
    let given: Vec<usize> = match filter.projection() {
        Some(projection) => projection.to_vec(),
        None => (0..filter.input().schema().fields().len()).collect(),
    };
    let mut needed: BTreeSet<usize> = collect_columns(filter.predicate()).iter().map(Column::index).collect();
    needed.extend(as_texts.iter().filter_map(|at| given.get(*at)));
    let Some(input) = taken_apart(filter.input(), &needed, config)? else { return Ok(None) };
    let mut columns = given.clone();
    let mut texts = Vec::new();
    for (numbers, rests) in input.texts {
        if let Some(at) = given.iter().position(|column| *column == numbers) {
            texts.push((at, columns.len()));
            columns.push(rests);
        }
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let filter = FilterExecBuilder::new(Arc::clone(filter.predicate()), input.plan)
        .apply_projection(Some(columns))?
        .with_default_selectivity(filter.default_selectivity())
        .with_batch_size(filter.batch_size())
        .with_fetch(filter.fetch())
        .build()?;
    Ok(Some(Apart { plan: Arc::new(filter), texts }))
}

fn of_scan(
    plan: &Arc<dyn ExecutionPlan>,
    scan: &DataSourceExec,
    as_texts: &BTreeSet<usize>,
    config: &ConfigOptions,
) -> Result<Option<Apart>> {
    let Some(files) = scan.data_source().downcast_ref::<FileScanConfig>() else { return Ok(None) };
    let found: Vec<usize> = packed_in(files).into_iter().filter(|at| !as_texts.contains(at)).collect();
    if found.is_empty() {
        return Ok(None);
    }
    let settings = Arc::new(config.clone());
    let schema = plan.schema();
    let column = |at: usize| Arc::new(Column::new(schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>;
    let numbers = schema.fields().iter().enumerate().map(|(at, field)| {
        let expr = if found.contains(&at) { call(Part::Number, vec![column(at)], &settings) } else { column(at) };
        ProjectionExpr { expr, alias: field.name().clone() }
    });
    let rests = found.iter().map(|at| {
        let alias = format!("{}{REST}", schema.field(*at).name());
        ProjectionExpr { expr: call(Part::Rest, vec![column(*at)], &settings), alias }
    });
    let projection = ProjectionExec::try_new(numbers.chain(rests).collect::<Vec<_>>(), Arc::clone(plan))?;
    let Some(plan) = scan.try_swapping_with_projection(&projection)? else { return Ok(None) };
    let texts = found.iter().enumerate().map(|(rest, at)| (*at, schema.fields().len() + rest)).collect();
    Ok(Some(Apart { plan, texts }))
}

/// The columns that a scan hands on as they are, of which most rows have numbers, and of which it reads nothing else.
fn packed_in(files: &FileScanConfig) -> Vec<usize> {
    let names = mostly_packed(files);
    if names.is_empty() {
        return Vec::new();
    }
    let Some(projection) = files.file_source().projection() else { return Vec::new() };
    let table = files.file_source().table_schema().table_schema();
    let read_early: BTreeSet<usize> = files
        .file_source()
        .filter()
        .map_or_else(BTreeSet::new, |filter| collect_columns(&filter).iter().map(Column::index).collect());
    let uses = |index: usize| {
        let columns = projection.iter().map(|column| collect_columns(&column.expr));
        columns.filter(|columns| columns.iter().any(|column| column.index() == index)).count()
    };
    let handed_on = projection.iter().enumerate().filter(|(_, column)| {
        column.expr.downcast_ref::<Column>().is_some_and(|column| {
            let is_text = table.fields().get(column.index()).is_some_and(|field| {
                *field.data_type() == DataType::Utf8View
                    && !field.is_nullable()
                    && names.contains(&field.name().as_str())
            });
            is_text && !read_early.contains(&column.index()) && uses(column.index()) == 1
        })
    });
    handed_on.map(|(at, _)| at).collect()
}

/// The texts of which the files of at least half of the rows have numbers: of others a number would be made of each text, and the text again.
fn mostly_packed(files: &FileScanConfig) -> Vec<&str> {
    let mut total = 0usize;
    let mut packed: Vec<(&str, usize)> = Vec::new();
    for file in files.file_groups.iter().flat_map(|group| group.files()) {
        let rows = rows(file);
        total = total.saturating_add(rows);
        for name in file.extension::<PackedNames>().iter().flat_map(|names| names.0.iter()) {
            match packed.iter_mut().find(|(known, _)| known == name) {
                Some((_, of_it)) => *of_it = of_it.saturating_add(rows),
                None => packed.push((name, rows)),
            }
        }
    }
    packed.into_iter().filter(|(_, rows)| *rows >= total.div_ceil(2)).map(|(name, _)| name).collect()
}

/// A file whose rows are not known counts as one.
fn rows(file: &PartitionedFile) -> usize {
    match file.statistics.as_ref().map(|statistics| statistics.num_rows) {
        Some(Precision::Exact(rows) | Precision::Inexact(rows)) => rows,
        _ => 1,
    }
}
