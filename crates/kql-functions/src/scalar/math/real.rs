//! Functions of reals. Logarithms of negative numbers are null; other undefined results are NaN.

use std::f64::consts;

use arrow::array::ArrayRef;

use crate::Type::Real;
use crate::column::{real_results, reals, result_rows};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// Functions of one real.
pub(super) static UNARY: [Definition; 20] = [
    unary("acos", |args, _, ctx| apply(args, ctx, f64::acos)),
    unary("asin", |args, _, ctx| apply(args, ctx, f64::asin)),
    unary("atan", |args, _, ctx| apply(args, ctx, f64::atan)),
    unary("cos", |args, _, ctx| apply(args, ctx, f64::cos)),
    unary("cot", |args, _, ctx| apply(args, ctx, |x| 1.0 / x.tan())),
    unary("degrees", |args, _, ctx| apply(args, ctx, f64::to_degrees)),
    unary("exp", |args, _, ctx| apply(args, ctx, f64::exp)),
    unary("exp10", |args, _, ctx| apply(args, ctx, |x| 10_f64.powf(x))),
    unary("exp2", |args, _, ctx| apply(args, ctx, f64::exp2)),
    unary("log", |args, _, ctx| logarithm(args, ctx, f64::ln)),
    unary("log10", |args, _, ctx| logarithm(args, ctx, f64::log10)),
    unary("log2", |args, _, ctx| logarithm(args, ctx, f64::log2)),
    unary("loggamma", |args, _, ctx| logarithm(args, ctx, libm::lgamma)),
    unary("gamma", |args, _, ctx| apply(args, ctx, libm::tgamma)),
    unary("erf", |args, _, ctx| apply(args, ctx, libm::erf)),
    unary("erfc", |args, _, ctx| apply(args, ctx, libm::erfc)),
    unary("radians", |args, _, ctx| apply(args, ctx, f64::to_radians)),
    unary("sin", |args, _, ctx| apply(args, ctx, f64::sin)),
    unary("sqrt", |args, _, ctx| apply(args, ctx, f64::sqrt)),
    unary("tan", |args, _, ctx| apply(args, ctx, f64::tan)),
];

const fn unary(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Real], 1, Real), kernel)
}

fn apply(args: &[Arg], ctx: &EvalContext, f: fn(f64) -> f64) -> ArrayRef {
    let values = reals(&args[0]);
    real_results(result_rows(args, ctx), |row| values.get(row).map(f))
}

fn logarithm(args: &[Arg], ctx: &EvalContext, f: fn(f64) -> f64) -> ArrayRef {
    let values = reals(&args[0]);
    real_results(result_rows(args, ctx), |row| values.get(row).filter(|value| *value >= 0.0).map(f))
}

pub(super) static POW: Definition =
    Definition::new("pow", |args| fixed(args, &[Real, Real], 2, Real), |args, _, ctx| binary(args, ctx, f64::powf));

pub(super) static ATAN2: Definition =
    Definition::new("atan2", |args| fixed(args, &[Real, Real], 2, Real), |args, _, ctx| binary(args, ctx, f64::atan2));

fn binary(args: &[Arg], ctx: &EvalContext, f: fn(f64, f64) -> f64) -> ArrayRef {
    let (left, right) = (reals(&args[0]), reals(&args[1]));
    real_results(result_rows(args, ctx), |row| Some(f(left.get(row)?, right.get(row)?)))
}

pub(super) static PI: Definition =
    Definition::new("pi", |args| fixed(args, &[], 0, Real), |_, _, _| real_results(1, |_| Some(consts::PI)));

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value, Value::Real};

    #[test]
    fn reals_follow_the_usual_functions() {
        check("sqrt", &[Value::Long(9)], Real(3.0));
        check("sqrt", &[Real(-1.0)], Real(f64::NAN));
        check("log", &[Real(-1.0)], Value::Null(Type::Real));
        check("log", &[Real(0.0)], Real(f64::NEG_INFINITY));
        check("gamma", &[Value::Long(5)], Real(24.0));
        check("erf", &[Real(1.0)], Real(0.842_700_792_949_714_9));
        check("erfc", &[Real(0.0)], Real(1.0));
        check("log10", &[Real(1000.0)], Real(3.0));
        check("log2", &[Value::Long(8)], Real(3.0));
        check("exp2", &[Real(3.0)], Real(8.0));
        check("pow", &[Value::Long(2), Value::Long(10)], Real(1024.0));
        check("pi", &[], Real(std::f64::consts::PI));
        check("loggamma", &[Real(5.0)], Real(24_f64.ln()));
        check("sin", &[Value::Null(Type::Real)], Value::Null(Type::Real));
    }
}
