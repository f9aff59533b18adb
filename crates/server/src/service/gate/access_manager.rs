//! What an administrator of the machine does with the state, whether the service runs or not.

use std::collections::BTreeSet;

use access::{Role, SecretKind, SecretToken, check_new_password, hash_password, new_shared_key};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use database::{Database, Holder, HolderKind, NewApiToken, NewClient, NewUser, RoleGrant};
use storage::Workspace;
use tokio::runtime::Runtime;

use super::clients::read_client_id;
use super::grants::{NewGrant, RequestedRole, read_roles};
use super::requests::{read_expiry, read_name};
use crate::Error;
use crate::service::config::Config;
use crate::service::refusal::Refusal;

/// Who made what a command makes, in the state.
const COMMAND: &str = "command line";

/// Something that was made or rotated, with the secret that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenSecret {
    /// The id of the token or client.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// Users, tokens or clients, as a table for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessListing {
    /// Names of the columns.
    pub header: &'static [&'static str],
    /// A row each.
    pub rows: Vec<Vec<String>>,
}

/// The state of a workspace's service, opened by a command.
pub struct AccessManager {
    runtime: Runtime,
    database: Database,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::new(refusal.message)
    }
}

impl AccessManager {
    /// Opens the state that a configuration names.
    ///
    /// # Errors
    /// When the configuration cannot be used or the state cannot be opened.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let location =
            config.database.location(&config.workspace.path).map_err(|error| Error::new(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
        if config.database.url.is_none() {
            // The workspace comes first: a folder that holds something else already becomes none.
            runtime.block_on(Workspace::open_or_create(&config.workspace.path))?;
        }
        let database = runtime.block_on(Database::open(&location)).map_err(|error| Error::new(error.to_string()))?;
        Ok(Self { runtime, database })
    }

    /// Makes an API token of the service. A role is `Reader`, or `Reader:SigninLogs,AuditLogs`.
    ///
    /// # Errors
    /// For a role that there is not, or a name or an end that cannot be.
    pub fn create_token(
        &self,
        name: &str,
        roles: &[String],
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<GivenSecret, Error> {
        let secret = SecretToken::generate(SecretKind::ApiToken);
        let new = NewApiToken {
            name: read_name("token", name)?,
            owner: None,
            secret_hash: secret.hash(),
            expires: read_expiry(expires, now)?,
            grants: requested(roles)?,
            created_by: COMMAND.to_owned(),
        };
        let token = self.run(self.database.create_api_token(new, now))?;
        Ok(GivenSecret { id: token.id, secret: secret.reveal().to_owned() })
    }

    /// Replaces the secret of a token; the old one is taken for so long.
    ///
    /// # Errors
    /// Where there is no such token, or it is revoked.
    pub fn rotate_token(&self, id: &str, overlap: TimeDelta, now: DateTime<Utc>) -> Result<GivenSecret, Error> {
        let token = self.run(self.database.api_token(id))?.ok_or_else(|| absent("token", id))?;
        let secret = SecretToken::generate(SecretKind::ApiToken);
        if !self.run(self.database.rotate_api_token(id, &secret.hash(), now + overlap, token.expires, now))? {
            return Err(Error::new(format!("the token `{id}` is revoked")));
        }
        Ok(GivenSecret { id: token.id, secret: secret.reveal().to_owned() })
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// Where there is no such token, or it is revoked already.
    pub fn revoke_token(&self, id: &str, now: DateTime<Utc>) -> Result<(), Error> {
        if self.run(self.database.revoke_api_token(id, now))? {
            Ok(())
        } else {
            Err(absent("token that could be revoked", id))
        }
    }

    /// All tokens.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn tokens(&self) -> Result<AccessListing, Error> {
        let mut rows = Vec::new();
        for token in self.run(self.database.api_tokens(None))? {
            let state = if token.revoked.is_some() { "revoked" } else { "" };
            let roles = self.roles(HolderKind::Token, &token.id)?;
            rows.push(vec![
                token.id,
                token.name,
                roles,
                shown(token.expires),
                shown(token.last_used),
                state.to_owned(),
            ]);
        }
        Ok(AccessListing { header: &["id", "name", "roles", "expires", "last used", "state"], rows })
    }

    /// Makes a user, with a password where one is given.
    ///
    /// # Errors
    /// For a taken name, a weak password, or a role that there is not.
    pub fn create_user(
        &self,
        name: &str,
        password: Option<&str>,
        roles: &[String],
        now: DateTime<Utc>,
    ) -> Result<String, Error> {
        let name = read_name("user", name)?;
        let grants = requested(roles)?;
        let password_hash = password.map(|password| new_hash(password, &name)).transpose()?;
        let new = NewUser { display_name: name.clone(), name, password_hash, provider: None };
        let user = self.run(self.database.create_user(new, now))?;
        let holder = Holder::new(HolderKind::User, user.id.clone());
        for (role, tables) in grants {
            self.run(self.database.grant_role(&holder, &role, tables.as_deref(), COMMAND, now))?;
        }
        Ok(user.id)
    }

    /// Gives a user another password; its sessions end, and failed sign-ins are forgotten.
    ///
    /// # Errors
    /// Where there is no such user, or the password is weak.
    pub fn set_password(&self, name: &str, password: &str) -> Result<(), Error> {
        let user = self.run(self.database.user_by_name(name))?.ok_or_else(|| absent("user", name))?;
        self.run(self.database.set_password(&user.id, &new_hash(password, &user.name)?))?;
        self.run(self.database.forget_sign_in_failures(&format!("user:{}", user.name.to_lowercase())))
    }

    /// Locks a user out, or lets it in again.
    ///
    /// # Errors
    /// Where there is no such user.
    pub fn set_user_disabled(&self, name: &str, disabled: bool) -> Result<(), Error> {
        let user = self.run(self.database.user_by_name(name))?.ok_or_else(|| absent("user", name))?;
        self.run(self.database.set_user_disabled(&user.id, disabled))?;
        self.run(self.database.forget_sign_in_failures(&format!("user:{}", user.name.to_lowercase())))
    }

    /// All users.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn users(&self) -> Result<AccessListing, Error> {
        let mut rows = Vec::new();
        for user in self.run(self.database.users())? {
            let state = if user.disabled { "disabled" } else { "" };
            let groups = self.run(self.database.groups_of(&user.id))?.join(", ");
            let roles = self.roles(HolderKind::User, &user.id)?;
            let way = user
                .provider
                .unwrap_or_else(|| if user.password_hash.is_some() { "password" } else { "none" }.to_owned());
            rows.push(vec![user.id, user.name, roles, groups, way, state.to_owned()]);
        }
        Ok(AccessListing { header: &["id", "name", "roles", "groups", "signs in by", "state"], rows })
    }

    /// Makes a client with credentials; its id is a new GUID where none is given.
    ///
    /// # Errors
    /// For an id that is taken or cannot be, or a role that there is not.
    pub fn create_client(
        &self,
        name: &str,
        id: Option<String>,
        roles: &[String],
        now: DateTime<Utc>,
    ) -> Result<GivenSecret, Error> {
        let secret = SecretToken::generate(SecretKind::ClientSecret);
        let new = NewClient {
            id: read_client_id(id)?,
            name: read_name("client", name)?,
            secret_hash: secret.hash(),
            expires: None,
            grants: requested(roles)?,
            created_by: COMMAND.to_owned(),
        };
        let client = self.run(self.database.create_client(new, now))?;
        Ok(GivenSecret { id: client.id, secret: secret.reveal().to_owned() })
    }

    /// Replaces the secret of a client; the old one is taken for so long.
    ///
    /// # Errors
    /// Where there is no such client.
    pub fn rotate_client(&self, id: &str, overlap: TimeDelta, now: DateTime<Utc>) -> Result<GivenSecret, Error> {
        let client = self.run(self.database.client(id))?.ok_or_else(|| absent("client", id))?;
        let secret = SecretToken::generate(SecretKind::ClientSecret);
        self.run(self.database.rotate_client(id, &secret.hash(), now + overlap, client.expires))?;
        Ok(GivenSecret { id: client.id, secret: secret.reveal().to_owned() })
    }

    /// Removes a client.
    ///
    /// # Errors
    /// Where there is no such client.
    pub fn delete_client(&self, id: &str) -> Result<(), Error> {
        if self.run(self.database.delete_client(id))? { Ok(()) } else { Err(absent("client", id)) }
    }

    /// All clients.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn clients(&self) -> Result<AccessListing, Error> {
        let mut rows = Vec::new();
        for client in self.run(self.database.clients())? {
            let state = if client.disabled { "disabled" } else { "" };
            let roles = self.roles(HolderKind::Client, &client.id)?;
            rows.push(vec![client.id, client.name, roles, shown(client.last_used), state.to_owned()]);
        }
        Ok(AccessListing { header: &["id", "name", "roles", "last used", "state"], rows })
    }

