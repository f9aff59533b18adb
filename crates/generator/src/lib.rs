//! A small, deterministic demo tenant: identity logs of ordinary days with five attacks hidden in them, and a truth file that
//! says where. The same options give the same bytes on any machine.
//!
//! The order of work: [`tenant`] invents the organisation, [`noise`] its ordinary days, [`scenarios`] the attacks; all three
//! produce neutral events ([`sign_ins`], [`audit`], [`unified_audit`], [`windows`]), which [`envelopes`] write in the forms that
//! exports have in the wild; [`truth`] records what was hidden.

mod addresses;
mod apps;
mod audit;
mod cast;
mod directory;
mod envelopes;
mod error;
mod events;
mod generate;
mod noise;
mod options;
mod output;
mod people;
mod random;
mod scenarios;
mod sign_ins;
mod sites;
mod tenant;
mod timestamps;
mod truth;
mod unified_audit;
mod windows;

pub use error::GenerateError;
pub use generate::generate;
pub use options::{GenerateOptions, MAX_DAYS, MAX_USER_DAYS, MAX_USERS, MIN_USERS};
pub use truth::{BenignTwin, TRUTH_FILE, Truth, TruthEntity, TruthFile, TruthOptions, TruthScenario};
