//! `binary_and` and its kin. Shifts go by the amount modulo 64; a negative amount gives null.

use arrow::array::ArrayRef;

use crate::Type::Long;
use crate::column::{long_results, longs, result_rows};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static BINARY_AND: Definition = two("binary_and", |args, _, ctx| apply(args, ctx, |a, b| Some(a & b)));
pub(super) static BINARY_OR: Definition = two("binary_or", |args, _, ctx| apply(args, ctx, |a, b| Some(a | b)));
pub(super) static BINARY_XOR: Definition = two("binary_xor", |args, _, ctx| apply(args, ctx, |a, b| Some(a ^ b)));
pub(super) static BINARY_SHIFT_LEFT: Definition =
    two("binary_shift_left", |args, _, ctx| apply(args, ctx, |a, b| Some(a.wrapping_shl(amount(b)?))));
pub(super) static BINARY_SHIFT_RIGHT: Definition =
    two("binary_shift_right", |args, _, ctx| apply(args, ctx, |a, b| Some(a.wrapping_shr(amount(b)?))));

pub(super) static BINARY_NOT: Definition = one("binary_not", |args, _, ctx| {
    let values = longs(&args[0]);
    long_results(result_rows(args, ctx), |row| values.get(row).map(|value| !value))
});

pub(super) static BITSET_COUNT_ONES: Definition = one("bitset_count_ones", |args, _, ctx| {
    let values = longs(&args[0]);
    long_results(result_rows(args, ctx), |row| values.get(row).map(|value| value.count_ones().into()))
});

const fn one(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Long], 1, Long), kernel)
}

const fn two(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Long, Long], 2, Long), kernel)
}

fn apply(args: &[Arg], ctx: &EvalContext, f: fn(i64, i64) -> Option<i64>) -> ArrayRef {
    let (left, right) = (longs(&args[0]), longs(&args[1]));
    long_results(result_rows(args, ctx), |row| f(left.get(row)?, right.get(row)?))
}

fn amount(places: i64) -> Option<u32> {
    u32::try_from(places).ok().map(|places| places % 64)
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value, Value::Long};

    #[test]
    fn bits_are_combined_and_moved() {
        check("binary_and", &[Long(12), Long(10)], Long(8));
        check("binary_or", &[Long(12), Value::Int(10)], Long(14));
        check("binary_xor", &[Long(12), Long(10)], Long(6));
        check("binary_not", &[Long(100)], Long(-101));
        check("binary_shift_left", &[Long(1), Long(65)], Long(2));
        check("binary_shift_right", &[Long(8), Long(2)], Long(2));
        check("binary_shift_left", &[Long(1), Long(-1)], Value::Null(Type::Long));
        check("bitset_count_ones", &[Long(42)], Long(3));
        check("binary_and", &[Long(1), Value::Null(Type::Long)], Value::Null(Type::Long));
    }
}
