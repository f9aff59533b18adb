//! A record that is a row of a table: what Defender, Azure and proxies log.

use super::Field;

/// The log a row belongs to. What is not named here has the name of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// A table of Defender's advanced hunting, by name.
    Hunting(&'static str),
    /// The Azure activity log.
    AzureActivity,
    /// Logs of Azure's resources, such as key vaults.
    AzureDiagnostics,
    /// A web proxy, in CEF.
    Proxy,
    /// Entra's diagnostic categories beside sign-ins and audit: `ProvisioningLogs`, `RiskyUsers`, `UserRiskEvents`, ….
    Entra(&'static str),
    /// Alerts of the products, as Log Analytics' SecurityAlert.
    SecurityAlert,
    /// Directory data.
    Directory(&'static str),
}

impl Log {
    /// The table's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hunting(name) | Self::Entra(name) | Self::Directory(name) => name,
            Self::AzureActivity => "AzureActivity",
            Self::AzureDiagnostics => "AzureDiagnostics",
            Self::Proxy => "CommonSecurityLog",
            Self::SecurityAlert => "SecurityAlert",
        }
    }
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row<'t> {
    pub(crate) log: Log,
    /// How the truth file names the row.
    pub(crate) id: Box<str>,
    /// Name and value, in the table's order.
    pub(crate) fields: Vec<(&'static str, Field<'t>)>,
}
