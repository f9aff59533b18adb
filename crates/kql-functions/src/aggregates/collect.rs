//! `make_list`, `make_set` and `make_bag`: values gathered into a dynamic.
//!
//! Elements of dynamic arrays are taken one by one. Nulls are left out, but for dynamic ones in a list; `""` is no null.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::DataType;
use xxhash_rust::xxh3::xxh3_64;

use super::conditional::Conditional;
use super::definition::{Aggregate, MakeState};
use super::groups::{each_selected, grow, take_first};
use super::item_texts::ItemTexts;
use crate::column::Strings;
use crate::convert::JsonRows;
use crate::dynamic::{Kind, compact, elements, entries, kind, unquote, write_compact, write_quoted};
use crate::signature::{accept, count};
use crate::sketch::HashSets;
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, Value};

/// Most elements, by default and at most.
const MAX_ELEMENTS: usize = 1_048_576;
/// Most elements of the older `makelist` and `makeset`, by default.
const OLD_MAX_ELEMENTS: usize = 128;

pub(super) static MAKE_LIST: Aggregate =
    collect("make_list", |args, resolved| Collect::boxed(Mode::List, args, resolved, MAX_ELEMENTS));
pub(super) static MAKELIST: Aggregate =
    collect("makelist", |args, resolved| Collect::boxed(Mode::List, args, resolved, OLD_MAX_ELEMENTS));
pub(super) static MAKE_LIST_WITH_NULLS: Aggregate =
    collect("make_list_with_nulls", |args, resolved| Collect::boxed(Mode::ListWithNulls, args, resolved, MAX_ELEMENTS));
pub(super) static MAKE_SET: Aggregate =
    collect("make_set", |args, resolved| Collect::boxed(Mode::Set, args, resolved, MAX_ELEMENTS));
pub(super) static MAKESET: Aggregate =
    collect("makeset", |args, resolved| Collect::boxed(Mode::Set, args, resolved, OLD_MAX_ELEMENTS));
pub(super) static MAKE_BAG: Aggregate = Aggregate::new(
    "make_bag",
    resolve_bag,
    |args, resolved| Collect::boxed(Mode::Bag, args, resolved, MAX_ELEMENTS),
    |_| vec![DataType::Utf8View],
)
.alias(&["make_dictionary"]);
pub(super) static MAKE_LIST_IF: Conditional = Conditional::new("make_list_if", &MAKE_LIST, 1);
pub(super) static MAKE_SET_IF: Conditional = Conditional::new("make_set_if", &MAKE_SET, 1);
pub(super) static MAKE_BAG_IF: Conditional = Conditional::new("make_bag_if", &MAKE_BAG, 1);

/// Bags are made of bags.
fn resolve_bag(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let resolved = resolve(args)?;
    accept(0, args[0].ty, Type::Dynamic)?;
    Ok(resolved)
}

const fn collect(name: &'static str, state: MakeState) -> Aggregate {
    Aggregate::new(name, resolve, state, |_| vec![DataType::Utf8View])
}

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 1, 2)?;
    let mut parameters = vec![args[0].ty];
    if let Some(size) = args.get(1) {
        parameters.push(accept(1, size.ty, Type::Long)?);
    }
    Ok(Resolved { parameters, result: Type::Dynamic })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    List,
    ListWithNulls,
    Set,
    Bag,
}

#[derive(Debug)]
struct Collect {
    mode: Mode,
    ty: Type,
    limit: usize,
    /// Lists of dynamics keep their nulls, too.
    keeps_nulls: bool,
    /// JSON elements or properties.
    items: ItemTexts,
    /// Of lists, how many elements groups have.
    counts: Vec<u32>,
    /// Of elements of sets, of names of bags.
    known: HashSets,
    /// The value at hand.
    json: String,
}

