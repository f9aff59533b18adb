//! The demo tenant: writing it, playing it, and checking that its attacks are found.
//!
//! | module | concept |
//! |---|---|
//! | `generate` | a tenant into a folder, into tables or nowhere, measured or not, and the list of its attacks |
//! | `tables` | a tenant straight into a workspace |
//! | `player` | a tenant played live into a folder or to an address |
//! | `http_receiver` | records posted to an address |
//! | `attribution` | which attack or twin an alert belongs to |
//! | `check` | an investigation of a tenant beside its truth file |
//! | `checked` | what the check found, in the form that `--format json` prints |

mod attribution;
mod check;
mod checked;
mod generate;
mod http_receiver;
mod player;
mod tables;

pub use check::check_generated;
pub use checked::{
    CheckedIncident, CheckedScenario, CheckedStage, CheckedTenant, FalseIncidents, RuleCount, TwinIncidents,
};
pub use generate::{TenantPlace, generate, list_scenarios};
pub use player::{PlayTarget, play};
