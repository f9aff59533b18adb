//! KQL's operators as functions of a plan, each described by plain data.

use std::cell::Cell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::arithmetic::{ArithmeticOp, arithmetic, negate};
use kql_functions::compare::{CompareOp, compare};
use kql_functions::convert;
use kql_functions::dynamic::{Kind, get_index, get_key, kind};
use kql_functions::string_ops::{StringOp, TextSearches};
use kql_functions::{Arg, DistinctTexts, Type};

use serde::{Deserialize, Serialize};

use super::kql_scalar::{columnar, kernel_arg};
use super::ticks::{UNIX_EPOCH_TICKS, stored_datetime};

/// An operator with the types of its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kernel {
    /// A conversion; what does not convert is null.
    Cast {
        /// Type of the operand.
        from: Type,
        /// Type of the result.
        to: Type,
    },
    /// A comparison with KQL's rules for null and NaN.
    Compare {
        /// Which.
        op: CompareOp,
        /// Type of both operands.
        ty: Type,
    },
    /// `+ - * / %`.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// Type of the left operand.
        left: Type,
        /// Type of the right operand.
        right: Type,
        /// Type of the result.
        result: Type,
    },
    /// Unary minus.
    Negate {
        /// Type of operand and result.
        ty: Type,
    },
    /// `has`, `contains`, `=~`, `has_any`, …
    Text {
        /// Which.
        op: StringOp,
    },
    /// `bin` of a stored datetime into whole microseconds, counted from 0001-01-01.
    BinStored {
        /// Size of a bin in microseconds, at least 1.
        microseconds: i64,
    },
    /// A dynamic as another type, where it is of that kind: a string is not read as a number.
    Conform {
        /// Type of the result.
        to: Type,
    },
    /// `a[i]` with an index or key that depends on the row.
    Element {
        /// Long or string.
        by: Type,
    },
}

impl Kernel {
    /// The call as a plan expression.
    pub fn call(self, args: Vec<Expr>) -> Expr {
        ScalarUDF::from(KernelUdf::new(self)).call(args)
    }

    fn name(self) -> &'static str {
        match self {
            Kernel::Cast { .. } => "kql_cast",
            Kernel::Compare { .. } => "kql_compare",
            Kernel::Arithmetic { .. } => "kql_arithmetic",
            Kernel::Negate { .. } => "kql_negate",
            Kernel::Text { .. } => "kql_text",
            Kernel::BinStored { .. } => "kql_bin_stored",
            Kernel::Conform { .. } => "kql_conform",
            Kernel::Element { .. } => "kql_element",
        }
    }

    fn result(self) -> DataType {
        match self {
            Kernel::Cast { to, .. } | Kernel::Conform { to } => to.arrow(),
            Kernel::Compare { .. } | Kernel::Text { .. } => DataType::Boolean,
            Kernel::Arithmetic { result, .. } => result.arrow(),
            Kernel::Negate { ty } => ty.arrow(),
            Kernel::BinStored { .. } => stored_datetime(),
            Kernel::Element { .. } => DataType::Utf8View,
        }
    }

    fn parameters(self) -> Vec<Type> {
        match self {
            Kernel::Cast { from, .. } => vec![from],
            Kernel::Compare { ty, .. } => vec![ty, ty],
            Kernel::Arithmetic { left, right, .. } => vec![left, right],
            Kernel::Negate { ty } => vec![ty],
            Kernel::Text { .. } => vec![Type::String, Type::String],
            Kernel::BinStored { .. } => vec![],
            Kernel::Conform { .. } => vec![Type::Dynamic],
            Kernel::Element { by } => vec![Type::Dynamic, by],
        }
    }

    fn eval(self, args: &[Arg], rows: usize, searches: &TextSearches) -> ArrayRef {
        match (self, args) {
            (Kernel::Cast { from, to }, [Arg::Array(array) | Arg::Scalar(array)]) => cast_repeating(array, from, to),
            (Kernel::Compare { op, ty }, [left, right]) => Arc::new(compare(op, left, right, ty, rows)),
            (Kernel::Arithmetic { op, left, right, .. }, [a, b]) => arithmetic(op, (a, left), (b, right), rows),
            (Kernel::Negate { ty }, [arg]) => negate(arg, ty, rows),
            (Kernel::Text { op }, [left, right]) => Arc::new(searches.eval(op, left, right, rows, true)),
            (Kernel::Conform { to }, [Arg::Array(array) | Arg::Scalar(array)]) => conform(array, to),
            (Kernel::Element { by }, [bag, key]) => element(bag, key, by, rows),
            _ => arrow::array::new_null_array(&self.result(), rows),
        }
    }
}

