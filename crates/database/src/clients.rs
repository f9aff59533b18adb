//! Clients: applications that ask for access tokens with an id and a secret.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::role_grants::{insert_grant, remove_holder};
use crate::{Database, DatabaseError, Holder, HolderKind, from_micros, micros};

/// An application with credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// What it is.
    pub name: String,
    /// The hash of its secret.
    pub secret_hash: String,
    /// The hash of the secret before the last rotation, and until when it is taken.
    pub previous: Option<(String, DateTime<Utc>)>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Until when its secret is taken; absent: until it is rotated.
    pub expires: Option<DateTime<Utc>>,
    /// When it last asked for a token, to a minute or so.
    pub last_used: Option<DateTime<Utc>>,
    /// Access tokens issued before are refused.
    pub tokens_valid_from: DateTime<Utc>,
    /// Whether it may not sign in.
    pub disabled: bool,
}

/// An application to be made.
#[derive(Debug, Clone, Default)]
pub struct NewClient {
    /// Its `client_id`.
    pub id: String,
    /// What it is.
    pub name: String,
    /// The hash of its secret.
    pub secret_hash: String,
    /// Until when its secret is taken.
    pub expires: Option<DateTime<Utc>>,
    /// Its roles, each with the tables that it is limited to.
    pub grants: Vec<(String, Option<Vec<String>>)>,
    /// Who makes it.
    pub created_by: String,
}

const COLUMNS: &str =
    "id, name, secret_hash, previous_hash, previous_until, created, expires, last_used, tokens_valid_from, disabled";

impl Database {
    /// Makes a client with its roles.
    ///
    /// # Errors
    /// `DatabaseError::Taken` where the id is another's.
    pub async fn create_client(&self, client: NewClient, now: DateTime<Utc>) -> Result<Client, DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "INSERT INTO clients (id, name, secret_hash, created, expires, tokens_valid_from, disabled) VALUES ($1, $2, $3, $4, $5, $4, 0)";
        let query =
            sqlx::query(statement).bind(client.id.clone()).bind(client.name.clone()).bind(client.secret_hash.clone());
        let query = query.bind(micros(now)).bind(client.expires.map(micros));
        query.execute(&mut *transaction).await.map_err(|error| DatabaseError::taken(error, "client", &client.id))?;
        let holder = Holder::new(HolderKind::Client, client.id.clone());
        for (role, tables) in &client.grants {
            insert_grant(&mut transaction, &holder, role, tables.as_deref(), &client.created_by, now).await?;
        }
        transaction.commit().await?;
        let created = from_micros(micros(now));
        Ok(Client {
            id: client.id,
            name: client.name,
            secret_hash: client.secret_hash,
            previous: None,
            created,
            expires: client.expires.map(|expires| from_micros(micros(expires))),
            last_used: None,
            tokens_valid_from: created,
            disabled: false,
        })
    }

    /// All clients, by id.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn clients(&self) -> Result<Vec<Client>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM clients ORDER BY id");
        sqlx::query(&statement).fetch_all(self.pool()).await?.iter().map(read).collect()
    }

    /// The client of that id.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn client(&self, id: &str) -> Result<Option<Client>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM clients WHERE id = $1");
        sqlx::query(&statement).bind(id.to_owned()).fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// Replaces the secret of a client; the old one is taken until `previous_until`. False where there is no such client.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn rotate_client(
        &self,
        id: &str,
        secret_hash: &str,
        previous_until: DateTime<Utc>,
        expires: Option<DateTime<Utc>>,
    ) -> Result<bool, DatabaseError> {
        let statement = "UPDATE clients SET previous_hash = secret_hash, previous_until = $3, secret_hash = $2, expires = $4 WHERE id = $1";
        let query =
            sqlx::query(statement).bind(id.to_owned()).bind(secret_hash.to_owned()).bind(micros(previous_until));
        Ok(query.bind(expires.map(micros)).execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Refuses all access tokens that a client was given before `now`. False where there is no such client.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn revoke_client_tokens(&self, id: &str, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE clients SET tokens_valid_from = $2 WHERE id = $1")
            .bind(id.to_owned())
            .bind(micros(now));
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Locks a client out, or lets it in again. False where there is no such client.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_client_disabled(&self, id: &str, disabled: bool) -> Result<bool, DatabaseError> {
        let query =
            sqlx::query("UPDATE clients SET disabled = $2 WHERE id = $1").bind(id.to_owned()).bind(i64::from(disabled));
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Removes a client with its grants. False where there is no such client.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_client(&self, id: &str) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let found = remove_holder(&mut transaction, "client", "clients", id).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Notes that a client asked for a token, unless that was noted after `noted_since` already.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn note_client_use(
        &self,
        id: &str,
        now: DateTime<Utc>,
        noted_since: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let statement = "UPDATE clients SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $3)";
        sqlx::query(statement)
            .bind(id.to_owned())
            .bind(micros(now))
            .bind(micros(noted_since))
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Client, DatabaseError> {
    let previous: Option<String> = row.try_get("previous_hash")?;
    let previous_until: Option<i64> = row.try_get("previous_until")?;
    Ok(Client {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        secret_hash: row.try_get("secret_hash")?,
        previous: previous.zip(previous_until.map(from_micros)),
        created: from_micros(row.try_get("created")?),
        expires: row.try_get::<Option<i64>, _>("expires")?.map(from_micros),
        last_used: row.try_get::<Option<i64>, _>("last_used")?.map(from_micros),
        tokens_valid_from: from_micros(row.try_get("tokens_valid_from")?),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
    })
}
