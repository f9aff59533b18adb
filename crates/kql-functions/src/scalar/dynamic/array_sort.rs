//! `array_sort_asc` and `array_sort_desc`. Values of several kinds are kept apart by kind; nulls come last.
//!
//! Further arrays are brought into the order of the first; the result is then an array of arrays, which the engine
//! turns into columns.

use std::cmp::Ordering;

use arrow::array::ArrayRef;

use crate::Type::{Bool, Dynamic};
use crate::column::{Bools, Strings, result_rows, written_nullable};
use crate::compare::dynamic_order;
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::{accept, count};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

/// Most arguments that Kusto takes: 64 arrays and where nulls go.
const MAX_ARGUMENTS: usize = 65;

pub(super) static ARRAY_SORT_ASC: Definition =
    Definition::new("array_sort_asc", resolve, |args, resolved, ctx| sorted(args, resolved, ctx, |order| order));

pub(super) static ARRAY_SORT_DESC: Definition =
    Definition::new("array_sort_desc", resolve, |args, resolved, ctx| sorted(args, resolved, ctx, Ordering::reverse));

/// Arrays, and as the last argument whether nulls come last.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 1, MAX_ARGUMENTS)?;
    let parameter = |(index, arg): (usize, &ArgumentInfo)| match arg.ty {
        Bool if index > 0 && index + 1 == args.len() => Ok(Bool),
        ty => accept(index, ty, Dynamic),
    };
    Ok(Resolved { parameters: args.iter().enumerate().map(parameter).collect::<Result<_, _>>()?, result: Dynamic })
}

fn sorted(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, direction: fn(Ordering) -> Ordering) -> ArrayRef {
    let has_option = resolved.parameters.last() == Some(&Bool);
    let (arrays, option) = args.split_at(args.len() - usize::from(has_option));
    let arrays: Vec<Strings> = arrays.iter().map(Strings::of).collect();
    let nulls_last = option.first().map(Bools::of);
    written_nullable(result_rows(args, ctx), |row, out| {
        let is_last = nulls_last.as_ref().and_then(|column| column.get(row)).unwrap_or(true);
        let array_of = |column: &'_ Strings| -> Option<Vec<String>> {
            let json = column.get(row).filter(|json| kind(json) == Kind::Array)?;
            Some(elements(json).map(str::to_owned).collect())
        };
        let Some(first) = arrays.first().and_then(array_of) else { return false };
        let places = places(&first, direction, is_last);
        if let [_] = arrays.as_slice() {
            write_in_order(out, &first, &places);
            return true;
        }
        let mut outer = ArrayWriter::new(out);
        for column in &arrays {
            // Only arrays of the same length can follow the first.
            match array_of(column).filter(|items| items.len() == first.len()) {
                Some(items) => write_in_order(outer.element(), &items, &places),
                None => outer.push("null"),
            }
        }
        outer.end();
        true
    })
}

/// The places of the items in their new order.
fn places(items: &[String], direction: fn(Ordering) -> Ordering, nulls_last: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|left, right| {
        let (left, right) = (&items[*left], &items[*right]);
        match (left == "null", right == "null") {
            (false, false) => {
                let within = || direction(dynamic_order(left, right).unwrap_or(Ordering::Equal));
                rank(left).cmp(&rank(right)).then_with(within)
            }
            (left, right) if nulls_last => left.cmp(&right),
            (left, right) => right.cmp(&left),
        }
    });
    places
}

fn write_in_order(out: &mut String, items: &[String], places: &[usize]) {
    let mut array = ArrayWriter::new(out);
    places.iter().for_each(|place| array.push(&items[*place]));
    array.end();
}

/// Numbers, then strings, then all else, in whichever direction, as the documentation lists them.
fn rank(json: &str) -> (u8, u8) {
    match kind(json) {
        Kind::Number => (0, 0),
        Kind::String => (1, 0),
        other => (2, other as u8),
    }
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
        let mixed = r#"[true,"b",3,[1],"a",null,2]"#;
        check("array_sort_asc", &[json(mixed)], json(r#"[2,3,"a","b",true,[1],null]"#));
        check("array_sort_desc", &[json(mixed)], json(r#"[3,2,"b","a",true,[1],null]"#));
        check("array_sort_asc", &[json("1")], Value::Null(Type::Dynamic));
    }
}
