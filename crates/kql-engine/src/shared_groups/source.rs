//! Where the rows come from.

use std::sync::Arc;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
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

use super::table::Key;
use super::text_of_number::TextOfNumber;
use crate::shared_union::SharedUnionExec;
use crate::text_partners::TextPartnersExec;

/// The input of an operator. A filter directly below, or below a projection, is asked here: it would put batches together of the rows that pass,
/// and copy their texts.
#[derive(Debug)]
pub(crate) struct Source {
    rows: Arc<dyn ExecutionPlan>,
    filter: Option<Filter>,
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

/// The columns that keys, arguments and filters of an aggregation name, each as often as it is named.
fn asked_columns(whole: &AggregateExec) -> Vec<usize> {
    let keys = whole.group_expr().input_exprs();
    let arguments = whole.aggr_expr().iter().flat_map(|call| call.expressions());
    let orders = whole.aggr_expr().iter().flat_map(|call| call.order_bys().iter().map(|order| Arc::clone(&order.expr)));
    let filters = whole.filter_expr().iter().flatten().cloned();
    let exprs = keys.into_iter().chain(arguments).chain(orders).chain(filters);
    exprs.flat_map(|expr| collect_columns(&expr)).map(|column| column.index()).collect()
}

impl Source {
    /// The rows of a plan.
    pub fn of(input: &Arc<dyn ExecutionPlan>) -> Self {
        let Some((filter, projected)) = filter_below(input) else {
            return Self { rows: Arc::clone(input), filter: None };
        };
        let projection = projected.map(|projected| Projection {
            exprs: projected.expr().iter().map(|column| Arc::clone(&column.expr)).collect(),
            schema: projected.schema(),
        });
        let columns = filter.projection().as_ref().map(|columns| columns.to_vec());
        let predicate = Arc::clone(filter.predicate());
        Self { rows: Arc::clone(filter.input()), filter: Some(Filter { predicate, columns, projection }) }
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
        let mut fields = schema.fields().to_vec();
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
        self.rows.execute(partition, Arc::clone(context))
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
