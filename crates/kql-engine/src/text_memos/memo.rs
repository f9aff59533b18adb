//! What an expression gave for texts.

use std::sync::{Mutex, PoisonError, Weak};

use arrow::array::{Array, ArrayRef};
use kql_functions::TextCodes;

use super::shared_memos::SharedMemos;

/// Memos of an expression kept between batches: one a thread of a usual query. Each may hold some MiB.
const KEPT_MEMOS: usize = 16;

/// What an expression gave for the texts that have a number.
#[derive(Default)]
pub(super) struct Memo {
    pub codes: TextCodes,
    pub results: Option<ArrayRef>,
}

impl Memo {
    /// Size of the results in memory.
    pub fn result_bytes(&self) -> usize {
        self.results.as_ref().map_or(0, |results| results.get_array_memory_size())
    }
}

/// The memos of an expression that nobody uses just now.
#[derive(Default)]
pub(crate) struct Memos {
    /// With the bytes that they take.
    kept: Mutex<Vec<(usize, Memo)>>,
    /// Those of other expressions, which have to do with the same memory.
    others: Weak<SharedMemos>,
}

impl Memos {
    /// Memos that share the memory of those.
    pub(super) fn among(others: Weak<SharedMemos>) -> Self {
        Self { kept: Mutex::default(), others }
    }

    /// A memo to go on with; an empty one where none is kept.
    pub(super) fn take(&self) -> Memo {
        let Some((bytes, memo)) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
            return Memo::default();
        };
        if let Some(others) = self.others.upgrade() {
            others.count_off(bytes);
        }
        memo
    }

    /// Keeps a memo for later.
    pub(super) fn keep(&self, memo: Memo) {
        let bytes = memo.codes.bytes() + memo.result_bytes();
        let others = self.others.upgrade();
        if others.as_ref().is_some_and(|others| !others.has_room(bytes)) {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_MEMOS {
            if let Some(others) = &others {
                others.count(bytes);
            }
            kept.push((bytes, memo));
        }
    }

    /// How many are kept.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Gives the kept ones up; their size.
    pub(super) fn forget(&self) -> usize {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        kept.iter().map(|(bytes, _)| bytes).sum()
    }
}
