//! `bag_keys` and `bag_has_key`.

use crate::Type::{Bool, Dynamic, String as Text};
use crate::column::{Strings, bool_results, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, entries, get_key, kind};
use crate::signature::fixed;

pub(super) static BAG_KEYS: Definition = Definition::new(
    "bag_keys",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |args, _, ctx| {
        let bags = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(json) = bags.get(row).filter(|json| kind(json) == Kind::Bag) else { return false };
            let mut array = ArrayWriter::new(out);
            entries(json).for_each(|(name, _)| array.push(name));
            array.end();
            true
        })
    },
);

pub(super) static BAG_HAS_KEY: Definition = Definition::new(
    "bag_has_key",
    |args| fixed(args, &[Dynamic, Text], 2, Bool),
    |args, _, ctx| {
        let (bags, keys) = (Strings::of(&args[0]), Strings::of(&args[1]));
        bool_results(result_rows(args, ctx), |row| {
            let json = bags.get(row).filter(|json| kind(json) == Kind::Bag)?;
            Some(has_key(json, keys.text(row)))
        })
    },
);

/// The key as it is, or as a JSON path from `$`.
fn has_key(json: &str, key: &str) -> bool {
    match key.strip_prefix("$.") {
        None => get_key(json, key).is_some(),
        Some(path) => path.split('.').try_fold(json, get_key).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn names_of_properties_are_listed_and_found() {
        check("bag_keys", &[json(r#"{"a": 1, "b": {"c": 2}}"#)], json(r#"["a","b"]"#));
        check("bag_keys", &[json("[1]")], Value::Null(Type::Dynamic));
        check("bag_has_key", &[json(r#"{"a": null}"#), text("a")], Bool(true));
        check("bag_has_key", &[json(r#"{"a": 1}"#), text("A")], Bool(false));
        check("bag_has_key", &[json(r#"{"b": {"c": 2}}"#), text("$.b.c")], Bool(true));
        check("bag_has_key", &[json("1"), text("a")], Value::Null(Type::Bool));
    }
}
