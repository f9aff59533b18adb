//! The tables `DirectoryObjects`, `DirectoryMemberships` and `DirectoryRelationships`, and their rows.

use chrono::{DateTime, Utc};
use schema::Table;

use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// `Source` of what came from Active Directory.
pub(super) const ACTIVE_DIRECTORY: &str = "Active Directory";
/// `Source` of what came from Entra ID.
pub(super) const ENTRA_ID: &str = "Entra ID";

/// What all rows of one record share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot<'a> {
    /// When the directory was read.
    pub time: DateTime<Utc>,
    /// [`ACTIVE_DIRECTORY`] or [`ENTRA_ID`].
    pub source: &'static str,
    /// The Entra tenant, where known.
    pub tenant: &'a str,
    /// The Active Directory domain, where known.
    pub domain: &'a str,
}

/// An object at one end of a row. Unknown parts are empty.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ObjectRef<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
}

/// A member of a group or holder of a role.
#[derive(Debug, Default)]
pub(super) struct Membership<'a> {
    pub group: ObjectRef<'a>,
    pub member: ObjectRef<'a>,
    /// `Direct`, `PrimaryGroup`, `Transitive`, `Assigned` or `Eligible`.
    pub kind: &'a str,
    /// What a role is held over; `/` is the whole directory.
    pub scope: &'a str,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
}

/// What one object may do to another, or how it relates to it.
#[derive(Debug, Default)]
pub(super) struct Relationship<'a> {
    pub source: ObjectRef<'a>,
    pub name: &'a str,
    pub target: ObjectRef<'a>,
    pub inherited: Option<bool>,
    /// JSON object; empty for none.
    pub properties: &'a str,
}

/// The three tables with the places of their columns.
#[derive(Debug)]
pub(super) struct DirectoryTables {
    pub objects: ObjectTable,
    memberships: MembershipTable,
    relationships: RelationshipTable,
}

impl DirectoryTables {
    pub fn new() -> Self {
        Self {
            objects: ObjectTable::new(),
            memberships: MembershipTable::new(),
            relationships: RelationshipTable::new(),
        }
    }

    /// Adds a membership. One without an id at either end says nothing and is left out.
    pub fn add_membership(&self, rows: &mut Rows, snapshot: Snapshot, membership: &Membership) {
        if membership.group.id.is_empty() || membership.member.id.is_empty() {
            return;
        }
        let columns = &self.memberships;
        let row = columns.common.begin(rows, snapshot);
        columns.group.set(row, membership.group);
        columns.member.set(row, membership.member);
        row.set_str(columns.kind, membership.kind);
        row.set_str(columns.scope, membership.scope);
        set_time(row, columns.start, membership.start);
        set_time(row, columns.end, membership.end);
        row.end_row();
    }

    /// Adds a relationship. One without an id at either end says nothing and is left out.
    pub fn add_relationship(&self, rows: &mut Rows, snapshot: Snapshot, relationship: &Relationship) {
        if relationship.source.id.is_empty() || relationship.target.id.is_empty() {
            return;
        }
        let columns = &self.relationships;
        let row = columns.common.begin(rows, snapshot);
        columns.source.set(row, relationship.source);
        row.set_str(columns.name, relationship.name);
        columns.target.set(row, relationship.target);
        if let Some(inherited) = relationship.inherited {
            row.set_bool(columns.inherited, inherited);
        }
        if !relationship.properties.is_empty() {
            row.set_dynamic(columns.properties, relationship.properties);
        }
        row.end_row();
    }
}

/// Sets a time where there is one.
pub(super) fn set_time(row: &mut RowBuilder, index: ColumnIndex, time: Option<DateTime<Utc>>) {
    if let Some(time) = time {
        row.set_time(index, time);
    }
}

/// A built-in table, and the place of a column in it.
pub(super) fn built_in(name: &str) -> (&'static Table, impl Fn(&str) -> ColumnIndex) {
    let table = schema::table(name).expect("a built-in table");
    (table, move |name: &str| ColumnIndex::of(table, name).expect("a column of the table"))
}

/// Columns that all three tables have.
#[derive(Debug)]
struct CommonColumns {
    table: &'static Table,
    time: ColumnIndex,
    tenant: ColumnIndex,
    source: ColumnIndex,
    domain: ColumnIndex,
}

impl CommonColumns {
    fn new(table: &'static Table, column: &impl Fn(&str) -> ColumnIndex) -> Self {
        Self {
            table,
            time: column("TimeGenerated"),
            tenant: column("TenantId"),
            source: column("Source"),
            domain: column("Domain"),
        }
    }

