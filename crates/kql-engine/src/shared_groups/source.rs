//! Where the rows come from.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{filter_record_batch, prep_null_mask_filter, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type};
use datafusion::common::cast::as_boolean_array;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};

use super::keyed_scans::KeyedScans;
use super::table::Key;
use super::text_of_number::TextOfNumber;
use crate::shared_union::SharedUnionExec;
use crate::text_partners::TextPartnersExec;

/// The input of an operator. A filter directly below, or below a projection, is asked here: it would put batches together of the rows that pass,
/// and copy their texts.
#[derive(Debug)]
pub(crate) struct Source {
    rows: Rows,
    filter: Option<Filter>,
}

/// What the filter is asked of.
#[derive(Debug)]
enum Rows {
    Plan(Arc<dyn ExecutionPlan>),
    /// Rows that have a partner, of a source of their own.
    Partners(Arc<TextPartnersExec>, Arc<Source>),
}

#[derive(Debug)]
struct Filter {
    predicate: Arc<dyn PhysicalExpr>,
    /// Columns that are handed on; all where there is none.
    columns: Option<Vec<usize>>,
    /// What is computed of them; they themselves where there is none.
    projection: Option<Projection>,
}

#[derive(Debug)]
struct Projection {
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    schema: SchemaRef,
}

/// Whether rows are a choice of those below: what a filter leaves, what has a partner, or what legs of a union leave.
pub(super) fn is_chosen(input: &Arc<dyn ExecutionPlan>) -> bool {
    let below = below_projection(input).1;
    filter_below(input).is_some()
        || below.downcast_ref::<TextPartnersExec>().is_some()
        || below.downcast_ref::<SharedUnionExec>().is_some_and(SharedUnionExec::chooses)
}

/// Whether rows are all of a scan.
pub(super) fn is_of_scan(input: &Arc<dyn ExecutionPlan>) -> bool {
    below_projection(input).1.children().is_empty()
}

/// A projection, if there is one, and what is below it.
fn below_projection(input: &Arc<dyn ExecutionPlan>) -> (Option<&ProjectionExec>, &Arc<dyn ExecutionPlan>) {
    let projected = input.downcast_ref::<ProjectionExec>();
    (projected, projected.map_or(input, ProjectionExec::input))
}

/// The filter below, and the projection between, if any.
fn filter_below(input: &Arc<dyn ExecutionPlan>) -> Option<(&FilterExec, Option<&ProjectionExec>)> {
    let (projected, below) = below_projection(input);
    let filter = below.downcast_ref::<FilterExec>().filter(|filter| filter.fetch().is_none())?;
    Some((filter, projected))
}

/// Keys of an aggregation that are columns which nothing else of it looks at.
pub(super) fn key_columns(whole: &AggregateExec) -> Vec<usize> {
    let asked = asked_columns(whole);
    columns_of_keys(whole).filter(|at| asked.iter().filter(|one| *one == at).count() == 1).collect()
}

/// Keys of an aggregation that are columns.
fn columns_of_keys(whole: &AggregateExec) -> impl Iterator<Item = usize> {
    let keys = whole.group_expr().input_exprs();
    keys.into_iter().filter_map(|key| key.downcast_ref::<Column>().map(Column::index))
}

