//! What all of this shares.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access::{OidcHttp, OidcProvider, SessionPolicy, random_bytes};
use chrono::{DateTime, Utc};
use database::Database;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, Semaphore};

use super::audit::{AuditEvent, AuditQueue};
use super::oidc::provider_client;
use super::verified::Verified;
use crate::Error;
use crate::service::config::AccessConfig;

/// Passwords that are proven at a time. Each takes 19 MiB and a core for about 50 ms; more at a time would only be slower each.
const PASSWORDS_AT_A_TIME: usize = 2;

/// Sign-ins that wait for that; more are told to come again.
pub(super) const SIGN_INS_WAITING: usize = 64;

/// How long a request to an OpenID provider may take.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

/// State of the service and who may do what with it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gate {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    config: AccessConfig,
    access_token_key: [u8; 32],
    sas_key: [u8; 32],
    verified: Verified,
    passwords: Semaphore,
    waiting: Semaphore,
    audit: AuditQueue,
    providers: Mutex<HashMap<String, Arc<OidcProvider>>>,
    http: OidcHttp,
}

impl Gate {
    /// Puts it together over an opened state; makes the service's keys where there are none.
    pub(crate) async fn new(database: Database, config: AccessConfig, now: DateTime<Utc>) -> Result<Self, Error> {
        let access_token_key = key(&database, "access token key", now).await?;
        let sas_key = key(&database, "shared access signature key", now).await?;
        // A provider that sends elsewhere would learn of codes and secrets there.
        let http = reqwest::Client::builder().timeout(PROVIDER_TIMEOUT).redirect(reqwest::redirect::Policy::none());
        let http = http.build().map_err(|error| Error::new(format!("cannot make an HTTP client: {error}")))?;
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                config,
                access_token_key,
                sas_key,
                verified: Verified::default(),
                passwords: Semaphore::new(PASSWORDS_AT_A_TIME),
                waiting: Semaphore::new(SIGN_INS_WAITING),
                audit: AuditQueue::new(),
                providers: Mutex::default(),
                http: provider_client(http),
            }),
        })
    }

    /// The state.
    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    /// How signing in is configured.
    pub(super) fn config(&self) -> &AccessConfig {
        &self.inner.config
    }

    /// How long sessions last.
    pub(super) fn session_policy(&self) -> SessionPolicy {
        self.inner.config.session_policy()
    }

    /// The key of access tokens.
    pub(super) fn access_token_key(&self) -> &[u8; 32] {
        &self.inner.access_token_key
    }

    /// The key of shared access signatures.
    pub(super) fn sas_key(&self) -> &[u8; 32] {
        &self.inner.sas_key
    }

    /// Credentials that were proven seconds ago.
    pub(super) fn verified(&self) -> &Verified {
        &self.inner.verified
    }

    /// Turns for the proving of passwords.
    pub(super) fn passwords(&self) -> &Semaphore {
        &self.inner.passwords
    }

    /// Places for those who wait for a turn.
    pub(super) fn waiting(&self) -> &Semaphore {
        &self.inner.waiting
    }

    /// Notes an event for `SentinelAudit`. Never waits.
    pub(crate) fn audit(&self, event: AuditEvent) {
        self.inner.audit.push(event);
    }

    /// Events that wait to be stored.
    pub(super) fn audit_queue(&self) -> &AuditQueue {
        &self.inner.audit
    }

    /// OpenID providers that were discovered.
    pub(super) fn providers(&self) -> &Mutex<HashMap<String, Arc<OidcProvider>>> {
        &self.inner.providers
    }

    /// The client that asks OpenID providers.
    pub(super) fn http(&self) -> &OidcHttp {
        &self.inner.http
    }
}

async fn key(database: &Database, name: &str, now: DateTime<Utc>) -> Result<[u8; 32], Error> {
    let new: String = random_bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = database.secret_or(name, &new, now).await.map_err(|error| Error::new(error.to_string()))?;
    // Whatever stands there, a digest of it is a key.
    Ok(Sha256::digest(text.as_bytes()).into())
}
