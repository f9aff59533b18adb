//! `binary_all_and`, `binary_all_or` and `binary_all_xor`.

use arrow::datatypes::{DataType, Int64Type};

use super::definition::Aggregate;
use super::fold::Fold;
use crate::Type::Long;
use crate::signature::fixed;

pub(super) static BINARY_ALL_AND: Aggregate = Aggregate::new(
    "binary_all_and",
    |args| fixed(args, &[Long], 1, Long),
    |_, _| Fold::<Int64Type>::boxed(DataType::Int64, None, |a, b| a & b),
    |_| vec![DataType::Int64],
);

pub(super) static BINARY_ALL_OR: Aggregate = Aggregate::new(
    "binary_all_or",
    |args| fixed(args, &[Long], 1, Long),
    |_, _| Fold::<Int64Type>::boxed(DataType::Int64, None, |a, b| a | b),
    |_| vec![DataType::Int64],
);

pub(super) static BINARY_ALL_XOR: Aggregate = Aggregate::new(
    "binary_all_xor",
    |args| fixed(args, &[Long], 1, Long),
    |_, _| Fold::<Int64Type>::boxed(DataType::Int64, None, |a, b| a ^ b),
    |_| vec![DataType::Int64],
);
