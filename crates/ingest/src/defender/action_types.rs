//! Which `ActionType` belongs to which table of advanced hunting, where the columns alone do not tell.
//!
//! Source: the tables' pages in the schema reference of advanced hunting. Tables that are not listed, `DeviceEvents` and
//! `IdentityDirectoryEvents` above all, hold whatever is in none of these.

/// A table, and all its action types.
const ACTION_TYPES: [(&str, &[&str]); 10] = [
    ("DeviceProcessEvents", &["ProcessCreated", "OpenProcess"]),
    (
        "DeviceNetworkEvents",
        &[
            "ConnectionAcknowledged",
            "ConnectionAttempt",
            "ConnectionFailed",
            "ConnectionFound",
            "ConnectionRequest",
            "ConnectionSuccess",
            "DnsConnectionInspected",
            "FtpConnectionInspected",
            "HttpConnectionInspected",
            "IcmpConnectionInspected",
            "InboundConnectionAccepted",
            "InboundInternetScanInspected",
            "ListeningConnectionCreated",
            "NetworkSignatureInspected",
            "SmtpConnectionInspected",
            "SshConnectionInspected",
            "SslConnectionInspected",
        ],
    ),
    ("DeviceFileEvents", &["FileCreated", "FileDeleted", "FileModified", "FileRenamed"]),
    (
        "DeviceRegistryEvents",
        &["RegistryKeyCreated", "RegistryKeyDeleted", "RegistryKeyRenamed", "RegistryValueDeleted", "RegistryValueSet"],
    ),
    ("DeviceImageLoadEvents", &["ImageLoaded"]),
    ("DeviceLogonEvents", &["LogonAttempted", "LogonFailed", "LogonSuccess"]),
    ("IdentityLogonEvents", &["LogonFailed", "LogonSuccess", "Logon failed", "Logon success"]),
    ("IdentityQueryEvents", &["DNS query", "LDAP query", "SAMR query"]),
    (
        "UrlClickEvents",
        &["ClickAllowed", "ClickBlocked", "ClickBlockedByTenantPolicy", "UrlErrorPage", "UrlScanInProgress"],
    ),
    ("EmailPostDeliveryEvents", &["Malware ZAP", "Manual remediation", "Phish ZAP", "Spam ZAP"]),
];

/// Whether this table's action types are all known.
pub(super) fn is_listed(table: &str) -> bool {
    ACTION_TYPES.iter().any(|(name, _)| *name == table)
}

/// Whether the action is one of this table.
pub(super) fn is_action_of(table: &str, action: &str) -> bool {
    ACTION_TYPES.iter().any(|(name, actions)| *name == table && actions.contains(&action))
}