impl Collect {
    fn boxed(mode: Mode, args: &[ArgumentInfo], resolved: &Resolved, default: usize) -> Box<dyn GroupState> {
        let given = args.get(1).and_then(|arg| arg.constant.as_ref()).map(|constant| constant.cast(Type::Long));
        let limit = match given {
            Some(Value::Long(limit)) => usize::try_from(limit).unwrap_or(default).min(MAX_ELEMENTS),
            _ => default,
        };
        let ty = resolved.parameters[0];
        let keeps_nulls = mode == Mode::ListWithNulls || (mode == Mode::List && ty == Type::Dynamic);
        let (items, counts, known) = (ItemTexts::default(), Vec::new(), HashSets::default());
        Box::new(Collect { mode, ty, limit, keeps_nulls, items, counts, known, json: String::new() })
    }

    fn is_set(&self) -> bool {
        matches!(self.mode, Mode::Set | Mode::Bag)
    }

    fn grow(&mut self, n_groups: usize) {
        if self.is_set() {
            self.known.grow(n_groups);
        } else {
            grow(&mut self.counts, n_groups);
        }
    }

    fn is_full(&self, group: usize) -> bool {
        let count = if self.is_set() { self.known.count(group) } else { self.counts[group] as usize };
        count >= self.limit
    }

    /// Takes in a JSON value: the elements of an array, the properties of a bag, or the value itself.
    fn gather(&mut self, group: usize, json: &str) {
        match (self.mode, kind(json)) {
            (Mode::Bag, Kind::Bag) => entries(json).for_each(|(name, value)| self.push(group, name, Some(value))),
            (Mode::Bag, _) => {}
            (_, Kind::Array) => elements(json).for_each(|item| self.push(group, item, None)),
            _ => self.push(group, json, None),
        }
    }

    /// Appends an element, or a property if there is a value.
    fn push(&mut self, group: usize, item: &str, value: Option<&str>) {
        if self.is_full(group) || (item == "null" && !self.keeps_nulls) {
            return;
        }
        let item = compact(item);
        if self.is_set() {
            // Strings are known by what they say, as they are before they become JSON.
            let is_text = self.ty == Type::String && self.mode == Mode::Set;
            let hash = if is_text { xxh3_64(unquote(&item).as_bytes()) } else { xxh3_64(item.as_bytes()) };
            if !self.known.insert(group, hash) {
                return;
            }
        } else {
            self.counts[group] += 1;
        }
        self.items.push(group, |out| {
            out.push_str(&item);
            if let Some(value) = value {
                out.push(':');
                write_compact(out, value);
            }
        });
    }

    /// Takes in strings: only those that a set does not have yet become JSON.
    fn update_with_texts(&mut self, texts: &Strings, groups: &[usize], filter: Option<&BooleanArray>) {
        each_selected(groups, filter, |row, group| {
            if self.is_full(group) {
                return;
            }
            let text = texts.text(row);
            if !self.is_set() {
                self.counts[group] += 1;
            } else if !self.known.insert(group, xxh3_64(text.as_bytes())) {
                return;
            }
            self.items.push(group, |out| write_quoted(out, text));
        });
    }

    fn take(&mut self, n: usize) -> ArrayRef {
        self.grow(n);
        if self.is_set() {
            self.known.drop_first(n);
        } else {
            take_first(&mut self.counts, n);
        }
        self.items.take(n, if self.mode == Mode::Bag { *b"{}" } else { *b"[]" })
    }
}

impl GroupState for Collect {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        self.grow(n_groups);
        let arg = Arg::Array(args[0].clone());
        if self.ty == Type::String && self.mode != Mode::Bag {
            self.update_with_texts(&Strings::of(&arg), groups, filter);
            return;
        }
        let values = JsonRows::new(&arg, self.ty);
        let mut json = std::mem::take(&mut self.json);
        each_selected(groups, filter, |row, group| {
            if self.is_full(group) {
                return;
            }
            json.clear();
            if values.write(row, &mut json) {
                self.gather(group, &json);
            } else if self.keeps_nulls {
                self.push(group, "null", None);
            }
        });
        self.json = json;
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.grow(n_groups);
        let texts = Strings::of(&Arg::Array(partial[0].clone()));
        for (row, group) in groups.iter().enumerate() {
            self.gather(*group, texts.text(row));
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![self.take(n)]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.take(n)
    }

    fn size(&self) -> usize {
        let counts = self.counts.capacity() * size_of::<u32>();
        size_of::<Self>() + counts + self.known.size() + self.items.size() + self.json.capacity()
    }
}
