//! `make_list`, `make_set` and `make_bag`: values gathered into a dynamic.
//!
//! Elements of dynamic arrays are taken one by one. Nulls are left out, but for dynamic ones in a list; `""` is no null.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use xxhash_rust::xxh3::xxh3_64;

use super::conditional::Conditional;
use super::definition::{Aggregate, MakeState};
use super::groups::{grow, selected, take_first};
use crate::column::Strings;
use crate::convert::JsonRows;
use crate::dynamic::{Kind, compact, elements, entries, kind};
use crate::signature::{accept, count};
use crate::sketch::Hashes;
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

/// What a group has gathered: JSON elements or properties, comma-separated.
#[derive(Debug, Default)]
struct Gathered {
    text: String,
    count: usize,
    /// Of elements of a set, of names of a bag.
    known: Hashes,
}

#[derive(Debug)]
struct Collect {
    mode: Mode,
    ty: Type,
    limit: usize,
    /// Lists of dynamics keep their nulls, too.
    keeps_nulls: bool,
    groups: Vec<Gathered>,
    /// Bytes in texts and hash sets.
    held: usize,
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
        Box::new(Collect { mode, ty, limit, keeps_nulls, groups: Vec::new(), held: 0 })
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
        let gathered = &mut self.groups[group];
        if gathered.count >= self.limit || (item == "null" && !self.keeps_nulls) {
            return;
        }
        let item = compact(item);
        if matches!(self.mode, Mode::Set | Mode::Bag) && !gathered.known.insert(xxh3_64(item.as_bytes())) {
            return;
        }
        let before = gathered.text.len();
        if gathered.count > 0 {
            gathered.text.push(',');
        }
        gathered.text.push_str(&item);
        if let Some(value) = value {
            gathered.text.push(':');
            gathered.text.push_str(&compact(value));
        }
        gathered.count += 1;
        // A hash takes up to 18 bytes in its table.
        self.held += gathered.text.len() - before + if self.mode == Mode::List { 0 } else { 18 };
    }

    fn take(&mut self, n: usize) -> ArrayRef {
        let (open, close) = if self.mode == Mode::Bag { ("{", "}") } else { ("[", "]") };
        let taken = take_first(&mut self.groups, n);
        let texts = taken.iter().map(|gathered| Some([open, gathered.text.as_str(), close].concat()));
        let array = Arc::new(texts.collect::<StringViewArray>());
        self.held = self.groups.iter().map(|gathered| gathered.text.len() + gathered.known.allocation_size()).sum();
        array
    }
}

impl GroupState for Collect {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let values = JsonRows::new(&Arg::Array(args[0].clone()), self.ty);
        let mut json = String::new();
        for (row, group) in selected(groups, filter) {
            json.clear();
            if values.write(row, &mut json) {
                self.gather(group, &json);
            } else if self.keeps_nulls {
                self.push(group, "null", None);
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
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
        size_of::<Self>() + self.groups.capacity() * size_of::<Gathered>() + self.held
    }
}
