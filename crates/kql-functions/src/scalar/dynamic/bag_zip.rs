//! `bag_zip`: a bag of an array of names and an array of values.

use std::collections::HashSet;

use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, Kind, elements, kind, text_of};
use crate::signature::fixed;

pub(super) static BAG_ZIP: Definition = Definition::new(
    "bag_zip",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Dynamic),
    |args, _, ctx| {
        let (names, values) = (Strings::of(&args[0]), Strings::of(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let is_array = |json: &&str| kind(json) == Kind::Array;
            let (Some(names), Some(values)) = (names.get(row).filter(is_array), values.get(row).filter(is_array))
            else {
                return false;
            };
            // More names than values get null; more values than names are left out.
            let values = elements(values).chain(std::iter::repeat("null"));
            let mut known = HashSet::new();
            let mut bag = BagWriter::new(out);
            for (name, value) in elements(names).zip(values).filter(|(name, _)| kind(name) == Kind::String) {
                let name = text_of(name);
                if known.insert(name.clone()) {
                    bag.push(&name, value);
                }
            }
            bag.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value};

    #[test]
    fn names_meet_values() {
        check("bag_zip", &[json(r#"["a","b"]"#), json("[1]")], json(r#"{"a":1,"b":null}"#));
        check("bag_zip", &[json(r#"["a"]"#), json("[1,2]")], json(r#"{"a":1}"#));
        check("bag_zip", &[json("1"), json("[1,2]")], Value::Null(Type::Dynamic));
    }
}
