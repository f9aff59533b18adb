//! Users.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::role_grants::remove_holder;
use crate::{Database, DatabaseError, Transaction, from_micros, micros};

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id, a GUID.
    pub id: String,
    /// The name it signs in with, unique without regard to case.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// The hash of its password (a PHC string); absent for who signs in elsewhere.
    pub password_hash: Option<String>,
    /// The OpenID provider that it signs in with.
    pub provider: Option<String>,
    /// Its `sub` there.
    pub subject: Option<String>,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A user to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The name it signs in with.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// The hash of its password (a PHC string).
    pub password_hash: Option<String>,
    /// The OpenID provider that it signs in with, and its `sub` there.
    pub provider: Option<(String, String)>,
}

const COLUMNS: &str = "id, name, display_name, password_hash, provider, subject, disabled, created";

impl Database {
    /// Makes a user.
    ///
    /// # Errors
    /// `DatabaseError::Taken` where the name is another's.
    pub async fn create_user(&self, user: NewUser, now: DateTime<Utc>) -> Result<User, DatabaseError> {
        let mut transaction = self.begin().await?;
        let user = insert_user(&mut transaction, user, now).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// All users, by name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn users(&self) -> Result<Vec<User>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM users ORDER BY name_key");
        let rows = sqlx::query(&statement).fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// How many users there are: none on the first start.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn count_users(&self) -> Result<i64, DatabaseError> {
        Ok(sqlx::query("SELECT COUNT(*) AS users FROM users").fetch_one(self.pool()).await?.try_get("users")?)
    }

    /// The user of that id.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn user(&self, id: &str) -> Result<Option<User>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM users WHERE id = $1");
        sqlx::query(&statement).bind(id.to_owned()).fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// The user of that name, in whatever case.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<User>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM users WHERE name_key = $1");
        sqlx::query(&statement)
            .bind(name.to_lowercase())
            .fetch_optional(self.pool())
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    /// The user of that `sub` at an OpenID provider.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn user_by_subject(&self, provider: &str, subject: &str) -> Result<Option<User>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM users WHERE provider = $1 AND subject = $2");
        let query = sqlx::query(&statement).bind(provider.to_owned()).bind(subject.to_owned());
        query.fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// Gives a user another password, and ends its sessions. False where there is no such user.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_password(&self, id: &str, password_hash: &str) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id.to_owned())
            .bind(password_hash.to_owned());
        let found = query.execute(&mut *transaction).await?.rows_affected() == 1;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(id.to_owned()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Replaces the hash of a password that was just proven, if it is still that hash: its parameters have become stronger.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn rehash_password(&self, id: &str, old: &str, new: &str) -> Result<(), DatabaseError> {
        let query = sqlx::query("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2");
        query.bind(id.to_owned()).bind(old.to_owned()).bind(new.to_owned()).execute(self.pool()).await?;
        Ok(())
    }

    /// Changes the name that people read. False where there is no such user.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_display_name(&self, id: &str, display_name: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE users SET display_name = $2 WHERE id = $1")
            .bind(id.to_owned())
            .bind(display_name.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Locks a user out for good, or lets it in again; its sessions end. False where there is no such user.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_user_disabled(&self, id: &str, disabled: bool) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let query =
            sqlx::query("UPDATE users SET disabled = $2 WHERE id = $1").bind(id.to_owned()).bind(i64::from(disabled));
        let found = query.execute(&mut *transaction).await?.rows_affected() == 1;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(id.to_owned()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Removes a user with its sessions, tokens, memberships and grants. False where there is no such user.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_user(&self, id: &str) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let tokens = "DELETE FROM role_grants WHERE holder_kind = 'token' AND holder_id IN (SELECT id FROM api_tokens WHERE owner_id = $1)";
        sqlx::query(tokens).bind(id.to_owned()).execute(&mut *transaction).await?;
        let found = remove_holder(&mut transaction, "user", "users", id).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// Makes a user within a transaction.
pub(crate) async fn insert_user(
    transaction: &mut Transaction,
    user: NewUser,
    now: DateTime<Utc>,
) -> Result<User, DatabaseError> {
    let (provider, subject) = user.provider.unzip();
    let user = User {
        id: Uuid::new_v4().to_string(),
        name: user.name,
        display_name: user.display_name,
        password_hash: user.password_hash,
        provider,
        subject,
        disabled: false,
        created: from_micros(micros(now)),
    };
    let statement = "INSERT INTO users (id, name, name_key, display_name, password_hash, provider, subject, disabled, created) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)";
    let query = sqlx::query(statement).bind(user.id.clone()).bind(user.name.clone()).bind(user.name.to_lowercase());
    let query = query.bind(user.display_name.clone()).bind(user.password_hash.clone());
    let query = query.bind(user.provider.clone()).bind(user.subject.clone()).bind(micros(now));
    query.execute(&mut **transaction).await.map_err(|error| DatabaseError::taken(error, "user", &user.name))?;
    Ok(user)
}

fn read(row: &AnyRow) -> Result<User, DatabaseError> {
    Ok(User {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        display_name: row.try_get("display_name")?,
        password_hash: row.try_get("password_hash")?,
        provider: row.try_get("provider")?,
        subject: row.try_get("subject")?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        created: from_micros(row.try_get("created")?),
    })
}
