//! A deterministic demo tenant: the identity logs of an organisation's ordinary days with attacks hidden in them, and a truth
//! file that says where. The same options give the same bytes on any machine and with any number of threads.
//!
//! The order of work: [`tenant`] invents the organisation; [`behaviors`] and [`scenarios`] decide what happens and do it with
//! [`acts`], each of which leaves [`records`] in all the logs that would show it; [`envelopes`] write those in the forms that
//! exports have in the wild; [`engine`] keeps everything in order and in little memory; [`truth`] notes what was hidden.

mod acts;
mod assumptions;
mod behaviors;
mod engine;
mod envelopes;
mod error;
mod guid;
mod json;
mod options;
mod random;
pub mod realism;
mod records;
mod scenarios;
mod tenant;
#[cfg(test)]
mod testing;
mod timestamps;
mod truth;

pub use assumptions::{Assumption, assumptions};
pub use engine::{
    Clock, FileAbout, FolderSink, Framing, LiveFolder, NullSink, Rate, Receiver, Sink, SinkFile, generate,
    generate_into, play,
};
pub use error::GenerateError;
pub use options::{
    Envelope, GenerateOptions, LANL_LOGONS_PER_USER_AND_DAY, MAX_DAYS, MAX_USERS, MIN_DAYS, MIN_USERS, ScenarioChoice,
};
pub use scenarios::{ListedScenario, ListedStage, ListedTwin, list_scenarios};
pub use truth::{BenignTwin, TRUTH_FILE, Truth, TruthEntity, TruthFile, TruthOptions, TruthScenario, TruthStage};
