//! Has a scan give texts as keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::keyed_text::{KeyedText, keyed_text_type};
use super::rule::{asking, is_of_ours, names_in, unshared_texts};
use super::stored_keys::KeyedNames;

/// The scan of a workspace's table with those of these columns as keys into texts (dictionary arrays of `u32` and views) that are stored texts
/// and read for nothing else; nothing where there are none. Which they are, the types of its columns tell. Rows whose file has no keys have
/// each a text of its own, and so may a few rows of a large dictionary.
///
/// Such a scan belongs to whoever runs it: it has no wire form.
pub fn giving_keys(
    scan: &Arc<dyn ExecutionPlan>,
    columns: &[usize],
    config: &ConfigOptions,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(source) = scan.downcast_ref::<DataSourceExec>() else { return Ok(None) };
    let Some(files) = source.data_source().downcast_ref::<FileScanConfig>().filter(|files| is_of_ours(files)) else {
        return Ok(None);
    };
    let texts = unshared_texts(files);
    let keyed: BTreeSet<usize> = columns.iter().copied().filter(|at| texts.contains(at)).collect();
    if keyed.is_empty() {
        return Ok(None);
    }
    let (schema, settings) = (scan.schema(), Arc::new(config.clone()));
    let columns = schema.fields().iter().enumerate().map(|(at, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
        let expr = if keyed.contains(&at) { marked(column, field, &settings) } else { column };
        ProjectionExpr { expr, alias: field.name().clone() }
    });
    let columns: Vec<ProjectionExpr> = columns.collect();
    let names = names_in(files, keyed.iter().copied());
    let tested = |known: Option<&KeyedNames>| known.map(|known| Arc::clone(&known.tested)).unwrap_or_default();
    let files = asking(files, |known| KeyedNames { tested: tested(known), given: Arc::clone(&names) });
    let scan = DataSourceExec::from_data_source(files);
    let projection = ProjectionExec::try_new(columns, Arc::clone(&scan) as Arc<dyn ExecutionPlan>)?;
    scan.try_swapping_with_projection(&projection)
}

fn marked(text: Arc<dyn PhysicalExpr>, field: &Field, settings: &Arc<ConfigOptions>) -> Arc<dyn PhysicalExpr> {
    let function = Arc::new(ScalarUDF::from(KeyedText::default()));
    let name = function.name().to_owned();
    let field = Arc::new(Field::new(&name, keyed_text_type(), field.is_nullable()));
    Arc::new(ScalarFunctionExpr::new(&name, function, vec![text], field, Arc::clone(settings)))
}
