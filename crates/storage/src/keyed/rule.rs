//! Has scans test texts by keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr, conjunction, split_conjunction};
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::keyed_test::{KeyedTest, TestFor};
use super::stored_keys::KeyedNames;
use crate::asked_predicates::{is_asked_in_full, learns};
use crate::data_file;
use crate::scan_filters::{given_columns, moved, refiltered};

/// Ends the name of a column of what a test said, which follows that of the text. No column of a plan ends like this.
const TEST: &str = " test";

/// Rows whose keys are tested at once where they choose the rows: each batch has its costs, and mostly few rows of it pass.
pub(crate) const TESTED_ROWS: usize = 32 * 1024;
/// Most columns of a scan that does so: where all rows pass, they are decoded as many at once.
const TESTED_ROWS_COLUMNS: usize = 8;

/// The rule: conditions of a filter that look at one text of a scan, which neither another condition nor anything above the filter looks at,
/// become columns of the scan. Columns that a scan computes by such a condition are tests already.
#[derive(Debug)]
pub(crate) struct KeyedTests;

impl PhysicalOptimizerRule for KeyedTests {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = plan.transform_up(|node| {
            let changed = if let Some(filter) = node.downcast_ref::<FilterExec>() {
                tested_while_reading(filter, config)?
            } else if let Some(scan) = node.downcast_ref::<DataSourceExec>() {
                testing_by_keys(scan, config)?
            } else {
                None
            };
            Ok(changed.map_or_else(|| Transformed::no(node), Transformed::yes))
        });
        plan.data()
    }

    fn name(&self) -> &str {
        "keyed_tests"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The conditions of a filter.
#[derive(Debug, Default)]
struct Conditions {
    /// On one text each, by its column.
    tests: BTreeMap<usize, Vec<Arc<dyn PhysicalExpr>>>,
    others: Vec<Arc<dyn PhysicalExpr>>,
}

/// The filter with tests done by its scan; nothing where there are none.
fn tested_while_reading(filter: &FilterExec, config: &ConfigOptions) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(scan) = filter.input().downcast_ref::<DataSourceExec>() else { return Ok(None) };
    let Some(files) = scan.data_source().downcast_ref::<FileScanConfig>().filter(|files| reads_ours(files)) else {
        return Ok(None);
    };
    let columns = filter.input().schema().fields().len();
    let given = given_columns(filter);
    let Conditions { tests, others } = conditions(filter.predicate(), &texts_of(files, &given));
    if tests.is_empty() {
        return Ok(None);
    }
    let kept: Vec<usize> = (0..columns).filter(|at| !tests.contains_key(at)).collect();
    let Some(scan) = with_tests(files, filter.input(), &kept, &tests, config)? else { return Ok(None) };
    let place = |at: usize| kept.binary_search(&at).unwrap_or_default();
    let schema = scan.schema();
    let said = (kept.len()..schema.fields().len())
        .map(|at| Arc::new(Column::new(schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>);
    let others = others.into_iter().map(|condition| moved(condition, &place)).collect::<Result<Vec<_>>>()?;
    let given = given.into_iter().map(place).collect();
    refiltered(filter, conjunction(said.chain(others)), scan, given).map(Some)
}

/// The scan with the tests that it computes done by keys; nothing where there are none.
fn testing_by_keys(scan: &DataSourceExec, config: &ConfigOptions) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(files) = scan.data_source().downcast_ref::<FileScanConfig>().filter(|files| reads_ours(files)) else {
        return Ok(None);
    };
    let Some(projection) = files.file_source().projection() else { return Ok(None) };
    let table = files.file_source().table_schema().table_schema();
    let tested = |expr: &Arc<dyn PhysicalExpr>| tested_text(expr, table);
    let tests: Vec<Option<usize>> = projection.iter().map(|column| tested(&column.expr)).collect::<Result<_>>()?;
    let others = projection.iter().zip(&tests).filter(|(_, test)| test.is_none());
    let read_else: BTreeSet<usize> =
        others.flat_map(|(column, _)| collect_columns(&column.expr)).map(|column| column.index()).collect();
    let texts: BTreeSet<usize> = tests.iter().flatten().filter(|text| !read_else.contains(text)).copied().collect();
    if texts.is_empty() {
        return Ok(None);
    }
    let (schema, settings) = (scan.schema(), Arc::new(config.clone()));
    let columns = tests.iter().zip(schema.fields()).enumerate().map(|(at, (test, field))| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
        let is_test = test.is_some_and(|text| texts.contains(&text));
        let expr = if is_test { marked(TestFor::Column, column, field.is_nullable(), &settings) } else { column };
        ProjectionExpr { expr, alias: field.name().clone() }
    });
    let columns: Vec<ProjectionExpr> = columns.collect();
    let names = texts.iter().map(|text| table.field(*text).name().clone()).collect();
    let scan = DataSourceExec::from_data_source(asking_for_keys(files, &names));
    let projection = ProjectionExec::try_new(columns, Arc::clone(&scan) as Arc<dyn ExecutionPlan>)?;
    scan.try_swapping_with_projection(&projection)
}

