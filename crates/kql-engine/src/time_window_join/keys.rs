//! The keys of a join: their hashes and when two are the same.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, DynComparator, StringViewArray, make_comparator};
use arrow::buffer::NullBuffer;
use arrow::compute::SortOptions;
use datafusion::common::NullEquality;
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::joins::utils::JoinOn;
use std::sync::Arc;

/// Not the seed by which rows are sent to partitions: all rows of a partition have some bits of that hash in common.
const SEED: u64 = 0x7469_6d65;

/// A string view of up to this many bytes holds them itself.
const INLINE_BYTES: u32 = 12;

/// The keys of one side's rows.
pub(super) struct Keys {
    /// One for each key.
    pub arrays: Vec<ArrayRef>,
    /// One for each row.
    pub hashes: Vec<u64>,
    /// Rows that match nothing, where null keys do not match each other.
    unmatched: Option<NullBuffer>,
}

impl Keys {
    /// Hashes rows of at least one key.
    pub fn of(arrays: Vec<ArrayRef>, nulls: NullEquality) -> Result<Self> {
        let mut hashes = vec![0; arrays.first().map_or(0, |array| array.len())];
        create_hashes(&arrays, &RandomState::with_seed(SEED), &mut hashes)?;
        let unmatched = match nulls {
            NullEquality::NullEqualsNull => None,
            NullEquality::NullEqualsNothing => {
                arrays.iter().fold(None, |nulls, array| NullBuffer::union(nulls.as_ref(), array.nulls()))
            }
        };
        Ok(Self { arrays, hashes, unmatched })
    }

    /// Whether the row can have partners.
    pub fn matches(&self, row: usize) -> bool {
        self.unmatched.as_ref().is_none_or(|nulls| nulls.is_valid(row))
    }
}

/// Expressions over the rows of one side.
type SideKeys = Vec<Arc<dyn PhysicalExpr>>;

/// The keys of the left and of the right side.
pub(super) fn sides(on: &JoinOn) -> (SideKeys, SideKeys) {
    on.iter().map(|(left, right)| (Arc::clone(left), Arc::clone(right))).unzip()
}

/// Compares keys of rows of two batches; null is the same as null, and reals are the same when all their bits are.
pub(super) enum SameKeys {
    /// A single string.
    Text(StringViewArray, StringViewArray),
    /// Anything else.
    Any(Vec<DynComparator>),
}

impl SameKeys {
    /// For the rows of these keys.
    pub fn new(left: &[ArrayRef], right: &[ArrayRef]) -> Result<Self> {
        if let ([left], [right]) = (left, right)
            && let (Some(left), Some(right)) = (left.as_string_view_opt(), right.as_string_view_opt())
        {
            return Ok(Self::Text(left.clone(), right.clone()));
        }
        let comparators =
            left.iter().zip(right).map(|(left, right)| make_comparator(left, right, SortOptions::default()));
        Ok(Self::Any(comparators.collect::<Result<_, _>>()?))
    }

    /// Whether a row on the left has the keys of a row on the right.
    pub fn same(&self, left: usize, right: usize) -> bool {
        match self {
            Self::Text(lefts, rights) => match (lefts.is_null(left), rights.is_null(right)) {
                (false, false) => same_text(lefts, left, rights, right),
                (left, right) => left == right,
            },
            Self::Any(comparators) => comparators.iter().all(|compare| compare(left, right) == Ordering::Equal),
        }
    }
}

fn same_text(lefts: &StringViewArray, left: usize, rights: &StringViewArray, right: usize) -> bool {
    let (a, b) = (lefts.views()[left], rights.views()[right]);
    // A view is the length, then either the bytes or a prefix of four and where the rest is.
    if a as u32 <= INLINE_BYTES {
        return a == b;
    }
    a as u64 == b as u64 && lefts.value(left) == rights.value(right)
}
