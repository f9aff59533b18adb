//! How a tenant comes to pass: behaviors plan each day as moments, moments leave traces, traces are put in order and written.
//!
//! Nothing is held longer than it must: the plan of two days (a few dozen bytes a moment), the traces of a slice of time, and
//! those that come late. So a tenant of any length fits into the same memory.

mod behavior;
mod clock;
mod folder;
mod live_folder;
mod numbering;
mod play;
mod run;
mod sink;
mod stream;
mod trace;

#[cfg(test)]
pub(crate) use behavior::traces_of_day;
pub(crate) use behavior::{Behavior, Moment, Plan};
pub use folder::FolderSink;
pub use live_folder::LiveFolder;
pub use play::{Clock, Rate, Receiver, play};
pub use run::{generate, generate_into};
pub use sink::{FileAbout, Framing, NullSink, Sink, SinkFile};
pub(crate) use trace::{Mark, Trace, Traces};
