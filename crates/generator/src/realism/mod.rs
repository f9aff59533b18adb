//! The realism report: what the written records look like, measured from their own text while they are written, beside what is
//! known of real tenants.
//!
//! [`Realism`] stands before any sink, reads back each record ([`seen`]) and counts ([`counters`]); [`anchors`] are the figures
//! that are known, [`report`] compares, [`html`] draws. Memory doesn't grow with the number of records.

mod anchors;
mod charts;
mod counters;
mod csv_line;
mod figures;
mod histogram;
mod html;
mod id_sample;
mod report;
mod seen;
mod sink;

pub use anchors::{Expectation, TOLERANCE_PERCENT};
pub use report::{Check, LogMeasure, RealismReport};
pub use sink::Realism;
