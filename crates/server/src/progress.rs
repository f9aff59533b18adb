//! How a long command tells how far it is.

/// What the numbers of a stage count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes read.
    Bytes,
    /// Things done.
    Items,
}

/// Told of stages, one after the other, and of progress within the current one. Called from many threads.
pub trait Progress: Sync {
    /// A stage begins; `total` counts `unit`s.
    fn stage(&self, name: &str, total: u64, unit: Unit);
    /// That much more of the current stage is done.
    fn advance(&self, by: u64);
    /// The last stage is over.
    fn finish(&self);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn stage(&self, _name: &str, _total: u64, _unit: Unit) {}
    fn advance(&self, _by: u64) {}
    fn finish(&self) {}
}
