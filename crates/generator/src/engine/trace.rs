//! What something leaves in a log, and when the log's reader gets it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::records::Record;

/// Which attack or benign twin something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mark {
    /// Nothing but an ordinary day.
    #[default]
    None,
    /// Stage `stage` of the attack of story `story`.
    Attack { story: u16, stage: u8 },
    /// The benign twin of story `story`.
    Twin { story: u16 },
    /// Ordinary events that look like an attack, by position in `truth::ORDINARY_TWINS`.
    Ordinary(u8),
}

/// One record with its moments.
#[derive(Debug)]
pub(crate) struct Trace<'t> {
    /// When it happened.
    pub(crate) time: DateTime<Utc>,
    /// When the export has it.
    pub(crate) arrival: DateTime<Utc>,
    /// Whether the export has it already under the same id.
    pub(crate) repeated: bool,
    pub(crate) mark: Mark,
    pub(crate) record: Record<'t>,
}

/// The traces of a moment.
#[derive(Debug, Default)]
pub(crate) struct Traces<'t> {
    pub(super) list: Vec<Trace<'t>>,
    mark: Mark,
}

impl<'t> Traces<'t> {
    /// Marks what follows.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.mark = mark;
    }

    /// The mark of what follows.
    pub(crate) fn current_mark(&self) -> Mark {
        self.mark
    }

    /// What was left so far.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Trace<'t>> {
        self.list.iter()
    }

    /// `record` happened at `time` and is exported `delay` later.
    pub(crate) fn push(&mut self, time: DateTime<Utc>, delay: TimeDelta, record: Record<'t>) {
        self.list.push(Trace { time, arrival: time + delay, repeated: false, mark: self.mark, record });
    }
}
