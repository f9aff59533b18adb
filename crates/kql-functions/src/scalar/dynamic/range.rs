//! `range` as a function and `repeat`: arrays made from numbers, times or one value.

use arrow::array::ArrayRef;

use crate::Type::{DateTime, Dynamic, Long, Real, TimeSpan};
use crate::column::{Strings, longs, reals, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, write_value};
use crate::signature::{accept, any, fixed, refuse, wider};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, Value, signature};

/// Most elements that Kusto puts in an array.
const MAX_ELEMENTS: usize = 1_048_576;

pub(super) static RANGE: Definition = Definition::new("range", resolve, |args, resolved, ctx| {
    if resolved.parameters[0] == Real { real_range(args, ctx) } else { whole_range(args, resolved, ctx) }
});

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 2, 3)?;
    let (first, step) = match (args[0].ty, args[1].ty) {
        (DateTime, _) => (DateTime, TimeSpan),
        (TimeSpan, _) => (TimeSpan, TimeSpan),
        (left, right) => {
            let wide = wider(left, right).ok_or_else(|| refuse(0, "a number, datetime or timespan", left))?;
            let wide = args.get(2).map_or(Some(wide), |step| wider(wide, step.ty)).unwrap_or(wide);
            let ty = if matches!(wide, Type::Int | Long) { Long } else { Real };
            (ty, ty)
        }
    };
    let mut parameters = vec![accept(0, args[0].ty, first)?, accept(1, args[1].ty, first)?];
    if let Some(arg) = args.get(2) {
        parameters.push(accept(2, arg.ty, step)?);
    }
    Ok(Resolved { parameters, result: Dynamic })
}

fn whole_range(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let ty = resolved.parameters[0];
    let (starts, ends, steps) = (longs(&args[0]), longs(&args[1]), args.get(2).map(longs));
    let default = if ty == Long { 1 } else { crate::datetime::TICKS_PER_HOUR };
    written_nullable(result_rows(args, ctx), |row, out| {
        let step = steps.as_ref().map_or(Some(default), |steps| steps.get(row));
        let (Some(start), Some(end), Some(step)) = (starts.get(row), ends.get(row), step) else { return false };
        let next = move |value: &i64| value.checked_add(step);
        let is_inside = move |value: &i64| if step > 0 { *value <= end } else { step < 0 && *value >= end };
        let values = std::iter::successors(Some(start), next).take_while(is_inside);
        write_all(
            out,
            values.map(|value| match ty {
                DateTime => Value::DateTime(value),
                TimeSpan => Value::TimeSpan(value),
                _ => Value::Long(value),
            }),
        )
    })
}

fn real_range(args: &[Arg], ctx: &EvalContext) -> ArrayRef {
    let (starts, ends, steps) = (reals(&args[0]), reals(&args[1]), args.get(2).map(reals));
    written_nullable(result_rows(args, ctx), |row, out| {
        let step = steps.as_ref().map_or(Some(1.0), |steps| steps.get(row));
        let (Some(start), Some(end), Some(step)) = (starts.get(row), ends.get(row), step) else { return false };
        let is_inside = move |value: &f64| if step > 0.0 { *value <= end } else { step < 0.0 && *value >= end };
        let values = (0..u32::MAX).map(move |index| start + f64::from(index) * step).take_while(is_inside);
        write_all(out, values.map(Value::Real))
    })
}

fn write_all(out: &mut String, values: impl Iterator<Item = Value>) -> bool {
    let mut array = ArrayWriter::new(out);
    values.take(MAX_ELEMENTS).for_each(|value| write_value(array.element(), &value));
    array.end();
    true
}

pub(super) static REPEAT: Definition = Definition::new(
    "repeat",
    |args| fixed(&any(args, &[0]), &[Dynamic, Long], 2, Dynamic),
    |args, _, ctx| {
        let (values, counts) = (Strings::of(&args[0]), longs(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(count) = counts.get(row).and_then(|count| usize::try_from(count).ok()) else { return false };
            let value = values.get(row).unwrap_or("null");
            let mut array = ArrayWriter::new(out);
            (0..count.min(MAX_ELEMENTS)).for_each(|_| array.push(value));
            array.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, span, text, time};
    use crate::{Type, Value, Value::Long, Value::Real};

    #[test]
    fn ranges_include_their_end() {
        check("range", &[Long(1), Long(8), Long(3)], json("[1,4,7]"));
        check("range", &[Long(1), Long(3)], json("[1,2,3]"));
        check("range", &[Long(3), Long(1), Long(-1)], json("[3,2,1]"));
        check("range", &[Long(1), Long(3), Long(0)], json("[]"));
        check("range", &[Long(1), Real(2.0), Real(0.5)], json("[1.0,1.5,2.0]"));
        check("range", &[span("1h"), span("2h"), span("1h")], json(r#"["01:00:00","02:00:00"]"#));
        check(
            "range",
            &[time("2024-01-01"), time("2024-01-01"), span("1d")],
            json(r#"["2024-01-01T00:00:00.0000000Z"]"#),
        );
        check("range", &[Value::Null(Type::Long), Long(1)], Value::Null(Type::Dynamic));
        check("repeat", &[text("a"), Long(2)], json(r#"["a","a"]"#));
        check("repeat", &[Long(1), Long(-1)], Value::Null(Type::Dynamic));
    }
}
