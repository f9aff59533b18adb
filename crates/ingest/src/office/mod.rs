//! Office 365 unified audit.

pub(crate) mod content_hash;
mod record_type;
mod unified_audit;

pub use unified_audit::UnifiedAuditDecoder;
