//! `gettype`: the name of a value's type at run time; looks into dynamics.

use crate::column::{Strings, result_rows, string_results};
use crate::definition::Definition;
use crate::dynamic::{Kind, kind};
use crate::signature::unchanged;
use crate::{Type, number};

pub(super) static GETTYPE: Definition = Definition::new(
    "gettype",
    |args| unchanged(args, 1, 1, Type::String),
    |args, resolved, ctx| {
        let rows = result_rows(args, ctx);
        if resolved.parameters[0] != Type::Dynamic {
            return string_results(rows, |_| resolved.parameters[0].name());
        }
        let json = Strings::of(&args[0]);
        string_results(rows, |row| json.get(row).map_or("null", name))
    },
);

fn name(json: &str) -> &'static str {
    match kind(json) {
        Kind::Null => "null",
        Kind::Bool => "bool",
        Kind::Number if number::parse_long(json.trim()).is_some() => "long",
        Kind::Number => "double",
        Kind::String => "string",
        Kind::Array => "array",
        Kind::Bag => "dictionary",
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn types_are_named() {
        check("gettype", &[Value::Null(Type::Dynamic)], text("null"));
        check("gettype", &[Value::Null(Type::Int)], text("int"));
        check("gettype", &[json("[1]")], text("array"));
        check("gettype", &[json("{}")], text("dictionary"));
        check("gettype", &[json("1.5")], text("double"));
        check("gettype", &[text("")], text("string"));
    }
}
