//! One record of the Office 365 unified audit log.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::guid::Guid;
use crate::json::Json;
use crate::random::Random;
use crate::tenant::Tenant;

/// The record types in use, with their numbers and workloads
/// (<https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordType {
    ExchangeAdmin,
    ExchangeItem,
    ExchangeItemGroup,
    ExchangeItemAggregated,
    SharePointFileOperation,
    OneDriveFileOperation,
    SharePointSharingOperation,
    AzureActiveDirectory,
    AzureActiveDirectoryStsLogon,
    SecurityComplianceCenter,
    DataInsights,
    MicrosoftTeams,
}

impl RecordType {
    /// Name, number, workload.
    pub(crate) fn facts(self) -> (&'static str, u32, &'static str) {
        match self {
            Self::ExchangeAdmin => ("ExchangeAdmin", 1, "Exchange"),
            Self::ExchangeItem => ("ExchangeItem", 2, "Exchange"),
            Self::ExchangeItemGroup => ("ExchangeItemGroup", 3, "Exchange"),
            Self::SharePointFileOperation => ("SharePointFileOperation", 6, "SharePoint"),
            Self::OneDriveFileOperation => ("SharePointFileOperation", 6, "OneDrive"),
            Self::AzureActiveDirectory => ("AzureActiveDirectory", 8, "AzureActiveDirectory"),
            Self::SharePointSharingOperation => ("SharePointSharingOperation", 14, "SharePoint"),
            Self::AzureActiveDirectoryStsLogon => ("AzureActiveDirectoryStsLogon", 15, "AzureActiveDirectory"),
            Self::SecurityComplianceCenter => ("SecurityComplianceCenterEOPCmdlet", 18, "SecurityComplianceCenter"),
            Self::DataInsights => ("DataInsightsRestApiAudit", 52, "SecurityComplianceCenter"),
            Self::MicrosoftTeams => ("MicrosoftTeams", 25, "MicrosoftTeams"),
            Self::ExchangeItemAggregated => ("ExchangeItemAggregated", 50, "Exchange"),
        }
    }
}

/// One record. The log's clock shows whole seconds.
#[derive(Debug)]
pub(crate) struct Office<'t> {
    pub(crate) id: Guid,
    pub(crate) operation: Cow<'t, str>,
    pub(crate) record_type: RecordType,
    pub(crate) user_id: Cow<'t, str>,
    pub(crate) user_key: Cow<'t, str>,
    /// 0 regular, 2 administrator, 3 data center, 4 system, 5 application.
    pub(crate) user_type: u32,
    pub(crate) result: Option<&'static str>,
    pub(crate) client_ip: Option<IpAddr>,
    /// The client's port, which Exchange's administration appends to the address; 0 for none.
    pub(crate) client_port: u16,
    pub(crate) object_id: Option<Cow<'t, str>>,
    pub(crate) body: Body<'t>,
}

/// The workload's own fields.
pub(crate) enum Body<'t> {
    /// As the inside of a JSON object.
    Text(Box<str>),
    /// Written when the record is: records wait up to a day for their export, and what makes them is small.
    Late(Box<LateBody<'t>>),
}

/// Adds the fields to the record's object.
pub(crate) type LateBody<'t> = dyn Fn(&Tenant, &mut Json) + Send + Sync + 't;

impl fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Late(_) => formatter.write_str("…"),
        }
    }
}

impl Body<'_> {
    /// Adds the fields to `json`.
    pub(crate) fn push(&self, tenant: &Tenant, json: &mut Json) {
        match self {
            Self::Text(text) => json.fields(text),
            Self::Late(write) => write(tenant, json),
        }
    }
}

impl<'t> Office<'t> {
    /// A record of `operation` by a regular user, to be completed.
    pub(crate) fn new(
        operation: impl Into<Cow<'t, str>>,
        record_type: RecordType,
        user_id: impl Into<Cow<'t, str>>,
        user_key: impl Into<Cow<'t, str>>,
        random: &mut Random,
    ) -> Self {
        Self {
            id: random.guid(),
            operation: operation.into(),
            record_type,
            user_id: user_id.into(),
            user_key: user_key.into(),
            user_type: 0,
            result: None,
            client_ip: None,
            client_port: 0,
            object_id: None,
            body: Body::Text("".into()),
        }
    }

    /// Adds the workload's own fields.
    pub(crate) fn with_body(mut self, fill: impl FnOnce(&mut Json)) -> Self {
        let mut text = String::new();
        crate::json::object(&mut text, fill);
        self.body = Body::Text(text[1..text.len() - 1].into());
        self
    }

    /// Adds the workload's own fields when the record is written.
    pub(crate) fn with_late_body(mut self, fill: impl Fn(&Tenant, &mut Json) + Send + Sync + 't) -> Self {
        self.body = Body::Late(Box::new(fill));
        self
    }
}
