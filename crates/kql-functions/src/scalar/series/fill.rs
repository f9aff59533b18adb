//! Filling places that have no value, or a given one in its stead. Elements keep the form they were written in.

use arrow::array::ArrayRef;

use super::values::{element, parameters, write_number};
use crate::Type::{Bool, Dynamic, Real};
use crate::column::{Bools, Reals, Strings, reals, result_rows, written_nullable};
use crate::convert::JsonRows;
use crate::definition::{Definition, Kernel};
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::{count, refuse};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

pub(super) static SERIES_FILL_FORWARD: Definition = neighbor("series_fill_forward", |args, _, ctx| {
    fill(args, 1, ctx, |items, _, out| {
        let mut last = None;
        write_items(
            out,
            items.iter().map(|(item, is_missing)| {
                if !is_missing {
                    last = Some(*item);
                }
                last.unwrap_or(item)
            }),
        );
    })
});

pub(super) static SERIES_FILL_BACKWARD: Definition = neighbor("series_fill_backward", |args, _, ctx| {
    fill(args, 1, ctx, |items, _, out| {
        let mut next = None;
        let mut filled: Vec<&str> = items
            .iter()
            .rev()
            .map(|(item, is_missing)| {
                if !is_missing {
                    next = Some(*item);
                }
                next.unwrap_or(item)
            })
            .collect();
        filled.reverse();
        write_items(out, filled);
    })
});

const fn neighbor(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| Ok(Resolved { parameters: parameters(args, 1, &[Real], 1)?, result: Dynamic }), kernel)
}

pub(super) static SERIES_FILL_CONST: Definition =
    Definition::new("series_fill_const", resolve_const, |args, resolved, ctx| {
        let constants = JsonRows::new(&args[1], resolved.parameters[1]);
        let is_scalar = args[1].is_scalar();
        fill(args, 2, ctx, |items, row, out| {
            let mut constant = String::new();
            if !constants.write(if is_scalar { 0 } else { row }, &mut constant) {
                constant.push_str("null");
            }
            write_items(
                out,
                items.iter().map(|(item, is_missing)| if *is_missing { constant.as_str() } else { *item }),
            );
        })
    });

/// The constant keeps its type, so that `0` and `0.0` fill differently.
fn resolve_const(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 2, 3)?;
    let mut types = parameters(&[&args[..1], args.get(2..).unwrap_or_default()].concat(), 1, &[Real], 1)?;
    let constant = args[1].ty;
    if !constant.is_numeric() && constant != Dynamic {
        return Err(refuse(1, "a number", constant));
    }
    types.insert(1, constant);
    Ok(Resolved { parameters: types, result: Dynamic })
}

pub(super) static SERIES_FILL_LINEAR: Definition = Definition::new(
    "series_fill_linear",
    |args| Ok(Resolved { parameters: parameters(args, 1, &[Real, Bool, Real], 1)?, result: Dynamic }),
    |args, _, ctx| {
        let (edges, constants) = (args.get(2).map(Bools::of), args.get(3).map(reals));
        fill(args, 1, ctx, |items, row, out| {
            let fills_edges = edges.as_ref().is_none_or(|column| column.get(row).unwrap_or(true));
            let constant = constants.as_ref().map_or(Some(0.0), |column| column.get(row));
            interpolate(items, fills_edges, constant, out);
        })
    },
);

/// Walks over rows: `write` gets the elements, each with whether it is missing. `placeholder` is the place of the
/// argument that says what stands for a missing value; null by default.
fn fill(
    args: &[Arg],
    placeholder: usize,
    ctx: &EvalContext,
    write: impl Fn(&[(&str, bool)], usize, &mut String),
) -> ArrayRef {
    let arrays = Strings::of(&args[0]);
    let placeholders: Option<Reals> = args.get(placeholder).map(reals);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(json) = arrays.get(row).filter(|json| kind(json) == Kind::Array) else { return false };
        let placeholder = placeholders.as_ref().and_then(|column| column.get(row));
        let is_missing = |item: &str| match placeholder {
            None => kind(item) == Kind::Null,
            Some(placeholder) => element(item) == Some(placeholder),
        };
        let items: Vec<(&str, bool)> = elements(json).map(|item| (item, is_missing(item))).collect();
        write(&items, row, out);
        true
    })
}

fn write_items<'a>(out: &mut String, items: impl IntoIterator<Item = &'a str>) {
    let mut array = ArrayWriter::new(out);
    items.into_iter().for_each(|item| array.push(item));
    array.end();
}

/// Between two whole-numbered series' elements the values are cut to whole numbers.
fn interpolate(items: &[(&str, bool)], fills_edges: bool, constant: Option<f64>, out: &mut String) {
    let known: Vec<(usize, f64)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, (item, is_missing))| Some((at, element(item).filter(|_| !is_missing)?)))
        .collect();
    let is_whole = items.iter().all(|(item, is_missing)| *is_missing || !item.contains(['.', 'e', 'E']));
    let mut array = ArrayWriter::new(out);
    let mut next = 0;
    for (at, (item, is_missing)) in items.iter().enumerate() {
        while known.get(next).is_some_and(|(known, _)| *known < at) {
            next += 1;
        }
        if !is_missing {
            array.push(item);
            continue;
        }
        let value = match (next.checked_sub(1).and_then(|before| known.get(before)), known.get(next)) {
            (Some((left, low)), Some((right, high))) => {
                let value = low + (high - low) * (at - left) as f64 / (right - left) as f64;
                Some(if is_whole { value.trunc() } else { value })
            }
            (None, None) => {
                write_number(array.element(), constant, false);
                continue;
            }
            (Some((_, edge)), None) | (None, Some((_, edge))) => fills_edges.then_some(*edge),
        };
        match value {
            Some(value) => write_number(array.element(), Some(value), is_whole),
            None => array.push(item),
        }
    }
    array.end();
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Bool, Value::Long, Value::Real};

    const NULL: Value = Value::Null(Type::Real);

    #[test]
    fn neighbors_fill_gaps() {
        check("series_fill_forward", &[json("[null,3,null,4.0,null]")], json("[null,3,3,4.0,4.0]"));
        check("series_fill_backward", &[json("[null,3,null,4.0,null]")], json("[3,3,4.0,4.0,null]"));
        check("series_fill_forward", &[json("[1,0,2]"), Long(0)], json("[1,1,2]"));
        check("series_fill_forward", &[json("1")], Value::Null(Type::Dynamic));
    }

    #[test]
    fn constants_keep_their_form() {
        check("series_fill_const", &[json("[1,null]"), Real(0.0)], json("[1,0.0]"));
        check("series_fill_const", &[json("[1,null]"), Long(-1)], json("[1,-1]"));
        check("series_fill_const", &[json("[1,null,7]"), Long(-1), Long(7)], json("[1,null,-1]"));
    }

    #[test]
    fn lines_run_from_value_to_value() {
        let whole = || json("[null,111,null,36,41,null,null,16,null]");
        check("series_fill_linear", &[whole()], json("[111,111,73,36,41,32,24,16,16]"));
        check("series_fill_linear", &[whole(), NULL, Bool(false)], json("[null,111,73,36,41,32,24,16,null]"));
        check("series_fill_linear", &[json("[1.0,null,2.0]")], json("[1.0,1.5,2.0]"));
        check("series_fill_linear", &[json("[null,null]")], json("[0.0,0.0]"));
        check("series_fill_linear", &[json("[null]"), NULL, Bool(true), Real(2.5)], json("[2.5]"));
        check("series_fill_linear", &[json("[null]"), NULL, Bool(true), NULL], json("[null]"));
    }
}
