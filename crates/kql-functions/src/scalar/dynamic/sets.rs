//! Arrays as sets: `set_union`, `set_intersect`, `set_difference`, `set_has_element`, `jaccard_index`.

use std::borrow::Cow;
use std::collections::HashSet;

use arrow::array::ArrayRef;

use crate::Type::{Bool, Dynamic, Real};
use crate::column::{Strings, bool_results, real_results, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, compact, elements, kind};
use crate::signature::{any, fixed, repeated};
use crate::{Arg, EvalContext};

type Set<'a> = HashSet<Cow<'a, str>>;

pub(super) static SET_UNION: Definition = Definition::new(
    "set_union",
    |args| repeated(args, Dynamic, 2, 64, Dynamic),
    |args, _, ctx| combined(args, ctx, true, |_, _| true),
);

pub(super) static SET_INTERSECT: Definition = Definition::new(
    "set_intersect",
    |args| repeated(args, Dynamic, 2, 64, Dynamic),
    |args, _, ctx| combined(args, ctx, false, |item, others| others.iter().all(|set| set.contains(item))),
);

pub(super) static SET_DIFFERENCE: Definition = Definition::new(
    "set_difference",
    |args| repeated(args, Dynamic, 2, 64, Dynamic),
    |args, _, ctx| combined(args, ctx, false, |item, others| !others.iter().any(|set| set.contains(item))),
);

/// The distinct elements of the first array, or of all, that pass a test against the other sets.
fn combined(args: &[Arg], ctx: &EvalContext, takes_all: bool, keep: fn(&str, &[Set<'_>]) -> bool) -> ArrayRef {
    let columns: Vec<_> = args.iter().map(Strings::of).collect();
    written_nullable(result_rows(args, ctx), |row, out| {
        let arrays: Option<Vec<&str>> = columns.iter().map(|column| array_of(column, row)).collect();
        let Some(arrays) = arrays else { return false };
        let others: Vec<Set<'_>> =
            if takes_all { Vec::new() } else { arrays[1..].iter().map(|json| set(json)).collect() };
        let sources = if takes_all { &arrays[..] } else { &arrays[..1] };
        let mut known = HashSet::new();
        let mut array = ArrayWriter::new(out);
        for item in sources.iter().flat_map(|json| elements(json)).map(compact) {
            if keep(&item, &others) && !known.contains(&item) {
                array.push(&item);
                known.insert(item);
            }
        }
        array.end();
        true
    })
}

fn array_of(column: &Strings, row: usize) -> Option<&str> {
    column.get(row).filter(|json| kind(json) == Kind::Array)
}

fn set(json: &str) -> Set<'_> {
    elements(json).map(compact).collect()
}

pub(super) static SET_HAS_ELEMENT: Definition = Definition::new(
    "set_has_element",
    |args| fixed(&any(args, &[1]), &[Dynamic, Dynamic], 2, Bool),
    |args, _, ctx| {
        let (sets, wanted) = (Strings::of(&args[0]), Strings::of(&args[1]));
        bool_results(result_rows(args, ctx), |row| {
            let json = array_of(&sets, row)?;
            let wanted = compact(wanted.get(row).unwrap_or("null"));
            Some(elements(json).any(|item| compact(item) == wanted))
        })
    },
);

pub(super) static SET_EQUALS: Definition = Definition::new(
    "set_equals",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Bool),
    |args, _, ctx| {
        let (left, right) = (Strings::of(&args[0]), Strings::of(&args[1]));
        bool_results(result_rows(args, ctx), |row| Some(set(array_of(&left, row)?) == set(array_of(&right, row)?)))
    },
);

pub(super) static JACCARD_INDEX: Definition = Definition::new(
    "jaccard_index",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Real),
    |args, _, ctx| {
        let (left, right) = (Strings::of(&args[0]), Strings::of(&args[1]));
        real_results(result_rows(args, ctx), |row| {
            let (left, right) = (set(array_of(&left, row)?), set(array_of(&right, row)?));
            Some(left.intersection(&right).count() as f64 / left.union(&right).count() as f64)
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn sets_are_combined() {
        check("set_union", &[json("[1,2,2]"), json("[2, 3]")], json("[1,2,3]"));
        check("set_intersect", &[json("[1,2,3,3]"), json("[3,2]")], json("[2,3]"));
        check("set_difference", &[json(r#"["a","b","c"]"#), json(r#"["b"]"#), json(r#"["c"]"#)], json(r#"["a"]"#));
        check("set_union", &[json("[1]"), Value::Null(Type::Dynamic)], Value::Null(Type::Dynamic));
    }

    #[test]
    fn elements_are_found_by_value() {
        check("set_has_element", &[json(r#"["this","is"]"#), text("is")], Bool(true));
        check("set_has_element", &[json("[1,2]"), Value::Long(3)], Bool(false));
        check("set_has_element", &[json("\"a\""), text("a")], Value::Null(Type::Bool));
        check("jaccard_index", &[json("[1,2,3]"), json("[1,2,3,4]")], Value::Real(0.75));
    }
}
