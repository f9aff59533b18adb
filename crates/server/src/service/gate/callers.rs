//! From rows of the database to a caller.

use access::{EffectiveAccess, Grant, Principal, PrincipalKind, Role, TableScope};
use chrono::{DateTime, Utc};
use database::{ApiToken, Client, DatabaseError, Holder, HolderKind, RoleGrant, User};

use super::Gate;

impl Gate {
    /// A user as a caller; nobody where it may not sign in.
    pub(super) async fn user_as_caller(&self, user: &User) -> Result<Option<Principal>, DatabaseError> {
        if user.disabled {
            return Ok(None);
        }
        let access = self.access_of(HolderKind::User, &user.id).await?;
        Ok(Some(caller(PrincipalKind::User, &user.id, &user.name, access)))
    }

    /// An API token as a caller; nobody where it is revoked or expired, or its owner may not sign in. It may no more than its owner may now.
    pub(super) async fn token_as_caller(
        &self,
        token: &ApiToken,
        now: DateTime<Utc>,
    ) -> Result<Option<Principal>, DatabaseError> {
        if token.revoked.is_some() || token.expires.is_some_and(|expires| expires <= now) {
            return Ok(None);
        }
        let mut access = self.access_of(HolderKind::Token, &token.id).await?;
        if let Some(owner) = &token.owner {
            match self.database().user(owner).await? {
                Some(owner) if !owner.disabled => {
                    access = access.and(&self.access_of(HolderKind::User, &owner.id).await?)
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(caller(PrincipalKind::Application, &token.id, &token.name, access)))
    }

    /// A client as a caller; nobody where it is disabled.
    pub(super) async fn client_as_caller(
        &self,
        client: &Client,
        kind: PrincipalKind,
    ) -> Result<Option<Principal>, DatabaseError> {
        if client.disabled {
            return Ok(None);
        }
        let access = self.access_of(HolderKind::Client, &client.id).await?;
        Ok(Some(caller(kind, &client.id, &client.name, access)))
    }

    /// What a holder was given.
    pub(super) async fn access_of(&self, kind: HolderKind, id: &str) -> Result<EffectiveAccess, DatabaseError> {
        let grants = self.database().grants_of(&Holder::new(kind, id)).await?;
        Ok(EffectiveAccess::of(&grants.iter().filter_map(read_grant).collect::<Vec<_>>()))
    }
}

/// A caller that sends logs by a shared key of a workspace.
pub(super) fn shared_key_caller(workspace: &str) -> Principal {
    Principal {
        kind: PrincipalKind::Application,
        id: format!("shared-key:{workspace}"),
        name: format!("shared key of {workspace}"),
        roles: vec![Role::Ingest],
        tables: TableScope::Only([].into()),
    }
}

/// What a caller has, as it can be given on.
pub(super) fn access_of_caller(caller: &Principal) -> EffectiveAccess {
    EffectiveAccess { roles: caller.roles.clone(), tables: caller.tables.clone() }
}

fn caller(kind: PrincipalKind, id: &str, name: &str, access: EffectiveAccess) -> Principal {
    Principal { kind, id: id.to_owned(), name: name.to_owned(), roles: access.roles, tables: access.tables }
}

/// A stored grant; nothing where its role is of a version that this one does not know.
fn read_grant(grant: &RoleGrant) -> Option<Grant> {
    match grant.role.parse() {
        Ok(role) => Some(Grant { role, tables: grant.tables.as_ref().map(|tables| tables.iter().cloned().collect()) }),
        Err(error) => {
            tracing::warn!(grant = grant.id, %error, "a role that was given counts for nothing");
            None
        }
    }
}
