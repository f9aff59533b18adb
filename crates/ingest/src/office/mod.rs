//! Office 365: unified audit, and the reports that collectors make of Exchange Online.

mod cloud_apps_alert;
pub(crate) mod content_hash;
mod exchange_reports;
mod record_type;
mod state_reports;
mod unified_audit;

pub use cloud_apps_alert::CloudAppsAlertDecoder;
pub use exchange_reports::ExchangeReportDecoder;
pub use state_reports::StateReportDecoder;
pub use unified_audit::UnifiedAuditDecoder;
