//! What is given to users, groups and tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A role. The first four are named as Sentinel's, each with all that the one before it may; `Ingest` stands alone, for senders.
///
/// <https://learn.microsoft.com/azure/sentinel/roles>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Sends logs, reads nothing.
    Ingest,
    /// Asks.
    Reader,
    /// Works on incidents too.
    Responder,
    /// Changes rules, tables and data collection too.
    Contributor,
    /// Gives access, backs up, changes everything.
    Administrator,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 5] = [Role::Ingest, Role::Reader, Role::Responder, Role::Contributor, Role::Administrator];

    /// Its name, as in configuration and answers.
    pub fn name(self) -> &'static str {
        match self {
            Role::Ingest => "Ingest",
            Role::Reader => "Reader",
            Role::Responder => "Responder",
            Role::Contributor => "Contributor",
            Role::Administrator => "Administrator",
        }
    }

    /// Whether a caller of this role may do that.
    pub fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Public | Permission::SignedIn => true,
            Permission::Ingest => matches!(self, Role::Ingest | Role::Contributor | Role::Administrator),
            Permission::Read => self >= Role::Reader,
            Permission::Respond => self >= Role::Responder,
            Permission::Contribute => self >= Role::Contributor,
            Permission::Administer => self == Role::Administrator,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no role `{0}`\nroles are Ingest, Reader, Responder, Contributor, Administrator")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let role = Role::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text));
        role.ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