/// A [`Kernel`] as a function of a plan.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KernelUdf {
    kernel: Kernel,
    /// What text operators keep between batches; it never changes an answer.
    searches: TextSearches,
    signature: Signature,
}

impl KernelUdf {
    /// The function.
    pub fn new(kernel: Kernel) -> Self {
        Self { kernel, searches: TextSearches::default(), signature: Signature::variadic_any(Volatility::Immutable) }
    }

    /// What it does.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
}

impl ScalarUDFImpl for KernelUdf {
    fn name(&self) -> &str {
        self.kernel.name()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("{:?}({})", self.kernel, args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kernel.result())
    }

    /// Comparisons of a bin with a constant become comparisons of the stored column, which files can be pruned by.
    fn preimage(&self, args: &[Expr], literal: &Expr, _: &SimplifyContext) -> Result<PreimageResult> {
        let (
            Kernel::BinStored { microseconds },
            Expr::Literal(ScalarValue::TimestampMicrosecond(Some(bound), _), _),
            [column],
        ) = (self.kernel, literal, args)
        else {
            return Ok(PreimageResult::None);
        };
        let Some((lower, upper)) = bin_bounds(*bound, microseconds) else { return Ok(PreimageResult::None) };
        let time = |us| ScalarValue::TimestampMicrosecond(Some(us), Some(Arc::from("UTC")));
        let interval = Box::new(Interval::try_new(time(lower), time(upper))?);
        Ok(PreimageResult::Range { expr: column.clone(), interval })
    }

    /// What is read of a document close to the table is converted there, where the table may keep it in that form.
    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        match (self.kernel, args) {
            (Kernel::Cast { from: Type::Dynamic, .. }, [ExpressionPlacement::MoveTowardsLeafNodes]) => {
                ExpressionPlacement::MoveTowardsLeafNodes
            }
            _ => ExpressionPlacement::KeepInPlace,
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Kernel::BinStored { microseconds } = self.kernel {
            return bin_stored(&args.args[0], microseconds);
        }
        let all_scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let kernel_args = args
            .args
            .iter()
            .zip(self.kernel.parameters())
            .map(|(arg, ty)| kernel_arg(arg, ty))
            .collect::<Result<Vec<Arg>>>()?;
        let rows = if all_scalar { 1 } else { args.number_rows };
        let result = self.kernel.eval(&kernel_args, rows, &self.searches);
        let is_text =
            matches!(self.kernel, Kernel::Cast { to: Type::String, .. } | Kernel::Conform { to: Type::String });
        let ty = if is_text { Type::String } else { Type::Dynamic };
        columnar(result, ty, all_scalar, args.number_rows)
    }
}

/// Microseconds from 0001-01-01 to 1970-01-01.
const UNIX_EPOCH_MICROSECONDS: i64 = UNIX_EPOCH_TICKS / super::ticks::TICKS_PER_MICROSECOND;

/// The times of the bin that begins at `bound`, `[lower, upper)`; none, at the beginning of the next bin, where no bin begins there.
fn bin_bounds(bound: i64, size: i64) -> Option<(i64, i64)> {
    let since_year_one = bound.checked_add(UNIX_EPOCH_MICROSECONDS)?;
    let start = since_year_one.checked_sub(since_year_one.rem_euclid(size))?.checked_sub(UNIX_EPOCH_MICROSECONDS)?;
    let end = start.checked_add(size)?;
    Some((if start == bound { start } else { end }, end))
}

