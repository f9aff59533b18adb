//! All neutral events of a tenant, before any envelope.

use crate::audit::AuditEvent;
use crate::sign_ins::SignIn;
use crate::tenant::Tenant;
use crate::unified_audit::UnifiedRecord;
use crate::windows::WindowsEvent;

/// The events of all logs.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) sign_ins: Vec<SignIn>,
    pub(crate) audit: Vec<AuditEvent>,
    pub(crate) unified_audit: Vec<UnifiedRecord>,
    pub(crate) windows: Vec<WindowsEvent>,
}

impl Events {
    /// Drops what lies outside the tenant's days, sorts by time and numbers the Windows records.
    pub(crate) fn settle(&mut self, tenant: &Tenant) {
        self.sign_ins.retain(|event| tenant.holds(event.time));
        self.audit.retain(|event| tenant.holds(event.time));
        self.unified_audit.retain(|event| tenant.holds(event.time));
        self.windows.retain(|event| tenant.holds(event.time));
        self.sign_ins.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        self.audit.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        self.unified_audit.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        // Stable: events of one moment keep the order in which they were made, such as a logon before what it does.
        self.windows.sort_by_key(|event| event.time);
        crate::windows::number(&mut self.windows);
    }
}
