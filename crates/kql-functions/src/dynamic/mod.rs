//! Dynamic values as JSON text: lazy reads, type tests, canonical printing, building.
//!
//! Reads never build a tree: they skip over what is not asked for. They expect valid JSON, as
//! [`parse`] lets through, and give `None` on anything else.

mod build;
mod path;
mod print;

pub use build::{ArrayWriter, BagWriter, write_value};
pub use json_text::{
    Elements, Entries, Kind, MAX_DEPTH, Step, elements, entries, get_index, get_key, get_path, kind, parse, unquote,
    write_quoted,
};
pub use path::parse_path;
pub use print::{compact, text_of, write_compact, write_text};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            "[a-c\"\\\\ é\n]{0,6}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 48, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
                prop::collection::btree_map("[a-c\" ]{0,3}", inner, 0..5)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    fn same(raw: Option<&str>, expected: Option<&Json>) -> bool {
        raw.map(|raw| serde_json::from_str::<Json>(raw).unwrap()).as_ref() == expected
    }

    #[test]
    fn reals_are_printed_in_one_form_whatever_their_text() {
        assert_eq!(compact("[1.50, 1e3, 2, -0.10, 1E+400, \"1.50\"]"), "[1.5,1000.0,2,-0.1,1E+400,\"1.50\"]");
        assert_eq!(text_of("2.50"), "2.5");
        assert!(matches!(compact("[1.5,2]"), std::borrow::Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn lazy_reads_agree_with_a_parsed_tree(tree in json(), key in "[a-c\" ]{0,3}", index in -6_i64..6, pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.unwrap();
            prop_assert!(same(get_key(&text, &key), tree.get(&key)));
            let items = tree.as_array();
            let at = items.and_then(|items| {
                let at = if index < 0 { index + i64::try_from(items.len()).unwrap() } else { index };
                usize::try_from(at).ok().and_then(|at| items.get(at))
            });
            prop_assert!(same(get_index(&text, index), at));
            prop_assert_eq!(compact(&text).into_owned(), serde_json::to_string(&tree).unwrap());
            prop_assert_eq!(elements(&text).count(), items.map_or(0, Vec::len));
            prop_assert_eq!(entries(&text).count(), tree.as_object().map_or(0, serde_json::Map::len));
        }

        #[test]
        fn no_text_makes_reads_panic(text in "[\\[\\]{}\",:a1\\\\ é]{0,20}") {
            let _ = (get_key(&text, "a"), get_index(&text, -1), compact(&text).len(), elements(&text).count());
            let _ = (entries(&text).count(), parse(&text).is_some(), text_of(&text).len());
        }
    }
}
