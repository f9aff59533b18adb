//! Stored datetimes (`Timestamp(Microsecond, "UTC")`) to ticks and back.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// Ticks from 0001-01-01 to 1970-01-01.
pub(crate) const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;
/// Ticks of a microsecond.
pub(crate) const TICKS_PER_MICROSECOND: i64 = 10;

/// The Arrow type of a stored datetime.
pub(crate) fn stored_datetime() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

/// A stored datetime literal of that many microseconds since 1970.
pub(crate) fn us_literal(microseconds: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(microseconds), Some(Arc::from("UTC"))))
}

/// The microseconds since 1970 at or before that tick.
pub(crate) fn floor_us(ticks: i64) -> i64 {
    (ticks - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_MICROSECOND)
}

/// The microseconds since 1970 at or after that tick.
pub(crate) fn ceil_us(ticks: i64) -> i64 {
    floor_us(ticks + TICKS_PER_MICROSECOND - 1)
}

/// `kql_ticks(t)` of a stored datetime.
pub(crate) fn to_ticks(expr: Expr) -> Expr {
    static UDF: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::from(TicksOfStored::new())));
    Expr::ScalarFunction(datafusion::logical_expr::expr::ScalarFunction::new_udf(Arc::clone(&UDF), vec![expr]))
}

/// Ticks since 0001-01-01 of a `Timestamp(Microsecond, "UTC")`: keeps order, and comparisons with a
/// constant become comparisons of the stored column, which files can be pruned by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TicksOfStored {
    signature: Signature,
}

impl TicksOfStored {
    /// The function.
    pub fn new() -> Self {
        Self { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl Default for TicksOfStored {
    fn default() -> Self {
        Self::new()
    }
}

/// The ticks of stored datetimes.
pub(crate) fn ticks(array: &ArrayRef) -> Result<ArrayRef> {
    let stored = cast(array, &stored_datetime())?;
    let stored = stored.as_primitive::<TimestampMicrosecondType>();
    let ticks =
        stored.unary::<_, Int64Type>(|us| us.saturating_mul(TICKS_PER_MICROSECOND).saturating_add(UNIX_EPOCH_TICKS));
    Ok(Arc::new(ticks))
}

impl ScalarUDFImpl for TicksOfStored {
    fn name(&self) -> &str {
        "kql_ticks"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match &args.args[0] {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(ticks(array)?)),
            ColumnarValue::Scalar(scalar) => {
                let array = ticks(&scalar.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
            }
        }
    }

    fn preimage(&self, args: &[Expr], literal: &Expr, _: &SimplifyContext) -> Result<PreimageResult> {
        let (Expr::Literal(ScalarValue::Int64(Some(ticks)), _), [column]) = (literal, args) else {
            return Ok(PreimageResult::None);
        };
        // The values that give this tick are `[lower, upper)`: one microsecond, or none between two.
        let lower = ceil_us(*ticks);
        let upper = floor_us(*ticks) + 1;
        let bound = |us| ScalarValue::TimestampMicrosecond(Some(us), Some(Arc::from("UTC")));
        Ok(PreimageResult::Range {
            expr: column.clone(),
            interval: Box::new(Interval::try_new(bound(lower), bound(upper))?),
        })
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        Ok(inputs.first().map_or(SortProperties::Unordered, |input| input.sort_properties))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_rounded_towards_the_question() {
        let epoch = UNIX_EPOCH_TICKS;
        assert_eq!((floor_us(epoch + 19), ceil_us(epoch + 19)), (1, 2));
        assert_eq!((floor_us(epoch + 20), ceil_us(epoch + 20)), (2, 2));
        assert_eq!((floor_us(epoch - 1), ceil_us(epoch - 1)), (-1, 0));
    }
}