/// The only text of a table that an expression looks at, if it tests that and is no mark of such a test.
fn tested_text(expr: &Arc<dyn PhysicalExpr>, table: &SchemaRef) -> Result<Option<usize>> {
    let is_marked = expr
        .downcast_ref::<ScalarFunctionExpr>()
        .is_some_and(|call| call.fun().inner().downcast_ref::<KeyedTest>().is_some());
    let columns = collect_columns(expr);
    let only = columns.iter().next().filter(|_| columns.len() == 1 && !is_marked).map(Column::index);
    let Some(text) = only.filter(|text| is_text(table.field(*text))) else { return Ok(None) };
    let is_test = expr.data_type(table)? == DataType::Boolean && !learns(expr) && !is_volatile(expr);
    Ok(is_test.then_some(text))
}

/// Documents, which may be null, are read by their paths.
fn is_text(field: &Field) -> bool {
    *field.data_type() == DataType::Utf8View && !field.is_nullable()
}

/// Whether a scan is of files of ours, whose rows it does not choose while it reads.
fn reads_ours(files: &FileScanConfig) -> bool {
    let source = files.file_source().downcast_ref::<ParquetSource>();
    source.is_some_and(|source| !source.table_parquet_options().global.pushdown_filters) && is_of_ours(files)
}

/// Whether a scan is of files of ours.
pub(crate) fn is_of_ours(files: &FileScanConfig) -> bool {
    let is_ours = |file: &PartitionedFile| data_file::is_name_of_ours(file.object_meta.location.as_ref());
    files.file_groups.iter().flat_map(FileGroup::files).all(is_ours)
}

/// The texts that a scan hands on as they are, reads for nothing else, and that are not given on from its filter.
fn texts_of(files: &FileScanConfig, given: &[usize]) -> BTreeSet<usize> {
    unshared_texts(files).into_iter().filter(|at| !given.contains(at)).collect()
}

/// The columns of a scan that are texts as they are stored, which it reads for nothing else.
pub(super) fn unshared_texts(files: &FileScanConfig) -> BTreeSet<usize> {
    let Some(projection) = files.file_source().projection() else { return BTreeSet::new() };
    let table = files.file_source().table_schema().table_schema();
    let uses = |index: usize| {
        let columns = projection.iter().map(|column| collect_columns(&column.expr));
        columns.filter(|columns| columns.iter().any(|column| column.index() == index)).count()
    };
    let is_unshared = |expr: &Arc<dyn PhysicalExpr>| {
        expr.downcast_ref::<Column>().is_some_and(|column| {
            let field = table.fields().get(column.index());
            field.is_some_and(|field| is_text(field)) && uses(column.index()) == 1
        })
    };
    let texts = projection.iter().enumerate().filter(|(_, column)| is_unshared(&column.expr));
    texts.map(|(at, _)| at).collect()
}

/// The conditions of a predicate, those on one of these texts apart if there is no other condition on it.
fn conditions(predicate: &Arc<dyn PhysicalExpr>, texts: &BTreeSet<usize>) -> Conditions {
    let all: Vec<(BTreeSet<usize>, &Arc<dyn PhysicalExpr>)> = split_conjunction(predicate)
        .into_iter()
        .map(|condition| (collect_columns(condition).iter().map(Column::index).collect(), condition))
        .collect();
    // What is volatile may say another thing of another row with the same text.
    let is_test = |columns: &BTreeSet<usize>, condition: &Arc<dyn PhysicalExpr>| {
        columns.len() == 1 && !learns(condition) && !is_volatile(condition)
    };
    let is_tested = |at: &usize| {
        let mut on_it = all.iter().filter(|(columns, _)| columns.contains(at));
        on_it.all(|(columns, condition)| is_test(columns, condition))
    };
    let mut found = Conditions::default();
    for (columns, condition) in &all {
        match columns.first().filter(|at| columns.len() == 1 && texts.contains(at) && is_tested(at)) {
            Some(at) => found.tests.entry(*at).or_default().push(Arc::clone(condition)),
            None => found.others.push(Arc::clone(condition)),
        }
    }
    found
}

