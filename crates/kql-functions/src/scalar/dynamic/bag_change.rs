//! `bag_merge`, `bag_remove_keys` and `bag_set_key`.

use std::collections::HashSet;

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, Kind, elements, entries, kind, text_of, unquote};
use crate::signature::{any, fixed, repeated};

pub(super) static BAG_MERGE: Definition = Definition::new(
    "bag_merge",
    |args| repeated(args, Dynamic, 2, 64, Dynamic),
    |args, _, ctx| {
        let bags: Vec<_> = args.iter().map(Strings::of).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let given = || bags.iter().filter_map(|bag| bag.get(row)).filter(|json| kind(json) == Kind::Bag);
            if given().next().is_none() {
                return false;
            }
            // The leftmost value of a key stays.
            let mut known = HashSet::new();
            let mut bag = BagWriter::new(out);
            for (name, value) in given().flat_map(entries) {
                if known.insert(unquote(name)) {
                    bag.push_quoted(name, value);
                }
            }
            bag.end();
            true
        })
    },
);

pub(super) static BAG_REMOVE_KEYS: Definition = Definition::new(
    "bag_remove_keys",
    |args| fixed(args, &[Dynamic, Dynamic], 2, Dynamic),
    |args, _, ctx| {
        let (bags, keys) = (Strings::of(&args[0]), Strings::of(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(json) = bags.get(row).filter(|json| kind(json) == Kind::Bag) else { return false };
            let removed: Vec<_> = elements(keys.text(row)).map(text_of).collect();
            write_without(out, json, &removed.iter().map(AsRef::as_ref).collect::<Vec<_>>());
            true
        })
    },
);

/// Keys are names of top-level properties, or paths such as `$.a.b`.
fn write_without(out: &mut String, json: &str, keys: &[&str]) {
    let mut bag = BagWriter::new(out);
    for (name, value) in entries(json) {
        let plain = unquote(name);
        if keys.iter().any(|key| key.strip_prefix("$.").unwrap_or(key) == plain) {
            continue;
        }
        let inner: Vec<String> = keys
            .iter()
            .filter_map(|key| key.strip_prefix("$.")?.strip_prefix(plain.as_ref())?.strip_prefix('.'))
            .map(|rest| format!("$.{rest}"))
            .collect();
        if inner.is_empty() || kind(value) != Kind::Bag {
            bag.push_quoted(name, value);
        } else {
            let mut nested = String::new();
            write_without(&mut nested, value, &inner.iter().map(String::as_str).collect::<Vec<_>>());
            bag.push_quoted(name, &nested);
        }
    }
    bag.end();
}

pub(super) static BAG_SET_KEY: Definition = Definition::new(
    "bag_set_key",
    |args| fixed(&any(args, &[2]), &[Dynamic, Text, Dynamic], 3, Dynamic),
    |args, _, ctx| {
        let (bags, keys, values) = (Strings::of(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(json) = bags.get(row).filter(|json| kind(json) == Kind::Bag) else { return false };
            let (key, new) = (keys.text(row), values.get(row).unwrap_or("null"));
            write_with(
                out,
                json,
                key.strip_prefix("$.").map_or(vec![key], |path| path.split('.').collect()).as_slice(),
                new,
            );
            true
        })
    },
);

/// Sets the value at a path, making bags on the way.
fn write_with(out: &mut String, json: &str, path: &[&str], new: &str) {
    let Some((first, rest)) = path.split_first() else { return out.push_str(new) };
    let mut bag = BagWriter::new(out);
    let mut is_set = false;
    let nested = |old: &str| {
        let mut text = String::new();
        write_with(&mut text, if kind(old) == Kind::Bag { old } else { "{}" }, rest, new);
        text
    };
    for (name, value) in entries(json) {
        if unquote(name) == *first {
            bag.push_quoted(name, &nested(value));
            is_set = true;
        } else {
            bag.push_quoted(name, value);
        }
    }
    if !is_set {
        bag.push(first, &nested("{}"));
    }
    bag.end();
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn bags_merge_lose_and_gain_properties() {
        let bag = |text| json(text);
        check("bag_merge", &[bag(r#"{"a":1}"#), bag(r#"{"b":2,"a":3}"#)], json(r#"{"a":1,"b":2}"#));
        check("bag_merge", &[bag("1"), bag("2")], Value::Null(Type::Dynamic));
        check(
            "bag_remove_keys",
            &[bag(r#"{"a":1,"b":2,"c":{"d":3,"e":4}}"#), json(r#"["a","$.c.d"]"#)],
            json(r#"{"b":2,"c":{"e":4}}"#),
        );
        check("bag_set_key", &[bag(r#"{"a":1}"#), text("b"), Long(2)], json(r#"{"a":1,"b":2}"#));
        check("bag_set_key", &[bag(r#"{"a":1}"#), text("a"), text("x")], json(r#"{"a":"x"}"#));
        check("bag_set_key", &[bag(r#"{"a":{"b":1}}"#), text("$.a.c"), Long(2)], json(r#"{"a":{"b":1,"c":2}}"#));
    }
}
