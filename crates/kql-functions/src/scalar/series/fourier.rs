//! `series_fft` and `series_ifft`.

use super::transform::{Complex, transform};
use super::values::{parameters, row_numbers, write_numbers, write_results};
use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::{Definition, Kernel};
use crate::{Arg, EvalContext, Resolved, Type};
use arrow::array::ArrayRef;

const PARTS: &[(&str, Type)] = &[("real", Dynamic), ("imag", Dynamic)];

pub(super) static SERIES_FFT: Definition =
    definition("series_fft", |args, _, ctx| transformed(args, ctx, false)).results(PARTS);
pub(super) static SERIES_IFFT: Definition =
    definition("series_ifft", |args, _, ctx| transformed(args, ctx, true)).results(PARTS);

const fn definition(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| Ok(Resolved { parameters: parameters(args, 2, &[], 1)?, result: Dynamic }), kernel)
}

fn transformed(args: &[Arg], ctx: &EvalContext, is_inverse: bool) -> ArrayRef {
    let (reals, imaginaries) = (Strings::of(&args[0]), args.get(1).map(Strings::of));
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(real) = row_numbers(&reals, row) else { return false };
        let imaginary = match &imaginaries {
            None => vec![0.0; real.len()],
            Some(column) => match row_numbers(column, row) {
                Some(imaginary) if imaginary.len() == real.len() => imaginary,
                _ => return false,
            },
        };
        let values: Vec<Complex> = real.into_iter().zip(imaginary).collect();
        let result = transform(&values, is_inverse);
        write_results(ctx, out, 2, |part, out| {
            write_numbers(out, result.iter().map(|value| Some(if part == 0 { value.0 } else { value.1 })), false);
        });
        true
    })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value};

    #[test]
    fn both_parts_are_given() {
        check("series_fft", &[json("[1,1]")], json("[[2.0,0.0],[0.0,0.0]]"));
        check("series_ifft", &[json("[2,0]"), json("[0,0]")], json("[[1.0,1.0],[0.0,0.0]]"));
        check("series_fft", &[json("[1,1]"), json("[1]")], Value::Null(Type::Dynamic));
        check("series_fft", &[json("[1,null]")], Value::Null(Type::Dynamic));
    }
}
