//! From a credential to a caller.

use access::{
    Principal, PrincipalKind, SEEN_EVERY, SecretToken, SharedKeyRequest, has_sas, same_hash, verify_access_token,
    verify_sas, verify_shared_key,
};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use database::Client;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;

use super::super::app::App;
use super::super::authenticator::Authenticator;
use super::super::refusal::Refusal;
use super::Gate;
use super::callers::shared_key_caller;
use super::credential::{Credential, read_credential};
use super::requests::address;
use super::sessions::check_origin;

/// How often "last use" of a token is written down.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What every refused credential is told: not whether it is unknown, expired or revoked.
const REFUSED: &str = "the credentials are not known here, or no longer";

/// Finds callers by what the state knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GateAuthenticator;

#[async_trait]
impl Authenticator for GateAuthenticator {
    async fn authenticate(&self, app: &App, parts: &Parts) -> Result<Option<Principal>, Refusal> {
        app.gate().authenticate(parts, app.now()).await
    }
}

impl Gate {
    /// The caller of a request; nobody where it carries no credentials.
    ///
    /// # Errors
    /// 401 for credentials that are not taken, 403 for a session's request that another site may have made, 429 for who is locked out, 503 where
    /// the database cannot be reached.
    pub(crate) async fn authenticate(&self, parts: &Parts, now: DateTime<Utc>) -> Result<Option<Principal>, Refusal> {
        let credential =
            read_credential(&parts.headers).map_err(|error| Refusal::unauthenticated(error.to_string()))?;
        match credential {
            None => match parts.uri.query().filter(|query| has_sas(query)) {
                Some(query) => self.by_sas(parts.uri.path(), query, now).await.map(Some),
                None => Ok(None),
            },
            Some(Credential::Session(secret)) => {
                check_origin(parts, &secret)?;
                self.by_session(&secret, now).await.map(Some)
            }
            Some(Credential::ApiToken(token)) => self.by_api_token(&token, now).await.map(Some),
            Some(Credential::AccessToken(token)) => self.by_access_token(&token, now).await.map(Some),
            Some(Credential::Password { name, password }) => {
                self.by_password(&name, &password, &address(parts), now).await.map(Some)
            }
            Some(Credential::Client { id, secret }) => {
                let client = self.client_by_secret(&id, &secret, now).await?;
                let caller = self.client_as_caller(&client, PrincipalKind::Application).await?;
                caller.map(Some).ok_or_else(|| Refusal::unauthenticated(REFUSED))
            }
            Some(Credential::SharedKey { workspace, signature }) => {
                self.by_shared_key(parts, &workspace, &signature, now).await.map(Some)
            }
        }
    }

    /// The caller of an API token.
    pub(super) async fn by_api_token(&self, token: &SecretToken, now: DateTime<Utc>) -> Result<Principal, Refusal> {
        let hash = token.hash();
        if let Some(caller) = self.verified().find(&["api token", &hash], now) {
            return Ok(caller);
        }
        let found =
            self.database().api_token_by_hash(&hash, now).await?.ok_or_else(|| Refusal::unauthenticated(REFUSED))?;
        let caller = self.token_as_caller(&found, now).await?.ok_or_else(|| Refusal::unauthenticated(REFUSED))?;
        self.database().note_api_token_use(&found.id, now, now - USE_NOTED_EVERY).await?;
        // A token that is over within the proof's time must be looked up again.
        if found.expires.is_none_or(|expires| expires > now + USE_NOTED_EVERY) {
            self.verified().remember(&["api token", &hash], &caller, now);
        }
        Ok(caller)
    }

    async fn by_access_token(&self, token: &str, now: DateTime<Utc>) -> Result<Principal, Refusal> {
        let claims = verify_access_token(token, self.access_token_key(), now)
            .map_err(|error| Refusal::unauthenticated(error.to_string()))?;
        let issued = claims.iat.to_string();
        let proof = ["access token", &claims.idtyp, &claims.sub, &issued];
        if let Some(caller) = self.verified().find(&proof, now) {
            return Ok(caller);
        }
        let caller = match claims.idtyp.as_str() {
            "token" => match self.database().api_token(&claims.sub).await? {
                Some(token) => self.token_as_caller(&token, now).await?,
                None => None,
            },
            "client" | "managed" => {
                let kind =
                    if claims.idtyp == "client" { PrincipalKind::Application } else { PrincipalKind::ManagedIdentity };
                match self
                    .database()
                    .client(&claims.sub)
                    .await?
                    .filter(|client| claims.iat >= client.tokens_valid_from.timestamp())
                {
                    Some(client) => self.client_as_caller(&client, kind).await?,
                    None => None,
                }
            }
            _ => None,
        };
        let caller = caller.ok_or_else(|| Refusal::unauthenticated(REFUSED))?;
        self.verified().remember(&proof, &caller, now);
        Ok(caller)
    }

