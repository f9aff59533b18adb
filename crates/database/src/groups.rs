//! Groups and who is in them.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::role_grants::remove_holder;
use crate::{Database, DatabaseError, from_micros, micros};

/// Users who are given roles together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id, a GUID.
    pub id: String,
    /// Its name, unique without regard to case. A group that an OpenID provider's claim names is the one of that name.
    pub name: String,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// The source of memberships that were given here, not by an OpenID provider.
const LOCAL: &str = "local";

impl Database {
    /// Makes a group.
    ///
    /// # Errors
    /// `DatabaseError::Taken` where the name is another's.
    pub async fn create_group(&self, name: &str, now: DateTime<Utc>) -> Result<Group, DatabaseError> {
        let group = Group { id: Uuid::new_v4().to_string(), name: name.to_owned(), created: from_micros(micros(now)) };
        let query = sqlx::query("INSERT INTO groups (id, name, name_key, created) VALUES ($1, $2, $3, $4)");
        let query = query.bind(group.id.clone()).bind(name.to_owned()).bind(name.to_lowercase()).bind(micros(now));
        query.execute(self.pool()).await.map_err(|error| DatabaseError::taken(error, "group", name))?;
        Ok(group)
    }

    /// All groups, by name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn groups(&self) -> Result<Vec<Group>, DatabaseError> {
        let rows = sqlx::query("SELECT id, name, created FROM groups ORDER BY name_key").fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// The group of that id.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn group(&self, id: &str) -> Result<Option<Group>, DatabaseError> {
        let query = sqlx::query("SELECT id, name, created FROM groups WHERE id = $1").bind(id.to_owned());
        query.fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// The group of that name, in whatever case.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn group_by_name(&self, name: &str) -> Result<Option<Group>, DatabaseError> {
        let query = sqlx::query("SELECT id, name, created FROM groups WHERE name_key = $1").bind(name.to_lowercase());
        query.fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// Removes a group with its memberships and grants. False where there is no such group.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_group(&self, id: &str) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let found = remove_holder(&mut transaction, "group", "groups", id).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Puts a user into a group, once. Both must exist.
    ///
    /// # Errors
    /// `DatabaseError::Statement` where one of both does not exist.
    pub async fn add_member(&self, group: &str, user: &str) -> Result<(), DatabaseError> {
        let statement =
            "INSERT INTO memberships (user_id, group_id, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        sqlx::query(statement).bind(user.to_owned()).bind(group.to_owned()).bind(LOCAL).execute(self.pool()).await?;
        Ok(())
    }

    /// Takes a user out of a group, as far as it was put there here. False where it was not in it.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn remove_member(&self, group: &str, user: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM memberships WHERE user_id = $1 AND group_id = $2 AND source = $3");
        let query = query.bind(user.to_owned()).bind(group.to_owned()).bind(LOCAL);
        Ok(query.execute(self.pool()).await?.rows_affected() > 0)
    }

    /// Replaces what an OpenID provider says about a user's groups: those of its names that exist here. Names that do not are passed over.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_provider_groups(&self, user: &str, provider: &str, names: &[String]) -> Result<(), DatabaseError> {
        let source = format!("oidc:{provider}");
        let mut transaction = self.begin().await?;
        let query = sqlx::query("DELETE FROM memberships WHERE user_id = $1 AND source = $2")
            .bind(user.to_owned())
            .bind(source.clone());
        query.execute(&mut *transaction).await?;
        let statement = "INSERT INTO memberships (user_id, group_id, source) \
                         SELECT $1, id, $2 FROM groups WHERE name_key = $3 ON CONFLICT DO NOTHING";
        for name in names {
            let query = sqlx::query(statement).bind(user.to_owned()).bind(source.clone()).bind(name.to_lowercase());
            query.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The ids of a group's members.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn members(&self, group: &str) -> Result<Vec<String>, DatabaseError> {
        let query = sqlx::query("SELECT DISTINCT user_id FROM memberships WHERE group_id = $1 ORDER BY user_id")
            .bind(group.to_owned());
        query.fetch_all(self.pool()).await?.iter().map(|row| Ok(row.try_get("user_id")?)).collect()
    }

    /// The names of a user's groups.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn groups_of(&self, user: &str) -> Result<Vec<String>, DatabaseError> {
        let statement = "SELECT name FROM groups WHERE id IN (SELECT group_id FROM memberships WHERE user_id = $1) ORDER BY name_key";
        let rows = sqlx::query(statement).bind(user.to_owned()).fetch_all(self.pool()).await?;
        rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
    }
}

fn read(row: &AnyRow) -> Result<Group, DatabaseError> {
    Ok(Group { id: row.try_get("id")?, name: row.try_get("name")?, created: from_micros(row.try_get("created")?) })
}
