//! `isempty`, `isnull` and their opposites. A string has no null: the empty string is what is absent.

use arrow::array::{Array, ArrayRef, BooleanArray};
use std::sync::Arc;

use crate::Type::Bool;
use crate::column::{Strings, bool_results, result_rows};
use crate::definition::Definition;
use crate::signature::unchanged;
use crate::{Arg, EvalContext, Resolved, Type};

pub(super) static ISEMPTY: Definition = Definition::new(
    "isempty",
    |args| unchanged(args, 1, 1, Bool),
    |args, resolved, ctx| empty(args, resolved, ctx, true),
)
.cheap();

pub(super) static ISNOTEMPTY: Definition = Definition::new(
    "isnotempty",
    |args| unchanged(args, 1, 1, Bool),
    |args, resolved, ctx| empty(args, resolved, ctx, false),
)
.alias(&["notempty"])
.cheap();

pub(super) static ISNULL: Definition = Definition::new(
    "isnull",
    |args| unchanged(args, 1, 1, Bool),
    |args, resolved, ctx| null(args, resolved, ctx, true),
)
.cheap();

pub(super) static ISNOTNULL: Definition = Definition::new(
    "isnotnull",
    |args| unchanged(args, 1, 1, Bool),
    |args, resolved, ctx| null(args, resolved, ctx, false),
)
.alias(&["notnull"])
.cheap();

fn empty(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, wanted: bool) -> ArrayRef {
    if !matches!(resolved.parameters[0], Type::String | Type::Dynamic) {
        return null(args, resolved, ctx, wanted);
    }
    let texts = Strings::of(&args[0]);
    let empty_json = if resolved.parameters[0] == Type::Dynamic { "\"\"" } else { "" };
    bool_results(result_rows(args, ctx), |row| {
        let text = texts.text(row);
        Some((text.is_empty() || text == empty_json) == wanted)
    })
}

fn null(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, wanted: bool) -> ArrayRef {
    let rows = result_rows(args, ctx);
    let nulls = args[0].array().logical_nulls();
    if resolved.parameters[0] == Type::String || nulls.is_none() {
        return Arc::new(BooleanArray::from(vec![!wanted; rows]));
    }
    let is_scalar = args[0].is_scalar();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(if is_scalar { 0 } else { row }));
    bool_results(rows, |row| Some(is_null(row) == wanted))
}

#[cfg(test)]
mod tests {
    use crate::Value::Bool;
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn empty_strings_are_empty_but_not_null() {
        let null = Value::Null(Type::Long);
        check("isempty", &[text("")], Bool(true));
        check("isnull", &[text("")], Bool(false));
        check("isnotnull", &[text("")], Bool(true));
        check("isempty", &[text("\"\"")], Bool(false));
        check("isnull", std::slice::from_ref(&null), Bool(true));
        check("isempty", std::slice::from_ref(&null), Bool(true));
        check("isnotempty", &[null], Bool(false));
        check("isnotempty", &[Value::Long(0)], Bool(true));
        check("isempty", &[json("\"\"")], Bool(true));
        check("isempty", &[Value::Null(Type::Dynamic)], Bool(true));
        check("isnull", &[json("\"\"")], Bool(false));
        check("notempty", &[json("[]")], Bool(true));
    }
}
