//! Functions of each element: of one series, and of two at the same places.
//!
//! What is no number gives null, as do places that only one of two series has. A number beside a series stands for
//! all places.

use arrow::array::ArrayRef;

use super::lists::SeriesRows;
use super::values::{Operand, dynamic, row_series, write_number, write_numbers};
use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::{Definition, Kernel};
use crate::dynamic::ArrayWriter;
use crate::signature::{count, refuse};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

/// `series_sin` and others: reals of any numbers.
pub(super) static UNARY: [Definition; 8] = [
    unary("series_acos", |args, _, ctx| map(args, ctx, false, |x| Some(x.acos()))),
    unary("series_asin", |args, _, ctx| map(args, ctx, false, |x| Some(x.asin()))),
    unary("series_atan", |args, _, ctx| map(args, ctx, false, |x| Some(x.atan()))),
    unary("series_cos", |args, _, ctx| map(args, ctx, false, |x| Some(x.cos()))),
    unary("series_exp", |args, _, ctx| map(args, ctx, false, |x| Some(x.exp()))),
    unary("series_log", |args, _, ctx| map(args, ctx, false, |x| (x > 0.0).then(|| x.ln()))),
    unary("series_sin", |args, _, ctx| map(args, ctx, false, |x| Some(x.sin()))),
    unary("series_tan", |args, _, ctx| map(args, ctx, false, |x| Some(x.tan()))),
];

pub(super) static SERIES_ABS: Definition = unary("series_abs", |args, _, ctx| map(args, ctx, true, |x| Some(x.abs())));
pub(super) static SERIES_CEILING: Definition =
    unary("series_ceiling", |args, _, ctx| map(args, ctx, true, |x| Some(x.ceil())));
pub(super) static SERIES_FLOOR: Definition =
    unary("series_floor", |args, _, ctx| map(args, ctx, true, |x| Some(x.floor())));
pub(super) static SERIES_SIGN: Definition =
    unary("series_sign", |args, _, ctx| map(args, ctx, true, |x| Some(if x == 0.0 { 0.0 } else { x.signum() })));

const fn unary(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(
        name,
        |args| {
            count(args, 1, 1)?;
            Ok(Resolved { parameters: vec![dynamic(args, 0)?], result: Dynamic })
        },
        kernel,
    )
    .of_series()
}

/// Whole numbers stay whole where `keeps_whole`.
fn map(args: &[Arg], ctx: &EvalContext, keeps_whole: bool, f: fn(f64) -> Option<f64>) -> ArrayRef {
    let arrays = SeriesRows::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(series) = row_series(&arrays, row) else { return false };
        write_numbers(out, series.values.iter().map(|value| value.and_then(f)), keeps_whole && series.is_whole);
        true
    })
}

/// Functions of two series.
pub(super) static BINARY: [Definition; 11] = [
    binary("series_add", |args, _, ctx| zip(args, ctx, true, |x, y| x + y)),
    binary("series_divide", |args, _, ctx| zip(args, ctx, false, |x, y| x / y)),
    binary("series_equals", |args, _, ctx| compare(args, ctx, |x, y| x == y)),
    binary("series_greater", |args, _, ctx| compare(args, ctx, |x, y| x > y)),
    binary("series_greater_equals", |args, _, ctx| compare(args, ctx, |x, y| x >= y)),
    binary("series_less", |args, _, ctx| compare(args, ctx, |x, y| x < y)),
    binary("series_less_equals", |args, _, ctx| compare(args, ctx, |x, y| x <= y)),
    binary("series_multiply", |args, _, ctx| zip(args, ctx, true, |x, y| x * y)),
    binary("series_not_equals", |args, _, ctx| compare(args, ctx, |x, y| x != y)),
    binary("series_pow", |args, _, ctx| zip(args, ctx, false, f64::powf)),
    binary("series_subtract", |args, _, ctx| zip(args, ctx, true, |x, y| x - y)),
];

const fn binary(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| resolve_pair(args, Dynamic), kernel)
}

/// Two series, or a series and a number.
pub(super) fn resolve_pair(args: &[ArgumentInfo], result: crate::Type) -> Result<Resolved, FunctionError> {
    count(args, 2, 2)?;
    for (index, arg) in args.iter().enumerate() {
        if arg.ty != Dynamic && !(arg.ty.is_numeric() && args[1 - index].ty == Dynamic) {
            return Err(refuse(index, "a dynamic array or a number beside one", arg.ty));
        }
    }
    Ok(Resolved { parameters: vec![Dynamic, Dynamic], result })
}

fn zip(args: &[Arg], ctx: &EvalContext, keeps_whole: bool, f: fn(f64, f64) -> f64) -> ArrayRef {
    pairs(args, ctx, |left, right, length, out| {
        let is_whole = keeps_whole && left.is_whole() && right.is_whole();
        write_numbers(out, (0..length).map(|at| Some(f(left.at(at)?, right.at(at)?))), is_whole);
    })
}

fn compare(args: &[Arg], ctx: &EvalContext, f: fn(f64, f64) -> bool) -> ArrayRef {
    pairs(args, ctx, |left, right, length, out| {
        let mut array = ArrayWriter::new(out);
        for at in 0..length {
            match (left.at(at), right.at(at)) {
                (Some(left), Some(right)) => array.push(if f(left, right) { "true" } else { "false" }),
                _ => write_number(array.element(), None, false),
            }
        }
        array.end();
    })
}

fn pairs(args: &[Arg], ctx: &EvalContext, write: impl Fn(&Operand, &Operand, usize, &mut String)) -> ArrayRef {
    let (lefts, rights) = (Strings::of(&args[0]), Strings::of(&args[1]));
    written_nullable(result_rows(args, ctx), |row, out| {
        let operand = |column: &Strings| column.get(row).and_then(Operand::parse);
        let (Some(left), Some(right)) = (operand(&lefts), operand(&rights)) else { return false };
        let Some(length) = left.len().max(right.len()) else { return false };
        write(&left, &right, length, out);
        true
    })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn each_element_is_mapped_and_what_is_no_number_is_null() {
        check("series_abs", &[json("[-6.5,0,8.2]")], json("[6.5,0.0,8.2]"));
        check("series_sign", &[json("[-6,0,8]")], json("[-1,0,1]"));
        check("series_ceiling", &[json("[-1.5,1,2.5]")], json("[-1.0,1.0,3.0]"));
        check("series_exp", &[json("[0,\"a\",null]")], json("[1.0,null,null]"));
        check("series_log", &[json("[1,0,-1]")], json("[0.0,null,null]"));
        check("series_cos", &[json("[0]")], json("[1.0]"));
        check("series_abs", &[json("[]")], json("[]"));
        check("series_abs", &[json("{}")], Value::Null(Type::Dynamic));
    }

    #[test]
    fn two_series_meet_place_by_place() {
        let (a, b) = (|| json("[1,2,4]"), || json("[4,2]"));
        check("series_add", &[a(), b()], json("[5,4,null]"));
        check("series_divide", &[a(), json("[4,2,0]")], json("[0.25,1.0,\"Infinity\"]"));
        check("series_pow", &[a(), Long(2)], json("[1.0,4.0,16.0]"));
        check("series_subtract", &[Long(10), a()], json("[9,8,6]"));
        check("series_greater", &[a(), Long(1)], json("[false,true,true]"));
        check("series_equals", &[a(), json("[1,null,\"4\"]")], json("[true,null,null]"));
        check("series_multiply", &[a(), json("null")], Value::Null(Type::Dynamic));
    }
}
