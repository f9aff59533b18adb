//! The operator of a physical plan.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, UInt32Type};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{HashSet, JoinType, NullEquality, Statistics, internal_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
    SendableRecordBatchStream, StatisticsArgs,
};
use futures::future::ready;
use futures::{StreamExt, TryStreamExt, stream};
use kql_functions::keys::{TextMembers, TextSet};
use tokio::sync::OnceCell;

use crate::shared_groups::Source;

/// See the module.
#[derive(Debug)]
pub(crate) struct TextPartnersExec {
    /// The join that it stands for: gives the rows of its right side.
    join: Arc<dyn ExecutionPlan>,
    given: Given,
    /// The texts of the left side, once one partition has gathered them.
    texts: Arc<OnceCell<Arc<Texts>>>,
}

/// The parts of the join.
#[derive(Debug, Clone)]
struct Given {
    left: Arc<dyn ExecutionPlan>,
    left_text: Arc<dyn PhysicalExpr>,
    right: Arc<dyn ExecutionPlan>,
    right_text: Arc<dyn PhysicalExpr>,
    /// Null is a partner of null.
    null_is_text: bool,
}

/// The texts, and the memory that they take as long as anybody has them.
#[derive(Debug)]
struct Texts {
    set: Arc<TextSet>,
    _memory: MemoryReservation,
}

impl TextPartnersExec {
    /// The operator for a semi join; nothing for one that asks for more than a text, or spreads both sides.
    pub fn of_join(join: &HashJoinExec, node: &Arc<dyn ExecutionPlan>) -> Result<Option<Self>> {
        let is_plain = *join.join_type() == JoinType::RightSemi
            && *join.partition_mode() == PartitionMode::CollectLeft
            && join.filter().is_none()
            && !join.contains_projection()
            && !join.null_aware
            && join.fetch().is_none();
        let [(left_text, right_text)] = join.on() else { return Ok(None) };
        let (left, right) = (join.left(), join.right());
        let types = [left_text.data_type(&left.schema())?, right_text.data_type(&right.schema())?];
        if !is_plain || types != [DataType::Utf8View, DataType::Utf8View] {
            return Ok(None);
        }
        let given = Given {
            left: Arc::clone(left),
            left_text: Arc::clone(left_text),
            right: Arc::clone(right),
            right_text: Arc::clone(right_text),
            null_is_text: join.null_equality() == NullEquality::NullEqualsNull,
        };
        Ok(Some(Self { join: Arc::clone(node), given, texts: Arc::default() }))
    }

    /// The join without its inputs, in the form of a node that has a wire format.
    pub fn bare(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let empty = self.join.children().into_iter().map(|input| Arc::new(EmptyExec::new(input.schema())) as _);
        over(&self.join, empty.collect())
    }