/// The batch with texts in place of their keys, as the plan has its columns.
pub(super) fn without_keys(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let is_keyed = batch.columns().iter().any(|column| matches!(column.data_type(), DataType::Dictionary(..)));
    if !is_keyed {
        return Ok(batch);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = batch.columns().iter().map(|column| match column.as_dictionary_opt::<UInt32Type>() {
        Some(keyed) => take(keyed.values(), keyed.keys(), None),
        None => Ok(Arc::clone(column)),
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// The columns that keys, arguments and filters of an aggregation name, each as often as it is named.
fn asked_columns(whole: &AggregateExec) -> Vec<usize> {
    let keys = whole.group_expr().input_exprs();
    let arguments = whole.aggr_expr().iter().flat_map(|call| call.expressions());
    let orders = whole.aggr_expr().iter().flat_map(|call| call.order_bys().iter().map(|order| Arc::clone(&order.expr)));
    let filters = whole.filter_expr().iter().flatten().cloned();
    let exprs = keys.into_iter().chain(arguments).chain(orders).chain(filters);
    exprs.flat_map(|expr| collect_columns(&expr)).map(|column| column.index()).collect()
}

impl Rows {
    fn schema(&self) -> SchemaRef {
        match self {
            Rows::Plan(plan) => plan.schema(),
            Rows::Partners(_, source) => source.schema(),
        }
    }

    /// The rows with those of these texts as keys that can be.
    fn with_texts_as_keys(self, columns: &[usize], context: &Arc<TaskContext>) -> Result<Self> {
        let Rows::Plan(plan) = self else { return Ok(self) };
        if let Some(partners) = plan.downcast_ref::<TextPartnersExec>() {
            let source = Arc::new(partners.source_with_texts_as_keys(columns, context)?);
            return Ok(Rows::Partners(Arc::new(partners.same()), source));
        }
        Ok(Rows::Plan(KeyedScans::of(context, &plan, columns)?.unwrap_or(plan)))
    }
}

impl Filter {
    /// The columns of the rows that columns of the result are as they are, where nothing else looks at them.
    fn columns_below(&self, columns: &[usize]) -> Vec<usize> {
        let asked = collect_columns(&self.predicate);
        let projected = |at: usize| match &self.projection {
            Some(Projection { exprs, .. }) => {
                let column = exprs.get(at)?.downcast_ref::<Column>()?;
                let uses = exprs.iter().filter(|expr| collect_columns(expr).contains(column)).count();
                (uses == 1).then(|| column.index())
            }
            None => Some(at),
        };
        let below = |at: usize| match &self.columns {
            Some(columns) => columns.get(at).copied(),
            None => Some(at),
        };
        let below = columns.iter().filter_map(|at| below(projected(*at)?));
        below.filter(|at| asked.iter().all(|column| column.index() != *at)).collect()
    }

    /// The types of the result's columns, where rows have others than they were planned with.
    fn retype(&mut self, rows: &SchemaRef) {
        let Some(Projection { exprs, schema }) = &mut self.projection else { return };
        let fields = exprs.iter().zip(schema.fields()).map(|(expr, field)| {
            let column = expr.downcast_ref::<Column>().map(Column::index);
            let below =
                column.and_then(|at| self.columns.as_ref().map_or(Some(at), |columns| columns.get(at).copied()));
            let keyed = below.map(|at| rows.field(at).data_type()).filter(|ty| matches!(ty, DataType::Dictionary(..)));
            keyed.map_or_else(
                || Arc::clone(field),
                |keyed| Arc::new(field.as_ref().clone().with_data_type(keyed.clone())),
            )
        });
        *schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()));
    }
}

impl Source {
    /// The rows of a plan.
    pub fn of(input: &Arc<dyn ExecutionPlan>) -> Self {
        let Some((filter, projected)) = filter_below(input) else {
            return Self { rows: Rows::Plan(Arc::clone(input)), filter: None };
        };
        let projection = projected.map(|projected| Projection {
            exprs: projected.expr().iter().map(|column| Arc::clone(&column.expr)).collect(),
            schema: projected.schema(),
        });
        let columns = filter.projection().as_ref().map(|columns| columns.to_vec());
        let predicate = Arc::clone(filter.predicate());
        Self { rows: Rows::Plan(Arc::clone(filter.input())), filter: Some(Filter { predicate, columns, projection }) }
    }

    /// The same rows with those of these texts, columns of the result, as keys into texts that a scan can give so.
    pub fn with_texts_as_keys(self, columns: &[usize], context: &Arc<TaskContext>) -> Result<Self> {
        let Self { rows, mut filter } = self;
        let below = filter.as_ref().map_or_else(|| columns.to_vec(), |filter| filter.columns_below(columns));
        let rows = rows.with_texts_as_keys(&below, context)?;
        if let Some(filter) = &mut filter {
            filter.retype(&rows.schema());
        }
        Ok(Self { rows, filter })
    }

    /// Whether the columns that rows are grouped by come as keys where they are texts.
    pub(super) fn gives_keys(&self, whole: &AggregateExec) -> bool {
        let schema = self.schema();
        columns_of_keys(whole).all(|at| *schema.field(at).data_type() != DataType::Utf8View)
    }

    /// The columns of the rows that pass, as they are.
    fn schema(&self) -> SchemaRef {
        let rows = self.rows.schema();
        match &self.filter {
            Some(Filter { projection: Some(projection), .. }) => Arc::clone(&projection.schema),
            Some(Filter { columns: Some(columns), .. }) => rows.project(columns).map_or(rows, Arc::new),
            _ => rows,
        }
    }

    /// The same rows with texts that are keys left apart where the rows have them so, their columns, and the keys. A text that is asked for
    /// elsewhere, too, is written.
    pub(super) fn with_keys_apart(mut self, whole: &AggregateExec) -> (Self, SchemaRef, Vec<Key>) {
        let schema = whole.input().schema();
        let exprs = whole.group_expr().input_exprs();
        let Some(Projection { exprs: columns, schema: given }) =
            self.filter.as_mut().and_then(|filter| filter.projection.as_mut())
        else {
            return (self, schema, exprs.into_iter().map(Key::Whole).collect());
        };
        let asked = asked_columns(whole);
        let mut fields = given.fields().to_vec();
        let keys = exprs.into_iter().map(|expr| {
            let Some(at) = expr.downcast_ref::<Column>().map(Column::index) else { return Key::Whole(expr) };
            let apart = columns
                .get(at)
                .and_then(TextOfNumber::of)
                .filter(|_| asked.iter().filter(|one| **one == at).count() == 1);
            let Some((text, [number, rest])) = apart else { return Key::Whole(expr) };
            let name = fields[at].name().clone();
            let rest_at = columns.len();
            columns[at] = number;
            columns.push(rest);
            fields[at] = Arc::new(Field::new(&name, DataType::UInt32, true));
            fields.push(Arc::new(Field::new(&name, DataType::Utf8View, true)));
            let column = |at| Arc::new(Column::new(&name, at)) as Arc<dyn PhysicalExpr>;
            Key::Apart { number: column(at), rest: column(rest_at), text }
        });
        let keys = keys.collect();
        *given = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let schema = Arc::clone(given);
        (self, schema, keys)
    }

    /// Whether [`Source::passing`] asks a filter.
    pub fn filters(&self) -> bool {
        self.filter.is_some()
    }

    /// The batches of a partition, of which [`Source::passing`] gives the rows.
    pub fn execute(&self, partition: usize, context: &Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        match &self.rows {
            Rows::Plan(plan) => plan.execute(partition, Arc::clone(context)),
            Rows::Partners(partners, source) => partners.execute_over(Arc::clone(source), partition, context),
        }
    }

    /// The rows of a batch that pass; `None` where there is none.
    pub fn passing(&self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
        let Some(Filter { predicate, columns, projection }) = &self.filter else {
            return Ok((batch.num_rows() > 0).then_some(batch));
        };
        let passes = predicate.evaluate(&batch)?.into_array(batch.num_rows())?;
        let passes = as_boolean_array(&passes)?;
        let passing = if passes.nulls().is_some() { &prep_null_mask_filter(passes) } else { passes };
        let count = passing.true_count();
        if count == 0 {
            return Ok(None);
        }
        let batch = match columns {
            Some(columns) => batch.project(columns)?,
            None => batch,
        };
        let batch = if count == batch.num_rows() { batch } else { filter_record_batch(&batch, passing)? };
        let Some(Projection { exprs, schema }) = projection else { return Ok(Some(batch)) };
        let values = exprs.iter().map(|expr| expr.evaluate(&batch)?.into_array(batch.num_rows()));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let columns = values.collect::<Result<Vec<_>>>()?;
        Ok(Some(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?))
    }
}
