//! Who calls, and what that caller may.

use crate::{Permission, Role, TableScope};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Which kind of caller.
    pub kind: PrincipalKind,
    /// The id of the user, token or client in the database.
    pub id: String,
    /// The name that audit rows bear: a user's name, a token's or a client's.
    pub name: String,
    /// Roles, those of its groups included. None: may nothing but what anybody may.
    pub roles: Vec<Role>,
    /// The tables that exist for it.
    pub tables: TableScope,
}

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// Somebody with a password or an account at an OpenID provider.
    User,
    /// An API token or a client with credentials.
    Application,
    /// A managed identity of this machine.
    ManagedIdentity,
    /// The service itself: jobs and listeners that need no sign-in.
    Service,
}

impl Principal {
    /// The service itself, which may everything.
    pub fn service() -> Self {
        Self {
            kind: PrincipalKind::Service,
            id: "service".to_owned(),
            name: "Vedette".to_owned(),
            roles: vec![Role::Administrator],
            tables: TableScope::All,
        }
    }

    /// Whether it may do that.
    pub fn may(&self, permission: Permission) -> bool {
        match permission {
            Permission::Public | Permission::SignedIn => true,
            _ => self.roles.iter().any(|role| role.allows(permission)),
        }
    }
}
