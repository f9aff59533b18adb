//! `round` and `ceiling`.

use crate::Type::{Long, Real};
use crate::column::{longs, real_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

/// A real has no more significant digits than this.
const MAX_PRECISION: i64 = 300;

pub(super) static ROUND: Definition = Definition::new(
    "round",
    |args| fixed(args, &[Real, Long], 1, Real),
    |args, _, ctx| {
        let (values, precisions) = (reals(&args[0]), args.get(1).map(longs));
        real_results(result_rows(args, ctx), |row| {
            let precision = precisions.as_ref().map_or(Some(0), |column| column.get(row))?;
            Some(round(values.get(row)?, precision))
        })
    },
);

fn round(value: f64, precision: i64) -> f64 {
    let precision = i32::try_from(precision.clamp(-MAX_PRECISION, MAX_PRECISION)).unwrap_or(0);
    let scale = 10_f64.powi(precision.abs());
    let rounded = if precision < 0 { (value / scale).round() * scale } else { (value * scale).round() / scale };
    if rounded.is_finite() { rounded } else { value }
}

pub(super) static CEILING: Definition = Definition::new(
    "ceiling",
    |args| fixed(args, &[Real], 1, Real),
    |args, _, ctx| {
        let values = reals(&args[0]);
        real_results(result_rows(args, ctx), |row| values.get(row).map(f64::ceil))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value, Value::Real};

    #[test]
    fn values_are_rounded_half_away_from_zero() {
        check("round", &[Real(2.98765)], Real(3.0));
        check("round", &[Real(2.98765), Value::Long(3)], Real(2.988));
        check("round", &[Real(-2.5)], Real(-3.0));
        check("round", &[Value::Long(1234), Value::Long(-2)], Real(1200.0));
        check("round", &[Value::Null(Type::Real)], Value::Null(Type::Real));
        check("ceiling", &[Real(-1.1)], Real(-1.0));
        check("ceiling", &[Real(0.9)], Real(1.0));
        check("ceiling", &[Value::Long(0)], Real(0.0));
    }
}
