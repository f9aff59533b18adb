//! Many paths of one text at once.

use crate::read::{Step, elements, entries, is_name};
use crate::scan::{Kind, kind};

/// Paths that are read together, in one pass over a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathTree {
    /// The paths that end here, by their position among all.
    ends: Vec<usize>,
    keys: Vec<(String, PathTree)>,
    indexes: Vec<(usize, PathTree)>,
}

/// What stands at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// Nothing: what [`crate::get_path`] gives `None` for.
    Nothing,
    /// Nothing, because the path goes on where a JSON string stands, which may hold JSON in turn.
    WithinText,
    /// That JSON text.
    Value(&'a str),
}

impl PathTree {
    /// The paths, each of at least one step; indexes count from the start. `None` for others.
    pub fn new(paths: &[&[Step]]) -> Option<Self> {
        let mut tree = Self::default();
        for (position, path) in paths.iter().enumerate() {
            let mut node = &mut tree;
            for step in *path {
                node = node.child(step)?;
            }
            node.ends.push(position);
        }
        tree.ends.is_empty().then_some(tree)
    }

    fn child(&mut self, step: &Step) -> Option<&mut Self> {
        match step {
            Step::Key(key) => {
                let at = self.keys.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                    self.keys.push((key.clone(), Self::default()));
                    self.keys.len() - 1
                });
                Some(&mut self.keys[at].1)
            }
            Step::Index(index) => {
                let index = usize::try_from(*index).ok()?;
                let at = self.indexes.iter().position(|(known, _)| *known == index).unwrap_or_else(|| {
                    self.indexes.push((index, Self::default()));
                    self.indexes.len() - 1
                });
                Some(&mut self.indexes[at].1)
            }
        }
    }

    /// Reads the paths of a text: sets those that it meets, in the order in which they were given. The others, which the caller
    /// has set to [`Found::Nothing`], stay.
    pub fn read<'a>(&self, json: &'a str, found: &mut [Found<'a>]) {
        match kind(json) {
            Kind::Bag if !self.keys.is_empty() => self.read_bag(json, found),
            Kind::Array if !self.indexes.is_empty() => self.read_array(json, found),
            Kind::String => self.within_text(found),
            _ => {}
        }
    }

    fn read_bag<'a>(&self, json: &'a str, found: &mut [Found<'a>]) {
        // A bit a key: of a name that comes twice the first counts. More keys than bits are read one by one.
        let mut open = u64::MAX.checked_shr(64 - u32::try_from(self.keys.len()).unwrap_or(64).min(64)).unwrap_or(0);
        for (name, value) in entries(json) {
            let mut left = open;
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                left &= left - 1;
                if let Some((key, node)) = self.keys.get(at)
                    && is_name(name, key)
                {
                    open &= !(1 << at);
                    node.found(value, found);
                    break;
                }
            }
            if open == 0 {
                break;
            }
        }
        for (key, node) in self.keys.iter().skip(64) {
            if let Some(value) = crate::get_key(json, key) {
                node.found(value, found);
            }
        }
    }

    fn read_array<'a>(&self, json: &'a str, found: &mut [Found<'a>]) {
        let mut open = self.indexes.len();
        for (at, value) in elements(json).enumerate() {
            if let Some((_, node)) = self.indexes.iter().find(|(index, _)| *index == at) {
                node.found(value, found);
                open -= 1;
                if open == 0 {
                    break;
                }
            }
        }
    }

    fn found<'a>(&self, value: &'a str, found: &mut [Found<'a>]) {
        for &end in &self.ends {
            found[end] = Found::Value(value);
        }
        self.read(value, found);
    }

    fn within_text(&self, found: &mut [Found<'_>]) {
        for node in self.keys.iter().map(|(_, node)| node).chain(self.indexes.iter().map(|(_, node)| node)) {
            for &end in &node.ends {
                found[end] = Found::WithinText;
            }
            node.within_text(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::get_path;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![3 => "[abA]".prop_map(Step::Key), 1 => (0_i64..3).prop_map(Step::Index)]
    }

    /// Pieces that make JSON, damaged JSON, names that come twice and escaped names.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\":",
            "\"b\":",
            "\"A\":",
            "\"\\u0061\":",
            "1",
            "null",
            "\"x\"",
            " ",
            "\"{\\\"a\\\":1}\"",
            "{\"a\":{\"b\":[1,{\"a\":2}]},\"a\":3}",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn all_paths_at_once_are_each_path_alone(
            text in text(),
            paths in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..6),
        ) {
            let steps: Vec<&[Step]> = paths.iter().map(Vec::as_slice).collect();
            let tree = PathTree::new(&steps).expect("paths of steps");
            let mut found = vec![Found::Nothing; paths.len()];
            tree.read(&text, &mut found);
            for (path, found) in paths.iter().zip(found) {
                let expected = get_path(&text, path);
                match found {
                    Found::Value(value) => prop_assert_eq!(Some(value), expected),
                    Found::Nothing | Found::WithinText => prop_assert_eq!(expected, None),
                }
            }
        }
    }

    #[test]
    fn a_path_that_goes_on_within_a_string_says_so() {
        let key = |name: &str| Step::Key(name.to_owned());
        let (long, short) = ([key("a"), key("b")], [key("a")]);
        let tree = PathTree::new(&[&long, &short]).expect("paths");
        let mut found = [Found::Nothing; 2];
        tree.read(r#"{"a":"{\"b\":1}"}"#, &mut found);
        assert_eq!(found, [Found::WithinText, Found::Value(r#""{\"b\":1}""#)]);
    }

    #[test]
    fn more_keys_than_bits_are_all_read() {
        let paths: Vec<[Step; 1]> = (0..70).map(|at| [Step::Key(at.to_string())]).collect();
        let steps: Vec<&[Step]> = paths.iter().map(<[Step; 1]>::as_slice).collect();
        let text: Vec<String> = (0..70).map(|at| format!("\"{at}\":{at}")).collect();
        let text = format!("{{{}}}", text.join(","));
        let mut found = vec![Found::Nothing; 70];
        PathTree::new(&steps).expect("paths").read(&text, &mut found);
        for (at, found) in found.into_iter().enumerate() {
            assert_eq!(found, Found::Value(at.to_string().as_str()));
        }
    }
}
