//! `abs` and `sign`.

use crate::column::{decimal_results, decimals, long_results, longs, real_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::{fixed, refuse};
use crate::{ArgumentInfo, FunctionError, Resolved, Type, signature};

pub(super) static ABS: Definition = Definition::new("abs", resolve_abs, |args, resolved, ctx| {
    let rows = result_rows(args, ctx);
    match resolved.result {
        Type::Real => {
            let values = reals(&args[0]);
            real_results(rows, |row| values.get(row).map(f64::abs))
        }
        Type::Decimal => {
            let values = decimals(&args[0]);
            decimal_results(rows, |row| values.get(row).map(i128::abs))
        }
        _ => {
            let values = longs(&args[0]);
            long_results(rows, |row| values.get(row).map(i64::wrapping_abs))
        }
    }
});

fn resolve_abs(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    let ty = match args[0].ty {
        Type::Int => Type::Long,
        ty if ty.is_numeric() || ty == Type::TimeSpan => ty,
        found => return Err(refuse(0, "a number or timespan", found)),
    };
    Ok(Resolved { parameters: vec![ty], result: ty })
}

pub(super) static SIGN: Definition = Definition::new(
    "sign",
    |args| fixed(args, &[Type::Real], 1, Type::Real),
    |args, _, ctx| {
        let values = reals(&args[0]);
        let sign = |value: f64| if value == 0.0 { 0.0 } else { value.signum() };
        real_results(result_rows(args, ctx), |row| values.get(row).map(sign))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, span};
    use crate::{Value, Value::Real};

    #[test]
    fn signs_are_dropped_or_told() {
        check("abs", &[Value::Long(-5)], Value::Long(5));
        check("abs", &[Value::Int(i32::MIN)], Value::Long(2_147_483_648));
        check("abs", &[Real(-0.5)], Real(0.5));
        check("abs", &[span("-1h")], span("1h"));
        check("sign", &[Real(-42.0)], Real(-1.0));
        check("sign", &[Value::Long(0)], Real(0.0));
    }
}
