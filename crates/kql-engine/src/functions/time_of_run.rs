//! The time of the run as a function, for physical plans that are made once and run at many times.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// What the function is called in plans.
const NAME: &str = "time_of_run";

/// The time (ticks) at which a plan runs. Whoever sets it must be alone with the plan, and the plan cannot travel: that is so for
/// plans over the rows of windows, which stay in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeOfRun(Arc<AtomicI64>);

impl TimeOfRun {
    /// The plan that has it runs at this time (ticks) from now on.
    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::Release);
    }

    /// What the time is in plans.
    pub fn expr(&self) -> Expr {
        let function = TimeFunction { time: self.clone(), signature: Signature::nullary(Volatility::Volatile) };
        ScalarUDF::from(function).call(Vec::new())
    }
}

/// Volatile, so that no rule takes the time for a constant.
#[derive(Debug)]
struct TimeFunction {
    time: TimeOfRun,
    signature: Signature,
}

impl PartialEq for TimeFunction {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.time.0, &other.time.0)
    }
}

impl Eq for TimeFunction {}

impl Hash for TimeFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.time.0).hash(state);
    }
}

impl ScalarUDFImpl for TimeFunction {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(NAME, DataType::Int64, false)))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::Int64(Some(self.time.0.load(Ordering::Acquire)))))
    }
}