fn bin_stored(arg: &ColumnarValue, size: i64) -> Result<ColumnarValue> {
    let bin = |array: &ArrayRef| -> Result<ArrayRef> {
        let stored = arrow_cast(array, &stored_datetime())?;
        let start = |us: i64| {
            let since_year_one = us.saturating_add(UNIX_EPOCH_MICROSECONDS);
            since_year_one - since_year_one.rem_euclid(size) - UNIX_EPOCH_MICROSECONDS
        };
        // Rows come mostly in the order of time, so that the bin is that of the row before: no division.
        let last = Cell::new(start(0));
        let binned = stored.as_primitive::<TimestampMicrosecondType>().unary::<_, TimestampMicrosecondType>(|us| {
            if !us.checked_sub(last.get()).is_some_and(|since| (0..size).contains(&since)) {
                last.set(start(us));
            }
            last.get()
        });
        Ok(Arc::new(binned.with_timezone("UTC")))
    };
    match arg {
        ColumnarValue::Array(array) => Ok(ColumnarValue::Array(bin(array)?)),
        ColumnarValue::Scalar(scalar) => {
            let array = bin(&scalar.to_array()?)?;
            Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
        }
    }
}

/// Texts that come again are converted once.
fn cast_repeating(array: &ArrayRef, from: Type, to: Type) -> ArrayRef {
    let distinct = array.as_string_view_opt().and_then(DistinctTexts::of);
    let once = distinct.as_ref().and_then(|distinct| {
        let converted = convert::cast(&distinct.gather(array).ok()?, from, to);
        distinct.spread(&converted).ok()
    });
    once.unwrap_or_else(|| convert::cast(array, from, to))
}

/// What [`Kernel::Conform`] computes.
pub(super) fn conform(array: &ArrayRef, to: Type) -> ArrayRef {
    let wanted = match to {
        Type::Bool => Kind::Bool,
        ty if ty.is_numeric() => Kind::Number,
        _ => return convert::cast(array, Type::Dynamic, to),
    };
    let kept: StringViewArray =
        array.as_string_view().iter().map(|json| json.filter(|json| kind(json) == wanted)).collect();
    convert::cast(&(Arc::new(kept) as ArrayRef), Type::Dynamic, to)
}

fn element(bag: &Arg, key: &Arg, by: Type, rows: usize) -> ArrayRef {
    let at = |arg: &Arg, row: usize| match arg {
        Arg::Array(array) => (Arc::clone(array), row),
        Arg::Scalar(array) => (Arc::clone(array), 0),
    };
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        let (bags, bag_row) = at(bag, row);
        let (keys, key_row) = at(key, row);
        if bags.is_null(bag_row) || keys.is_null(key_row) {
            builder.append_null();
            continue;
        }
        let json = bags.as_string_view().value(bag_row);
        let found = if by == Type::String {
            get_key(json, keys.as_string_view().value(key_row))
        } else {
            get_index(json, keys.as_primitive::<Int64Type>().value(key_row))
        };
        builder.append_option(found.filter(|value| *value != "null"));
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::TimestampMicrosecondArray;

    #[test]
    fn a_bin_has_the_times_between_its_beginning_and_the_next() {
        let hour = 3_600_000_000;
        assert_eq!(bin_bounds(hour, hour), Some((hour, 2 * hour)));
        assert_eq!(bin_bounds(hour + 1, hour), Some((2 * hour, 2 * hour)));
        assert_eq!(bin_bounds(-1, hour), Some((0, 0)));
        assert_eq!(bin_bounds(i64::MAX, hour), None);
    }

    #[test]
    fn bins_do_not_depend_on_the_order_of_times() {
        let size = 3_600_000_000;
        let mut times: Vec<i64> = (-50..50).map(|step: i64| step * 1_234_567_891 % 98_765_432_100).collect();
        times.extend([0, -1, 1, size, size - 1, -size, -size - 1, -UNIX_EPOCH_MICROSECONDS, 253_402_300_799_999_999]);
        for is_sorted in [false, true] {
            if is_sorted {
                times.sort_unstable();
            }
            let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(times.clone()).with_timezone("UTC"));
            let Ok(ColumnarValue::Array(binned)) = bin_stored(&ColumnarValue::Array(array), size) else {
                panic!("an array gives an array")
            };
            let binned = binned.as_primitive::<TimestampMicrosecondType>().values().to_vec();
            let expected: Vec<i64> = times
                .iter()
                .map(|time| (time + UNIX_EPOCH_MICROSECONDS).div_euclid(size) * size - UNIX_EPOCH_MICROSECONDS)
                .collect();
            assert_eq!(binned, expected);
        }
    }
}
