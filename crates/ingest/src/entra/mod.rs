//! Microsoft Entra ID: sign-ins and directory audit.

mod audit;
mod envelope;
mod sign_in;

pub use audit::AuditDecoder;
pub use sign_in::SignInDecoder;