    /// The operator over inputs, from [`Self::bare`].
    pub fn of_bare(bare: &Arc<dyn ExecutionPlan>, inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Self> {
        Self::of_node(&over(bare, inputs.to_vec())?)
    }

    /// The rows of a partition of the right side, which comes from that source, that have a partner.
    pub fn execute_over(
        &self,
        source: Arc<Source>,
        partition: usize,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = source.execute(partition, context)?;
        let (given, texts, context) = (self.given.clone(), Arc::clone(&self.texts), Arc::clone(context));
        let partners = async move {
            let texts = Arc::clone(texts.get_or_try_init(|| given.texts(&context)).await?);
            let memory = MemoryConsumer::new("TextPartnersExec").register(context.memory_pool());
            let mut members = TextMembers::of(Arc::clone(&texts.set));
            let partners = rows.try_filter_map(move |batch| {
                let partners = source.passing(batch).and_then(|passing| match passing {
                    Some(batch) => given.partners(&batch, &mut members),
                    None => Ok(None),
                });
                // The texts stay as long as they are looked for.
                let grown = memory.try_resize(members.size()).map(|()| &texts);
                ready(partners.and_then(|partners| grown.map(|_| partners)))
            });
            Ok::<_, DataFusionError>(partners)
        };
        let schema = self.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::once(partners).try_flatten())))
    }

    /// The right side with those of these texts as keys that its scan can give so. The text that looks for a partner is one of them where it is a
    /// column.
    pub fn source_with_texts_as_keys(&self, columns: &[usize], context: &Arc<TaskContext>) -> Result<Source> {
        let sought = &self.given.right_text;
        let is_column = sought.downcast_ref::<Column>().is_some();
        let asked = if is_column { HashSet::new() } else { collect_columns(sought) };
        let free = columns.iter().copied().filter(|at| asked.iter().all(|column| column.index() != *at));
        Source::of(&self.given.right).with_texts_as_keys(&free.collect::<Vec<_>>(), context)
    }

    /// The operator again, which gathers no texts anew.
    pub fn same(&self) -> Self {
        Self { join: Arc::clone(&self.join), given: self.given.clone(), texts: Arc::clone(&self.texts) }
    }

    fn of_node(node: &Arc<dyn ExecutionPlan>) -> Result<Self> {
        match node.downcast_ref::<HashJoinExec>().map(|join| Self::of_join(join, node)).transpose()?.flatten() {
            Some(partners) => Ok(partners),
            None => internal_err!("plan holds the node `{}` where a semi join by a text is needed", node.name()),
        }
    }
}

/// The same join of other rows.
fn over(join: &Arc<dyn ExecutionPlan>, inputs: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    Arc::clone(join).replace_children(inputs, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
}

impl Given {
    async fn texts(&self, context: &Arc<TaskContext>) -> Result<Arc<Texts>> {
        let memory = MemoryConsumer::new("TextPartnersExec").register(context.memory_pool());
        let mut batches = self.left.execute(0, Arc::clone(context))?;
        let mut set = TextSet::default();
        while let Some(batch) = batches.next().await.transpose()? {
            let texts = self.left_text.evaluate(&batch)?.into_array(batch.num_rows())?;
            let Some(texts) = texts.as_string_view_opt() else { return internal_err!("a partner is no text") };
            set.add(texts);
            memory.try_resize(set.size())?;
        }
        Ok(Arc::new(Texts { set: Arc::new(set), _memory: memory }))
    }

    /// The rows of a batch that have a partner; `None` where there is none.
    fn partners(&self, batch: &RecordBatch, members: &mut TextMembers) -> Result<Option<RecordBatch>> {
        let texts = self.right_text.evaluate(batch)?.into_array(batch.num_rows())?;
        let mut found = match (texts.as_string_view_opt(), texts.as_dictionary_opt::<UInt32Type>()) {
            (Some(texts), _) => members.find(texts),
            (None, Some(keyed)) => members.find_keyed(keyed)?,
            (None, None) => return internal_err!("what looks for a partner is no text"),
        };
        if let Some(valid) = texts.logical_nulls().filter(|_| !self.null_is_text) {
            found = &found & valid.inner();
        }
        let found = BooleanArray::new(found, None);
        match found.true_count() {
            0 => Ok(None),
            all if all == batch.num_rows() => Ok(Some(batch.clone())),
            _ => Ok(Some(filter_record_batch(batch, &found)?)),
        }
    }
}

impl DisplayAs for TextPartnersExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextPartnersExec: {} in {}", self.given.right_text, self.given.left_text)
    }
}

impl ExecutionPlan for TextPartnersExec {
    fn name(&self) -> &str {
        "TextPartnersExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.join.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.join.children()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        self.join.input_distribution_requirements()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false, true]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(f)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::of_node(&over(&self.join, children)?)?))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { join: Arc::clone(&self.join), given: self.given.clone(), texts: Arc::default() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.execute_over(Arc::new(Source::of(&self.given.right)), partition, &context)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.join.child_stats_requests(partition)
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        self.join.statistics_from_inputs(inputs, args)
    }
}
