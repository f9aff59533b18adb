//! The node of the logical plan.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::common::{DFSchemaRef, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};
use datafusion::physical_plan::ExecutionPlan;

use super::exec::{RowsOfLeg, SharedUnionExec};

/// The rows of several legs out of those of one input, each row once for each leg that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedUnion {
    input: LogicalPlan,
    legs: Vec<RowsOfLeg>,
    schema: DFSchemaRef,
}

impl SharedUnion {
    /// The legs over the input, in columns of that schema.
    pub fn plan(input: LogicalPlan, legs: Vec<RowsOfLeg>, schema: DFSchemaRef) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(Self { input, legs, schema }) })
    }

    /// How it is run.
    pub fn rows(&self, input: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        Arc::new(SharedUnionExec::new(Arc::clone(input), self.legs.clone(), Arc::clone(self.schema.inner())))
    }
}

impl PartialOrd for SharedUnion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl Hash for SharedUnion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.legs.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for SharedUnion {
    fn name(&self) -> &str {
        "SharedUnion"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedUnion: legs={}", self.legs.len())
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        match <[LogicalPlan; 1]>::try_from(inputs) {
            Ok([input]) => Ok(Self { input, ..self.clone() }),
            Err(_) => internal_err!("the legs of a shared union have one input"),
        }
    }
}
