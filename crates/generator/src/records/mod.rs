//! What logs record, before any envelope.

mod audit;
mod field;
mod office;
mod row;
mod sign_in;
pub(crate) mod windows;

pub(crate) use audit::{Audit, Initiator, Modified, Target, listed, quoted};
pub(crate) use field::Field;
pub(crate) use office::{Office, RecordType};
pub(crate) use row::{Log, Row};
pub(crate) use sign_in::{DESKTOP_CLIENT, Identity, SecondFactor, SignIn, SignInKind, failure_reason};
pub(crate) use windows::{Channel, Session, Windows};

use std::sync::Arc;

/// One record of some log.
#[derive(Debug)]
pub(crate) enum Record<'t> {
    /// Entra's sign-in logs.
    SignIn(Box<SignIn<'t>>),
    /// Entra's audit log.
    Audit(Box<Audit<'t>>),
    /// Office 365 unified audit.
    Office(Arc<Office<'t>>),
    /// A Windows event log.
    Windows(Windows<'t>),
    /// Any log whose records are rows of a table.
    Row(Row<'t>),
}

impl Record<'_> {
    /// What the truth file counts the record as.
    pub(crate) fn log(&self) -> &'static str {
        match self {
            Self::SignIn(sign_in) => sign_in.kind.category(),
            Self::Audit(_) => "AuditLogs",
            Self::Office(_) => "UnifiedAudit",
            Self::Windows(event) => event.layout.channel.log(),
            Self::Row(row) => row.log.name(),
        }
    }

    /// How the truth file names the record.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::SignIn(sign_in) => sign_in.id.to_string(),
            Self::Audit(audit) => audit.id.clone(),
            Self::Office(office) => office.id.to_string(),
            Self::Windows(event) => event.id(),
            Self::Row(row) => row.id.clone().into(),
        }
    }
}