    /// New keys of the HTTP Data Collector API for a workspace id; the secondary one of before becomes the primary one. Gives both.
    ///
    /// # Errors
    /// For an id that cannot be.
    pub fn make_shared_keys(&self, workspace: &str, now: DateTime<Utc>) -> Result<(String, String), Error> {
        let workspace = read_client_id(Some(workspace.to_owned()))?;
        let keys = self.run(self.database.shared_keys(&workspace))?;
        let primary = keys.get(1).cloned().unwrap_or_else(new_shared_key);
        let secondary = new_shared_key();
        self.run(self.database.set_shared_keys(&workspace, &primary, &secondary, now))?;
        Ok((primary, secondary))
    }

    fn run<T>(&self, work: impl Future<Output = Result<T, database::DatabaseError>>) -> Result<T, Error> {
        self.runtime.block_on(work).map_err(|error| Error::new(error.to_string()))
    }

    fn roles(&self, kind: HolderKind, id: &str) -> Result<String, Error> {
        let grants = self.run(self.database.grants_of(&Holder::new(kind, id)))?;
        let named = |grant: &RoleGrant| match &grant.tables {
            None => grant.role.clone(),
            Some(tables) => format!("{}:{}", grant.role, tables.join(",")),
        };
        let roles: BTreeSet<String> = grants.iter().map(named).collect();
        Ok(roles.into_iter().collect::<Vec<_>>().join(" "))
    }
}

