//! `sum`: of whole numbers wraps; of no values is 0.

use arrow::datatypes::{Decimal128Type, Float64Type, Int64Type};

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::fold::Fold;
use crate::signature::refuse;
use crate::{ArgumentInfo, FunctionError, Resolved, Type, signature};

pub(super) static SUM: Aggregate = Aggregate::new(
    "sum",
    resolve,
    |_, resolved| {
        let ty = resolved.result.arrow();
        match resolved.result {
            Type::Real => Fold::<Float64Type>::boxed(ty, Some(0.0), |a, b| a + b),
            Type::Decimal => Fold::<Decimal128Type>::boxed(ty, Some(0), i128::wrapping_add),
            _ => Fold::<Int64Type>::boxed(ty, Some(0), i64::wrapping_add),
        }
    },
    |resolved| vec![resolved.result.arrow()],
);

pub(super) static SUMIF: Conditional = Conditional::new("sumif", &SUM, 1);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    let ty = match args[0].ty {
        Type::Int | Type::Long => Type::Long,
        ty @ (Type::Real | Type::Decimal | Type::TimeSpan) => ty,
        found => return Err(refuse(0, "a number or timespan", found)),
    };
    Ok(Resolved { parameters: vec![ty], result: ty })
}
