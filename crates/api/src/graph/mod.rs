//! Microsoft Graph's hunting query.
//!
//! <https://learn.microsoft.com/graph/api/security-security-runhuntingquery>

mod error;
mod hunting;

pub use error::error_body;
pub use hunting::{HuntingRequest, hunting_body};