/// Roles as a command line names them.
fn requested(roles: &[String]) -> Result<Vec<NewGrant>, Error> {
    let one = |text: &String| match text.split_once(':') {
        None => RequestedRole { role: text.clone(), tables: None },
        Some((role, tables)) => {
            RequestedRole { role: role.to_owned(), tables: Some(tables.split(',').map(str::to_owned).collect()) }
        }
    };
    let (_, grants) = read_roles(&roles.iter().map(one).collect::<Vec<_>>())?;
    if grants.is_empty() {
        let names = Role::ALL.map(Role::name).join(", ");
        return Err(Error::new("no role is given").with_hint(format!("give one or more with `--role`: {names}")));
    }
    Ok(grants)
}

fn new_hash(password: &str, name: &str) -> Result<String, Error> {
    check_new_password(password, name).map_err(|error| Error::new(error.to_string()))?;
    Ok(hash_password(password))
}

fn absent(what: &str, id: &str) -> Error {
    Error::new(format!("no {what} `{id}`"))
}

fn shown(time: Option<DateTime<Utc>>) -> String {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_make_is_listed_without_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(None, Some(folder.path().to_owned())).unwrap();
        let (manager, now) = (AccessManager::open(&config).unwrap(), Utc::now());
        let roles = ["Ingest".to_owned(), "reader:SigninLogs,AuditLogs".to_owned()];
        let token = manager.create_token("beat", &roles, None, now).unwrap();
        let rotated = manager.rotate_token(&token.id, TimeDelta::zero(), now).unwrap();
        assert_ne!(token.secret, rotated.secret);
        let listed = manager.tokens().unwrap();
        assert_eq!(listed.rows[0][2], "Ingest Reader:AuditLogs,SigninLogs");
        assert!(!format!("{listed:?}").contains(&rotated.secret[4..]));
        manager.revoke_token(&token.id, now).unwrap();
        manager.revoke_token(&token.id, now).unwrap_err();
        manager.create_user("alice", Some("a long enough sentence"), &["Administrator".to_owned()], now).unwrap();
        manager.create_user("Alice", None, &["Reader".to_owned()], now).unwrap_err();
        manager.create_user("bob", Some("short"), &["Reader".to_owned()], now).unwrap_err();
        manager.create_user("bob", None, &[], now).unwrap_err();
        manager.set_user_disabled("ALICE", true).unwrap();
        assert_eq!(manager.users().unwrap().rows[0][4..], ["password", "disabled"]);
        let client = manager.create_client("Fluent Bit", Some("fb".to_owned()), &["Ingest".to_owned()], now).unwrap();
        assert_eq!((client.id.as_str(), manager.clients().unwrap().rows.len()), ("fb", 1));
        let (primary, secondary) = manager.make_shared_keys("W", now).unwrap();
        assert_eq!(manager.make_shared_keys("w", now).unwrap().0, secondary);
        assert_ne!(primary, secondary);
    }
}
