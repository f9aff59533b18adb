//! API tokens: long-lived secrets of senders, scripts and users.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::role_grants::insert_grant;
use crate::{Database, DatabaseError, Holder, HolderKind, from_micros, micros};

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id, a GUID.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The user whose it is, which it may never exceed; absent: the service's own.
    pub owner: Option<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Until when it is taken; absent: until it is revoked.
    pub expires: Option<DateTime<Utc>>,
    /// When it was last seen, to a minute or so.
    pub last_used: Option<DateTime<Utc>>,
    /// When its secret was last replaced.
    pub rotated: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked: Option<DateTime<Utc>>,
}

/// An API token to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApiToken {
    /// What it is for.
    pub name: String,
    /// The user whose it is.
    pub owner: Option<String>,
    /// The hash of its secret.
    pub secret_hash: String,
    /// Until when it is taken.
    pub expires: Option<DateTime<Utc>>,
    /// Its roles, each with the tables that it is limited to.
    pub grants: Vec<(String, Option<Vec<String>>)>,
    /// Who makes it.
    pub created_by: String,
}

const COLUMNS: &str = "id, name, owner_id, created, expires, last_used, rotated, revoked";

impl Database {
    /// Makes an API token with its roles.
    ///
    /// # Errors
    /// `DatabaseError::Statement` where its owner does not exist.
    pub async fn create_api_token(&self, token: NewApiToken, now: DateTime<Utc>) -> Result<ApiToken, DatabaseError> {
        let id = Uuid::new_v4().to_string();
        let mut transaction = self.begin().await?;
        let statement = "INSERT INTO api_tokens (id, name, owner_id, secret_hash, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(statement).bind(id.clone()).bind(token.name.clone()).bind(token.owner.clone());
        let query = query.bind(token.secret_hash).bind(micros(now)).bind(token.expires.map(micros));
        query.execute(&mut *transaction).await?;
        let holder = Holder::new(HolderKind::Token, id.clone());
        for (role, tables) in &token.grants {
            insert_grant(&mut transaction, &holder, role, tables.as_deref(), &token.created_by, now).await?;
        }
        transaction.commit().await?;
        let expires = token.expires.map(|expires| from_micros(micros(expires)));
        let created = from_micros(micros(now));
        Ok(ApiToken {
            id,
            name: token.name,
            owner: token.owner,
            created,
            expires,
            last_used: None,
            rotated: None,
            revoked: None,
        })
    }

    /// All API tokens, or those of one user, oldest first.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn api_tokens(&self, owner: Option<&str>) -> Result<Vec<ApiToken>, DatabaseError> {
        let statement = match owner {
            None => format!("SELECT {COLUMNS} FROM api_tokens ORDER BY created, id"),
            Some(_) => format!("SELECT {COLUMNS} FROM api_tokens WHERE owner_id = $1 ORDER BY created, id"),
        };
        let query = sqlx::query(&statement);
        let query = match owner {
            None => query,
            Some(owner) => query.bind(owner.to_owned()),
        };
        query.fetch_all(self.pool()).await?.iter().map(read).collect()
    }

    /// The API token of that id.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn api_token(&self, id: &str) -> Result<Option<ApiToken>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM api_tokens WHERE id = $1");
        sqlx::query(&statement).bind(id.to_owned()).fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// The API token whose secret has that hash, the one before the last rotation included while it is taken. It may be expired or revoked.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn api_token_by_hash(&self, hash: &str, now: DateTime<Utc>) -> Result<Option<ApiToken>, DatabaseError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM api_tokens WHERE secret_hash = $1 OR (previous_hash = $1 AND previous_until > $2)"
        );
        let query = sqlx::query(&statement).bind(hash.to_owned()).bind(micros(now));
        query.fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// Replaces the secret of an API token; the old one is taken until `previous_until`. False where there is none that could still be used.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn rotate_api_token(
        &self,
        id: &str,
        secret_hash: &str,
        previous_until: DateTime<Utc>,
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, DatabaseError> {
        let statement = "UPDATE api_tokens SET previous_hash = secret_hash, previous_until = $3, secret_hash = $2, expires = $4, rotated = $5 \
                         WHERE id = $1 AND revoked IS NULL";
        let query =
            sqlx::query(statement).bind(id.to_owned()).bind(secret_hash.to_owned()).bind(micros(previous_until));
        Ok(query.bind(expires.map(micros)).bind(micros(now)).execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Revokes an API token. False where there is none, or it was revoked before.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn revoke_api_token(&self, id: &str, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
        let statement = "UPDATE api_tokens SET revoked = $2, previous_hash = NULL, previous_until = NULL WHERE id = $1 AND revoked IS NULL";
        Ok(sqlx::query(statement).bind(id.to_owned()).bind(micros(now)).execute(self.pool()).await?.rows_affected()
            == 1)
    }

    /// Notes that an API token was used, unless that was noted after `noted_since` already.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn note_api_token_use(
        &self,
        id: &str,
        now: DateTime<Utc>,
        noted_since: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let statement = "UPDATE api_tokens SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $3)";
        sqlx::query(statement)
            .bind(id.to_owned())
            .bind(micros(now))
            .bind(micros(noted_since))
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<ApiToken, DatabaseError> {
    let time = |name: &str| Ok::<_, DatabaseError>(row.try_get::<Option<i64>, _>(name)?.map(from_micros));
    Ok(ApiToken {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        owner: row.try_get("owner_id")?,
        created: from_micros(row.try_get("created")?),
        expires: time("expires")?,
        last_used: time("last_used")?,
        rotated: time("rotated")?,
        revoked: time("revoked")?,
    })
}
