//! Arrays made from arrays: `array_concat`, `array_reverse`, rotation, shift, `array_iff`.

use arrow::array::ArrayRef;

use crate::Type::{Dynamic, Long};
use crate::column::{Strings, longs, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::{any, fixed, repeated};
use crate::{Arg, EvalContext, number};

pub(super) static ARRAY_CONCAT: Definition = Definition::new(
    "array_concat",
    |args| repeated(args, Dynamic, 1, 64, Dynamic),
    |args, _, ctx| {
        let arrays: Vec<_> = args.iter().map(Strings::of).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            if arrays.iter().all(|array| array.get(row).is_none()) {
                return false;
            }
            let mut array = ArrayWriter::new(out);
            for json in arrays.iter().filter_map(|array| array.get(row)) {
                match kind(json) {
                    Kind::Array => elements(json).for_each(|item| array.push(item)),
                    _ => array.push(json),
                }
            }
            array.end();
            true
        })
    },
);

pub(super) static ARRAY_REVERSE: Definition = Definition::new(
    "array_reverse",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| changed(args, ctx, |_, items| items.reverse()),
);

pub(super) static ARRAY_ROTATE_LEFT: Definition = Definition::new(
    "array_rotate_left",
    |args| fixed(args, &[Dynamic, Long], 2, Dynamic),
    |args, _, ctx| rotated(args, ctx, 1),
);

pub(super) static ARRAY_ROTATE_RIGHT: Definition = Definition::new(
    "array_rotate_right",
    |args| fixed(args, &[Dynamic, Long], 2, Dynamic),
    |args, _, ctx| rotated(args, ctx, -1),
);

pub(super) static ARRAY_SHIFT_LEFT: Definition = Definition::new(
    "array_shift_left",
    |args| fixed(&any(args, &[2]), &[Dynamic, Long, Dynamic], 2, Dynamic),
    |args, _, ctx| shifted(args, ctx, 1),
);

pub(super) static ARRAY_SHIFT_RIGHT: Definition = Definition::new(
    "array_shift_right",
    |args| fixed(&any(args, &[2]), &[Dynamic, Long, Dynamic], 2, Dynamic),
    |args, _, ctx| shifted(args, ctx, -1),
);

/// The items of the first argument after a change; null for what is no array.
fn changed<'a>(args: &[Arg], ctx: &EvalContext, change: impl Fn(usize, &mut Vec<&str>) + 'a) -> ArrayRef {
    let arrays = Strings::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(json) = arrays.get(row).filter(|json| kind(json) == Kind::Array) else { return false };
        let mut items: Vec<&str> = elements(json).collect();
        change(row, &mut items);
        let mut array = ArrayWriter::new(out);
        items.iter().for_each(|item| array.push(item));
        array.end();
        true
    })
}

fn rotated(args: &[Arg], ctx: &EvalContext, direction: i64) -> ArrayRef {
    let counts = longs(&args[1]);
    changed(args, ctx, |row, items| {
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if length > 0 {
            let places = counts.get(row).unwrap_or(0).wrapping_mul(direction).rem_euclid(length);
            items.rotate_left(usize::try_from(places).unwrap_or(0));
        }
    })
}

/// Items that fall off one end leave a gap at the other, which the third argument fills.
fn shifted(args: &[Arg], ctx: &EvalContext, direction: i64) -> ArrayRef {
    let (counts, fills) = (longs(&args[1]), args.get(2).map(Strings::of));
    let arrays = Strings::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(json) = arrays.get(row).filter(|json| kind(json) == Kind::Array) else { return false };
        let fill = fills.as_ref().and_then(|fills| fills.get(row)).unwrap_or("null");
        let items: Vec<&str> = elements(json).collect();
        let places = counts.get(row).unwrap_or(0).saturating_mul(direction);
        let mut array = ArrayWriter::new(out);
        for at in 0..i64::try_from(items.len()).unwrap_or(0) {
            let from = usize::try_from(at.saturating_add(places)).ok();
            array.push(from.and_then(|from| items.get(from)).unwrap_or(&fill));
        }
        array.end();
        true
    })
}

pub(super) static ARRAY_IFF: Definition = Definition::new(
    "array_iff",
    |args| fixed(&any(args, &[1, 2]), &[Dynamic, Dynamic, Dynamic], 3, Dynamic),
    |args, _, ctx| array_iff(args, ctx),
)
.alias(&["array_iif"]);

fn array_iff(args: &[Arg], ctx: &EvalContext) -> ArrayRef {
    let columns: Vec<_> = args.iter().map(Strings::of).collect();
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(conditions) = columns[0].get(row).filter(|json| kind(json) == Kind::Array) else { return false };
        let [yes, no] = [1, 2].map(|at| columns[at].get(row).unwrap_or("null"));
        let item = |json: &'_ str, at: usize| -> Option<String> {
            if kind(json) == Kind::Array { elements(json).nth(at).map(str::to_owned) } else { Some(json.to_owned()) }
        };
        let mut array = ArrayWriter::new(out);
        for (at, condition) in elements(conditions).enumerate() {
            let chosen = match truth(condition) {
                None => None,
                Some(false) => item(no, at),
                Some(true) => item(yes, at),
            };
            array.push(chosen.as_deref().unwrap_or("null"));
        }
        array.end();
        true
    })
}

/// Booleans and numbers are conditions, other values are not.
fn truth(json: &str) -> Option<bool> {
    match kind(json) {
        Kind::Bool => Some(json == "true"),
        Kind::Number => number::parse_real(json).map(|value| value != 0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn arrays_are_joined_and_turned() {
        check("array_concat", &[json("[1,2]"), json("[3]"), json("4")], json("[1,2,3,4]"));
        check("array_concat", &[json("[1]"), Value::Null(Type::Dynamic)], json("[1]"));
        check("array_reverse", &[json("[1,[2],\"a\"]")], json("[\"a\",[2],1]"));
        check("array_rotate_left", &[json("[1,2,3,4,5]"), Long(2)], json("[3,4,5,1,2]"));
        check("array_rotate_left", &[json("[1,2,3]"), Long(-1)], json("[3,1,2]"));
        check("array_rotate_right", &[json("[1,2,3]"), Long(4)], json("[3,1,2]"));
        check("array_shift_left", &[json("[1,2,3]"), Long(1)], json("[2,3,null]"));
        check("array_shift_left", &[json("[1,2,3]"), Long(1), Long(-1)], json("[2,3,-1]"));
        check("array_shift_right", &[json("[1,2,3]"), Long(1)], json("[null,1,2]"));
        check("array_reverse", &[json("1")], Value::Null(Type::Dynamic));
    }

    #[test]
    fn conditions_choose_between_elements() {
        check("array_iff", &[json("[true,false,null]"), json("[1,2,3]"), json("[4,5,6]")], json("[1,5,null]"));
        check("array_iff", &[json("[true,false]"), Long(1), json("[4]")], json("[1,null]"));
        check("array_iff", &[json("[1,0,\"a\"]"), Long(5), Long(6)], json("[5,6,null]"));
    }
}
