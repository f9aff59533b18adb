//! The table `IdentityInfo` with the places of the columns that directory data fills.

use chrono::{DateTime, Utc};
use schema::Table;

use crate::directory::tables::{built_in, set_time};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// The table, and the columns that are not copies of one field.
#[derive(Debug)]
pub(super) struct IdentityTable {
    table: &'static Table,
    /// Fields copied as they are, and their columns.
    fields: Vec<(&'static str, ColumnIndex)>,
    time: ColumnIndex,
    system: ColumnIndex,
    environment: ColumnIndex,
    pub account_object_id: ColumnIndex,
    pub account_name: ColumnIndex,
    pub account_domain: ColumnIndex,
    pub upn: ColumnIndex,
    pub account_sid: ColumnIndex,
    pub on_prem_sid: ColumnIndex,
    enabled: ColumnIndex,
    user_state: ColumnIndex,
    is_service_account: ColumnIndex,
    pub user_account_control: ColumnIndex,
    account_creation: ColumnIndex,
    created: ColumnIndex,
    last_seen: ColumnIndex,
    pub phone: ColumnIndex,
    pub sip_address: ColumnIndex,
    pub manager: ColumnIndex,
    pub groups: ColumnIndex,
    pub roles: ColumnIndex,
    pub account_tenant: ColumnIndex,
    pub tenant: ColumnIndex,
    extra: ColumnIndex,
}

/// Which directories an account is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Environment {
    OnPremises,
    Cloud,
    Hybrid,
    /// In Entra ID; whether in Active Directory too is not said.
    Entra,
}

impl IdentityTable {
    /// The table, with the columns that these fields go to.
    pub fn new(fields: &[(&'static str, &str)]) -> Self {
        let (table, column) = built_in("IdentityInfo");
        Self {
            table,
            fields: fields.iter().map(|(field, name)| (*field, column(name))).collect(),
            time: column("TimeGenerated"),
            system: column("SourceSystem"),
            environment: column("IdentityEnvironment"),
            account_object_id: column("AccountObjectId"),
            account_name: column("AccountName"),
            account_domain: column("AccountDomain"),
            upn: column("AccountUPN"),
            account_sid: column("AccountSID"),
            on_prem_sid: column("OnPremSid"),
            enabled: column("IsAccountEnabled"),
            user_state: column("UserState"),
            is_service_account: column("IsServiceAccount"),
            user_account_control: column("UserAccountControl"),
            account_creation: column("AccountCreationTime"),
            created: column("CreatedDateTime"),
            last_seen: column("LastSeenDate"),
            phone: column("Phone"),
            sip_address: column("SipProxyAddress"),
            manager: column("Manager"),
            groups: column("GroupMembership"),
            roles: column("AssignedRoles"),
            account_tenant: column("AccountTenantId"),
            tenant: column("TenantId"),
            extra: column("_RawExtra"),
        }
    }

    /// Begins the row of an account read at this time.
    pub fn begin<'r>(&self, rows: &'r mut Rows, time: DateTime<Utc>, environment: Environment) -> &'r mut RowBuilder {
        let row = rows.row(self.table);
        row.set_time(self.time, time);
        let (system, name) = match environment {
            Environment::OnPremises => ("ActiveDirectory", "On-premises"),
            Environment::Cloud => ("AzureActiveDirectory", "Cloud"),
            Environment::Hybrid => ("Hybrid", "Hybrid"),
            Environment::Entra => ("AzureActiveDirectory", ""),
        };
        row.set_str(self.system, system);
        row.set_str(self.environment, name);
        row
    }

    /// Sets the cells of the fields that are copied, and says which field of the object was taken.
    pub fn copy(&self, row: &mut RowBuilder, object: &JsonObject) {
        for (field, column) in &self.fields {
            if let Some(value) = object.get_ignore_case(field).filter(|value| !value.is_blank()) {
                row.set_json(*column, value);
            }
        }
    }

    /// Whether this field is copied.
    pub fn copies(&self, field: &str) -> bool {
        self.fields.iter().any(|(copied, _)| copied.eq_ignore_ascii_case(field))
    }

    /// Sets whether the account may sign in.
    pub fn set_enabled(&self, row: &mut RowBuilder, value: Option<&JsonValue>) {
        if let Some(enabled) = value.and_then(JsonValue::as_bool) {
            row.set_bool(self.enabled, enabled);
            row.set_str(self.user_state, if enabled { "Active" } else { "Disabled" });
        }
    }

    /// Says that no person uses the account.
    pub fn set_service_account(&self, row: &mut RowBuilder) {
        row.set_bool(self.is_service_account, true);
    }

    /// Sets when the account was made and last used.
    pub fn set_times(&self, row: &mut RowBuilder, created: Option<DateTime<Utc>>, last_seen: Option<DateTime<Utc>>) {
        set_time(row, self.account_creation, created);
        set_time(row, self.created, created);
        set_time(row, self.last_seen, last_seen);
    }

    /// Ends the row, with the fields that no column takes.
    pub fn end(&self, row: &mut RowBuilder, extra: &mut ExtraFields) {
        extra.write(row, self.extra);
        row.end_row();
    }
}
