//! `in` and `in~` over constants.

use std::collections::HashSet;

use arrow::array::BooleanArray;

use crate::column::{Strings, rows_of};
use crate::compare::folded;
use crate::{Arg, Type, Value, convert};

/// Texts up to this many bytes are folded without allocating.
const FOLDED_IN_PLACE: usize = 128;

/// A set of constant texts.
#[derive(Debug, Clone, Default)]
pub struct ConstantSet {
    /// Folded where case is ignored.
    texts: hashbrown::HashSet<Box<[u8]>>,
    ignores_case: bool,
    /// Length of the longest, in bytes.
    longest: usize,
}

impl ConstantSet {
    /// An empty set, for `in~` when case is ignored.
    pub fn new(ignores_case: bool) -> Self {
        ConstantSet { ignores_case, ..ConstantSet::default() }
    }

    /// Adds a text.
    pub fn insert(&mut self, text: &str) {
        let text = if self.ignores_case { folded(text) } else { text.into() };
        self.longest = self.longest.max(text.len());
        self.texts.insert(text.as_bytes().into());
    }

    /// The texts in the form in which they are compared, in no order.
    pub(super) fn texts(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.texts.iter().map(AsRef::as_ref)
    }

    /// Whether a text is among them.
    pub fn contains(&self, text: &str) -> bool {
        if !self.ignores_case {
            return text.len() <= self.longest && self.texts.contains(text.as_bytes());
        }
        if !text.is_ascii() {
            return self.texts.contains(folded(text).as_bytes());
        }
        if text.len() > self.longest {
            return false;
        }
        let mut place = [0; FOLDED_IN_PLACE];
        match place.get_mut(..text.len()) {
            Some(lower) => {
                lower.copy_from_slice(text.as_bytes());
                lower.make_ascii_lowercase();
                self.texts.contains(&*lower)
            }
            None => self.texts.contains(folded(text).as_bytes()),
        }
    }
}

/// `in` for rows of any type among constants of that type: null is in no set.
pub fn is_member(left: &Arg, ty: Type, constants: &[Value], is_negated: bool, rows: usize) -> BooleanArray {
    let rows = rows_of(std::slice::from_ref(left), rows);
    if matches!(ty, Type::Long | Type::DateTime | Type::TimeSpan) {
        let set: HashSet<i64> = constants.iter().filter_map(|value| whole(&value.cast(ty))).collect();
        let values = crate::column::longs(left);
        let holds = |row| values.get(row).is_some_and(|value| set.contains(&value));
        return (0..rows).map(|row| Some(holds(row) != is_negated)).collect();
    }
    let mut set = ConstantSet::new(false);
    for value in constants.iter().map(|value| value.cast(ty)).filter(|value| !matches!(value, Value::Null(_))) {
        if let Value::String(text) = value.cast(Type::String) {
            set.insert(&text);
        }
    }
    let texts = convert::cast(left.array(), ty, Type::String);
    let texts = Strings::of(&if left.is_scalar() { Arg::Scalar(texts) } else { Arg::Array(texts) });
    let nulls = left.array().logical_nulls();
    let is_scalar = left.is_scalar();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(if is_scalar { 0 } else { row }));
    let holds = |row| (ty == Type::String || !is_null(row)) && set.contains(texts.text(row));
    (0..rows).map(|row| Some(holds(row) != is_negated)).collect()
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => Some(*value),
        _ => None,
    }
}