    async fn by_password(
        &self,
        name: &str,
        password: &str,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<Principal, Refusal> {
        if let Some(caller) = self.verified().find(&["password", name, password], now) {
            return Ok(caller);
        }
        let user = self.sign_in(name, password, address, now).await?;
        let caller = self.user_as_caller(&user).await?.ok_or_else(|| Refusal::unauthenticated(REFUSED))?;
        self.verified().remember(&["password", name, password], &caller, now);
        Ok(caller)
    }

    async fn by_session(&self, secret: &SecretToken, now: DateTime<Utc>) -> Result<Principal, Refusal> {
        let over = || Refusal::unauthenticated("the session is over; sign in again");
        let hash = secret.hash();
        if let Some(caller) = self.verified().find(&["session", &hash], now) {
            return Ok(caller);
        }
        let session = self.database().session(&hash).await?.ok_or_else(over)?;
        if !self.session_policy().is_alive(session.created, session.last_seen, session.expires, now) {
            self.database().end_session(&hash).await?;
            return Err(over());
        }
        let user = self.database().user(&session.user).await?.ok_or_else(over)?;
        let caller = self.user_as_caller(&user).await?.ok_or_else(over)?;
        self.database().note_session_use(&hash, now, now - SEEN_EVERY).await?;
        self.verified().remember(&["session", &hash], &caller, now);
        Ok(caller)
    }

    /// The client of that id and secret.
    pub(super) async fn client_by_secret(
        &self,
        id: &str,
        secret: &SecretToken,
        now: DateTime<Utc>,
    ) -> Result<Client, Refusal> {
        let hash = secret.hash();
        let client = self.database().client(id).await?;
        let known = client.as_ref().is_some_and(|client| {
            let current = same_hash(&client.secret_hash, &hash) && client.expires.is_none_or(|expires| expires > now);
            let previous =
                client.previous.as_ref().is_some_and(|(previous, until)| same_hash(previous, &hash) && *until > now);
            (current || previous) && !client.disabled
        });
        match client.filter(|_| known) {
            Some(client) => {
                self.database().note_client_use(&client.id, now, now - USE_NOTED_EVERY).await?;
                Ok(client)
            }
            None => Err(Refusal::unauthenticated(REFUSED)),
        }
    }

    async fn by_shared_key(
        &self,
        parts: &Parts,
        workspace: &str,
        signature: &str,
        now: DateTime<Utc>,
    ) -> Result<Principal, Refusal> {
        // As the Data Collector API says it: 403 and this code.
        let refused = |message: String| Refusal::new(StatusCode::FORBIDDEN, "InvalidAuthorization", message);
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let length = header(CONTENT_LENGTH.as_str()).and_then(|value| value.parse().ok());
        let content_length = length
            .ok_or_else(|| refused("a signature needs the header `Content-Length`, which it covers".to_owned()))?;
        let request = SharedKeyRequest {
            method: parts.method.as_str(),
            content_length,
            content_type: header(CONTENT_TYPE.as_str()).unwrap_or_default(),
            date: header("x-ms-date").unwrap_or_default(),
            path: parts.uri.path(),
        };
        let keys = self.database().shared_keys(workspace).await?;
        verify_shared_key(&request, signature, &keys, now).map_err(|error| refused(error.to_string()))?;
        Ok(shared_key_caller(workspace))
    }

    async fn by_sas(&self, path: &str, query: &str, now: DateTime<Utc>) -> Result<Principal, Refusal> {
        let resource = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let grant = verify_sas(resource, query, self.sas_key(), now)
            .map_err(|error| Refusal::unauthenticated(error.to_string()))?;
        let caller = self.holder_as_caller(&grant.holder, now).await?;
        caller.ok_or_else(|| Refusal::unauthenticated(REFUSED))
    }
}
