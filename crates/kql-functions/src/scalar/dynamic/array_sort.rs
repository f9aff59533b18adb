//! `array_sort_asc` and `array_sort_desc`. Values of several kinds are kept apart by kind; nulls come last.
//!
//! With several arrays Kusto returns several columns; here one array is sorted.

use std::cmp::Ordering;

use arrow::array::ArrayRef;

use crate::Type::{Bool, Dynamic};
use crate::column::{Bools, Strings, result_rows, written_nullable};
use crate::compare::dynamic_order;
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static ARRAY_SORT_ASC: Definition = Definition::new(
    "array_sort_asc",
    |args| fixed(args, &[Dynamic, Bool], 1, Dynamic),
    |args, _, ctx| sorted(args, ctx, |order| order),
);

pub(super) static ARRAY_SORT_DESC: Definition = Definition::new(
    "array_sort_desc",
    |args| fixed(args, &[Dynamic, Bool], 1, Dynamic),
    |args, _, ctx| sorted(args, ctx, Ordering::reverse),
);

fn sorted(args: &[Arg], ctx: &EvalContext, direction: fn(Ordering) -> Ordering) -> ArrayRef {
    let (arrays, nulls_last) = (Strings::of(&args[0]), args.get(1).map(Bools::of));
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(json) = arrays.get(row).filter(|json| kind(json) == Kind::Array) else { return false };
        let (nulls, mut items): (Vec<&str>, Vec<&str>) = elements(json).partition(|item| *item == "null");
        items.sort_by(|left, right| direction(order(left, right)));
        let is_last = nulls_last.as_ref().and_then(|column| column.get(row)).unwrap_or(true);
        let at = if is_last { items.len() } else { 0 };
        items.splice(at..at, nulls);
        let mut array = ArrayWriter::new(out);
        items.iter().for_each(|item| array.push(item));
        array.end();
        true
    })
}

fn order(left: &str, right: &str) -> Ordering {
    let rank = |json: &str| kind(json) as u8;
    rank(left).cmp(&rank(right)).then_with(|| dynamic_order(left, right).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value};

    #[test]
    fn elements_are_sorted_with_nulls_last() {
        check("array_sort_asc", &[json("[10,null,9,1.5]")], json("[1.5,9,10,null]"));
        check("array_sort_desc", &[json("[10,null,9]")], json("[10,9,null]"));
        check("array_sort_asc", &[json("[2,null,1]"), Value::Bool(false)], json("[null,1,2]"));
        check("array_sort_asc", &[json(r#"["b","a","B"]"#)], json(r#"["B","a","b"]"#));
        check("array_sort_asc", &[json("1")], Value::Null(Type::Dynamic));
    }
}
