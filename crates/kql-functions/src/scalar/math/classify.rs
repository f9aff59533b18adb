//! `isnan`, `isinf` and `isfinite`.

use arrow::array::ArrayRef;

use crate::Type::{Bool, Real};
use crate::column::{bool_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static ISNAN: Definition =
    Definition::new("isnan", |args| fixed(args, &[Real], 1, Bool), |args, _, ctx| test(args, ctx, f64::is_nan));
pub(super) static ISINF: Definition =
    Definition::new("isinf", |args| fixed(args, &[Real], 1, Bool), |args, _, ctx| test(args, ctx, f64::is_infinite));
pub(super) static ISFINITE: Definition =
    Definition::new("isfinite", |args| fixed(args, &[Real], 1, Bool), |args, _, ctx| test(args, ctx, f64::is_finite));

fn test(args: &[Arg], ctx: &EvalContext, f: fn(f64) -> bool) -> ArrayRef {
    let values = reals(&args[0]);
    bool_results(result_rows(args, ctx), |row| values.get(row).map(f))
}

#[cfg(test)]
mod tests {
    use crate::Value::{Bool, Real};
    use crate::scalar::testing::check;

    #[test]
    fn reals_are_classified() {
        check("isnan", &[Real(f64::NAN)], Bool(true));
        check("isinf", &[Real(f64::NEG_INFINITY)], Bool(true));
        check("isfinite", &[Real(f64::NAN)], Bool(false));
        check("isfinite", &[Real(1.0)], Bool(true));
    }
}
