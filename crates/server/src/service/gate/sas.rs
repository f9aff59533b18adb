//! Shared access signatures: a caller's right to send, lent to the client's storage library.

use access::{Permission, Principal, PrincipalKind, Role, SasGrant, TableScope, sign_sas};
use chrono::{DateTime, TimeDelta, Utc};

use super::super::refusal::Refusal;
use super::Gate;

/// How long a signature counts. Clients of queued ingestion ask for the resources anew each hour.
const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// Who holds a caller's signatures, as `kind:id`; the same whether the caller comes with one or with credentials.
pub(crate) fn holder_of(caller: &Principal) -> String {
    let kind = match caller.kind {
        PrincipalKind::User => "user",
        PrincipalKind::Application | PrincipalKind::ManagedIdentity => "application",
        PrincipalKind::Service => "service",
    };
    format!("{kind}:{}", caller.id)
}

impl Gate {
    /// The query of a signature with which whoever asked may put blobs and messages into a container. It counts as long as the caller may send.
    pub(crate) fn sign_container(&self, container: &str, caller: &Principal, now: DateTime<Utc>) -> String {
        let grant = SasGrant { resource: container.to_owned(), holder: holder_of(caller), expires: now + LIFETIME };
        sign_sas(&grant, self.sas_key())
    }

    /// Whoever holds a signature, with the right to send and no other.
    pub(crate) async fn holder_as_caller(
        &self,
        holder: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Principal>, Refusal> {
        let Some((kind, id)) = holder.split_once(':') else { return Ok(None) };
        let database = self.database();
        let caller = match kind {
            "user" => match database.user(id).await? {
                Some(user) => self.user_as_caller(&user).await?,
                None => None,
            },
            "application" => match (database.api_token(id).await?, database.client(id).await?) {
                (Some(token), _) => self.token_as_caller(&token, now).await?,
                (None, Some(client)) => self.client_as_caller(&client, PrincipalKind::Application).await?,
                (None, None) => None,
            },
            "service" => Some(Principal::service()),
            _ => None,
        };
        Ok(caller.filter(|caller| caller.may(Permission::Ingest)).map(|caller| Principal {
            roles: vec![Role::Ingest],
            tables: TableScope::Only([].into()),
            ..caller
        }))
    }
}