    fn begin<'r>(&self, rows: &'r mut Rows, snapshot: Snapshot) -> &'r mut RowBuilder {
        let row = rows.row(self.table);
        row.set_time(self.time, snapshot.time);
        row.set_str(self.tenant, snapshot.tenant);
        row.set_str(self.source, snapshot.source);
        row.set_str(self.domain, snapshot.domain);
        row
    }
}

/// The columns of an object at one end of a row.
#[derive(Debug)]
struct RefColumns {
    id: ColumnIndex,
    name: ColumnIndex,
    kind: ColumnIndex,
}

impl RefColumns {
    fn new(prefix: &str, column: &impl Fn(&str) -> ColumnIndex) -> Self {
        let of = |suffix: &str| column(&format!("{prefix}{suffix}"));
        Self { id: of("Id"), name: of("Name"), kind: of("Type") }
    }

    fn set(&self, row: &mut RowBuilder, object: ObjectRef) {
        row.set_str(self.id, object.id);
        row.set_str(self.name, object.name);
        row.set_str(self.kind, object.kind);
    }
}

#[derive(Debug)]
struct MembershipTable {
    common: CommonColumns,
    group: RefColumns,
    member: RefColumns,
    kind: ColumnIndex,
    scope: ColumnIndex,
    start: ColumnIndex,
    end: ColumnIndex,
}

impl MembershipTable {
    fn new() -> Self {
        let (table, column) = built_in("DirectoryMemberships");
        Self {
            common: CommonColumns::new(table, &column),
            group: RefColumns::new("Group", &column),
            member: RefColumns::new("Member", &column),
            kind: column("MembershipType"),
            scope: column("Scope"),
            start: column("StartDateTime"),
            end: column("EndDateTime"),
        }
    }
}

#[derive(Debug)]
struct RelationshipTable {
    common: CommonColumns,
    source: RefColumns,
    name: ColumnIndex,
    target: RefColumns,
    inherited: ColumnIndex,
    properties: ColumnIndex,
}

impl RelationshipTable {
    fn new() -> Self {
        let (table, column) = built_in("DirectoryRelationships");
        Self {
            common: CommonColumns::new(table, &column),
            source: RefColumns::new("SourceObject", &column),
            name: column("Relationship"),
            target: RefColumns::new("TargetObject", &column),
            inherited: column("IsInherited"),
            properties: column("Properties"),
        }
    }
}

/// The table of objects.
#[derive(Debug)]
pub(super) struct ObjectTable {
    common: CommonColumns,
    object: RefColumns,
    pub display_name: ColumnIndex,
    pub account_name: ColumnIndex,
    pub upn: ColumnIndex,
    pub domain_sid: ColumnIndex,
    pub distinguished_name: ColumnIndex,
    pub on_prem_sid: ColumnIndex,
    pub app_id: ColumnIndex,
    pub is_enabled: ColumnIndex,
    pub is_deleted: ColumnIndex,
    pub created: ColumnIndex,
    pub last_logon: ColumnIndex,
    pub password_last_set: ColumnIndex,
    pub properties: ColumnIndex,
    extra: ColumnIndex,
}

impl ObjectTable {
    fn new() -> Self {
        let (table, column) = built_in("DirectoryObjects");
        Self {
            common: CommonColumns::new(table, &column),
            object: RefColumns::new("Object", &column),
            display_name: column("DisplayName"),
            account_name: column("AccountName"),
            upn: column("AccountUPN"),
            domain_sid: column("DomainSid"),
            distinguished_name: column("DistinguishedName"),
            on_prem_sid: column("OnPremSid"),
            app_id: column("AppId"),
            is_enabled: column("IsEnabled"),
            is_deleted: column("IsDeleted"),
            created: column("CreatedDateTime"),
            last_logon: column("LastLogonTime"),
            password_last_set: column("PasswordLastSetTime"),
            properties: column("Properties"),
            extra: column("_RawExtra"),
        }
    }

    /// Begins the row of an object; [`Self::end`] ends it.
    pub fn begin<'r>(&self, rows: &'r mut Rows, snapshot: Snapshot, object: ObjectRef) -> &'r mut RowBuilder {
        let row = self.common.begin(rows, snapshot);
        self.object.set(row, object);
        row
    }

    /// Ends the row, with the fields that no column takes.
    pub fn end(&self, row: &mut RowBuilder, extra: &mut ExtraFields) {
        extra.write(row, self.extra);
        row.end_row();
    }
}