/// The scan that gives these columns, and after them what the tests say; nothing where it cannot compute that.
fn with_tests(
    files: &FileScanConfig,
    scan: &Arc<dyn ExecutionPlan>,
    kept: &[usize],
    tests: &BTreeMap<usize, Vec<Arc<dyn PhysicalExpr>>>,
    config: &ConfigOptions,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let (schema, settings) = (scan.schema(), Arc::new(config.clone()));
    let tests: Vec<(usize, Arc<dyn PhysicalExpr>)> =
        tests.iter().map(|(at, tests)| (*at, conjunction(tests.iter().cloned()))).collect();
    let columns = kept.iter().map(|at| {
        let name = schema.field(*at).name();
        ProjectionExpr { expr: Arc::new(Column::new(name, *at)), alias: name.clone() }
    });
    let said = tests.iter().map(|(at, test)| {
        let alias = format!("{}{TEST}", schema.field(*at).name());
        let expr = marked(TestFor::Column, Arc::clone(test), test.nullable(&schema)?, &settings);
        Ok(ProjectionExpr { expr, alias })
    });
    let columns = columns.map(Ok).chain(said).collect::<Result<Vec<_>>>()?;
    let files = asking_for_keys(files, &names_in(files, tests.iter().map(|(at, _)| *at)));
    let files = choosing_rows(&files, &tests, &settings)?.unwrap_or(files);
    let scan = DataSourceExec::from_data_source(files);
    let projection = ProjectionExec::try_new(columns, Arc::clone(&scan) as Arc<dyn ExecutionPlan>)?;
    scan.try_swapping_with_projection(&projection)
}

fn marked(
    is_for: TestFor,
    test: Arc<dyn PhysicalExpr>,
    nullable: bool,
    settings: &Arc<ConfigOptions>,
) -> Arc<dyn PhysicalExpr> {
    let function = Arc::new(ScalarUDF::from(KeyedTest::new(is_for)));
    let name = function.name().to_owned();
    let field = Arc::new(Field::new(&name, DataType::Boolean, nullable));
    Arc::new(ScalarFunctionExpr::new(&name, function, vec![test], field, Arc::clone(settings)))
}

/// The scan that may read other columns of those rows alone that pass the tests; nothing where it has another filter that it still needs.
fn choosing_rows(
    files: &FileScanConfig,
    tests: &[(usize, Arc<dyn PhysicalExpr>)],
    settings: &Arc<ConfigOptions>,
) -> Result<Option<FileScanConfig>> {
    let (Some(source), Some(projection)) =
        (files.file_source().downcast_ref::<ParquetSource>(), files.file_source().projection())
    else {
        return Ok(None);
    };
    if files.file_source().filter().is_some_and(|filter| !is_asked_in_full(files, &filter)) {
        return Ok(None);
    }
    let chosen = tests.iter().map(|(_, test)| {
        let test = projection.unproject_expr(test)?;
        Ok(marked(TestFor::Rows, test, true, settings))
    });
    let chosen = conjunction(chosen.collect::<Result<Vec<_>>>()?);
    let mut options = source.table_parquet_options().clone();
    // What is asked of keys is asked again sooner than it is looked up.
    options.global.max_predicate_cache_size = Some(0);
    let source = source.clone().with_table_parquet_options(options).with_pushdown_filters(true).with_predicate(chosen);
    let is_narrow = projection.as_ref().len() <= TESTED_ROWS_COLUMNS;
    let rows = if is_narrow { Some(TESTED_ROWS) } else { files.batch_size };
    Ok(Some(FileScanConfigBuilder::from(files.clone()).with_source(Arc::new(source)).with_batch_size(rows).build()))
}

/// The names that columns of a scan have in its files.
pub(super) fn names_in(files: &FileScanConfig, columns: impl Iterator<Item = usize>) -> Arc<[String]> {
    let projection = files.file_source().projection();
    let name = |at: usize| {
        let column = projection?.as_ref().get(at)?.expr.downcast_ref::<Column>()?;
        Some(column.name().to_owned())
    };
    columns.filter_map(name).collect()
}

/// The scan that asks files for the keys of texts that it tests.
fn asking_for_keys(files: &FileScanConfig, names: &Arc<[String]>) -> FileScanConfig {
    asking(files, |known| match known {
        Some(KeyedNames { tested, given }) => {
            KeyedNames { tested: tested.iter().chain(names.iter()).cloned().collect(), given: Arc::clone(given) }
        }
        None => KeyedNames { tested: Arc::clone(names), given: Arc::default() },
    })
}

/// The scan with other names of texts whose keys it asks files for.
pub(super) fn asking(files: &FileScanConfig, names: impl Fn(Option<&KeyedNames>) -> KeyedNames) -> FileScanConfig {
    let asked = |file: &PartitionedFile| file.clone().with_extension(names(file.extension::<KeyedNames>()));
    let groups = files.file_groups.iter().map(|group| FileGroup::new(group.files().iter().map(asked).collect()));
    FileScanConfigBuilder::from(files.clone()).with_file_groups(groups.collect()).build()
}
