//! What is given to whom.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::{Database, DatabaseError, Transaction, from_micros, micros};

/// A kind of holder of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HolderKind {
    /// A user.
    User,
    /// A group: all its users.
    Group,
    /// An API token.
    Token,
    /// A client with credentials.
    Client,
}

/// Who holds a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its kind.
    pub kind: HolderKind,
    /// Its id.
    pub id: String,
}

/// A role that was given to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    /// Its id, a GUID.
    pub id: String,
    /// Who has it.
    pub holder: Holder,
    /// The name of the role.
    pub role: String,
    /// The tables that it is limited to; absent: none.
    pub tables: Option<Vec<String>>,
    /// When it was given.
    pub created: DateTime<Utc>,
    /// Who gave it.
    pub created_by: String,
}

impl HolderKind {
    /// Its name in tables and requests.
    pub fn name(self) -> &'static str {
        match self {
            HolderKind::User => "user",
            HolderKind::Group => "group",
            HolderKind::Token => "token",
            HolderKind::Client => "client",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [HolderKind::User, HolderKind::Group, HolderKind::Token, HolderKind::Client]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl Holder {
    /// A holder.
    pub fn new(kind: HolderKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

const COLUMNS: &str = "id, holder_kind, holder_id, role, tables, created, created_by";

impl Database {
    /// Gives a role. The caller has seen that the holder exists.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn grant_role(
        &self,
        holder: &Holder,
        role: &str,
        tables: Option<&[String]>,
        created_by: &str,
        now: DateTime<Utc>,
    ) -> Result<RoleGrant, DatabaseError> {
        let mut transaction = self.begin().await?;
        let grant = insert_grant(&mut transaction, holder, role, tables, created_by, now).await?;
        transaction.commit().await?;
        Ok(grant)
    }

    /// Takes a grant back. False where there is no such grant.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn revoke_grant(&self, id: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM role_grants WHERE id = $1").bind(id.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// All grants, oldest first.
    ///
    /// # Errors
    /// `DatabaseError::Unreadable` where a stored one is damaged.
    pub async fn grants(&self) -> Result<Vec<RoleGrant>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM role_grants ORDER BY created, id");
        let rows = sqlx::query(&statement).fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// The grant of that id.
    ///
    /// # Errors
    /// `DatabaseError::Unreadable` where the stored one is damaged.
    pub async fn grant(&self, id: &str) -> Result<Option<RoleGrant>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM role_grants WHERE id = $1");
        sqlx::query(&statement).bind(id.to_owned()).fetch_optional(self.pool()).await?.as_ref().map(read).transpose()
    }

    /// What a holder has: its own grants and, for a user, those of its groups.
    ///
    /// # Errors
    /// `DatabaseError::Unreadable` where a stored one is damaged.
    pub async fn grants_of(&self, holder: &Holder) -> Result<Vec<RoleGrant>, DatabaseError> {
        // Parameters of a union would be typed apart by PostgreSQL; two conditions are not.
        let statement = format!(
            "SELECT {COLUMNS} FROM role_grants WHERE (holder_kind = $1 AND holder_id = $2) \
             OR ($1 = 'user' AND holder_kind = 'group' AND holder_id IN (SELECT group_id FROM memberships WHERE user_id = $2)) \
             ORDER BY created, id"
        );
        let rows =
            sqlx::query(&statement).bind(holder.kind.name()).bind(holder.id.clone()).fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// How many users who may sign in hold a role without limits, by themselves or through a group, leaving out one grant or one user where named.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn count_users_with_role(
        &self,
        role: &str,
        without_grant: &str,
        without_user: &str,
    ) -> Result<i64, DatabaseError> {
        let statement = "SELECT COUNT(*) AS users FROM users WHERE disabled = 0 AND id <> $3 AND EXISTS (\
                           SELECT 1 FROM role_grants WHERE role = $1 AND role_grants.id <> $2 AND tables IS NULL AND (\
                             (holder_kind = 'user' AND holder_id = users.id) OR \
                             (holder_kind = 'group' AND holder_id IN (SELECT group_id FROM memberships WHERE user_id = users.id))))";
        let query =
            sqlx::query(statement).bind(role.to_owned()).bind(without_grant.to_owned()).bind(without_user.to_owned());
        Ok(query.fetch_one(self.pool()).await?.try_get("users")?)
    }
}

/// Removes a holder from its table, with its grants. False where there is no such holder.
pub(crate) async fn remove_holder(
    transaction: &mut Transaction,
    kind: &str,
    table: &str,
    id: &str,
) -> Result<bool, DatabaseError> {
    let grants = "DELETE FROM role_grants WHERE holder_kind = $1 AND holder_id = $2";
    sqlx::query(grants).bind(kind.to_owned()).bind(id.to_owned()).execute(&mut **transaction).await?;
    let holder = format!("DELETE FROM {table} WHERE id = $1");
    Ok(sqlx::query(&holder).bind(id.to_owned()).execute(&mut **transaction).await?.rows_affected() == 1)
}

/// Gives a role within a transaction.
pub(crate) async fn insert_grant(
    transaction: &mut Transaction,
    holder: &Holder,
    role: &str,
    tables: Option<&[String]>,
    created_by: &str,
    now: DateTime<Utc>,
) -> Result<RoleGrant, DatabaseError> {
    let grant = RoleGrant {
        id: Uuid::new_v4().to_string(),
        holder: holder.clone(),
        role: role.to_owned(),
        tables: tables.map(<[String]>::to_vec),
        created: from_micros(micros(now)),
        created_by: created_by.to_owned(),
    };
    let tables = grant.tables.as_ref().map(|tables| serde_json::Value::from(tables.clone()).to_string());
    let statement = "INSERT INTO role_grants (id, holder_kind, holder_id, role, tables, created, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let query = sqlx::query(statement)
        .bind(grant.id.clone())
        .bind(holder.kind.name())
        .bind(holder.id.clone())
        .bind(role.to_owned());
    query.bind(tables).bind(micros(now)).bind(created_by.to_owned()).execute(&mut **transaction).await?;
    Ok(grant)
}

fn read(row: &AnyRow) -> Result<RoleGrant, DatabaseError> {
    let kind: String = row.try_get("holder_kind")?;
    let kind = HolderKind::named(&kind).ok_or(DatabaseError::Unreadable { what: "kind of holder", value: kind })?;
    let tables: Option<String> = row.try_get("tables")?;
    // A limit that cannot be read must not become no limit.
    let tables = tables.map(|text| {
        serde_json::from_str(&text).map_err(|_| DatabaseError::Unreadable { what: "list of tables", value: text })
    });
    Ok(RoleGrant {
        id: row.try_get("id")?,
        holder: Holder::new(kind, row.try_get::<String, _>("holder_id")?),
        role: row.try_get("role")?,
        tables: tables.transpose()?,
        created: from_micros(row.try_get("created")?),
        created_by: row.try_get("created_by")?,
    })
}
