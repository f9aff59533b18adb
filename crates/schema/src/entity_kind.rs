//! The kinds of entity an alert can name.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of entity of Sentinel's entity schema (V3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the Sentinel entity type of its name")]
pub enum EntityKind {
    Account,
    Host,
    Ip,
    Url,
    AzureResource,
    CloudApplication,
    Dns,
    File,
    FileHash,
    Malware,
    Process,
    RegistryKey,
    RegistryValue,
    SecurityGroup,
    Mailbox,
    MailCluster,
    MailMessage,
    SubmissionMail,
    IoTDevice,
}

/// Kind, name in rules, `Type` in `SecurityAlert.Entities`, identifiers a rule may map.
type Definition = (EntityKind, &'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const DEFINITIONS: [Definition; 19] = [
    (EntityKind::Account, "Account", "account",
        &["Name", "FullName", "NTDomain", "DnsDomain", "UPNSuffix", "Sid", "AadTenantId", "AadUserId", "PUID", "IsDomainJoined", "DisplayName", "ObjectGuid", "CloudAppAccountId", "IsAnonymized"]),
    (EntityKind::Host, "Host", "host",
        &["DnsDomain", "NTDomain", "HostName", "FullName", "NetBiosName", "AzureID", "OMSAgentID", "OSFamily", "OSVersion", "IsDomainJoined"]),
    (EntityKind::Ip, "IP", "ip", &["Address", "AddressScope"]),
    (EntityKind::Url, "URL", "url", &["Url"]),
    (EntityKind::AzureResource, "AzureResource", "azure-resource", &["ResourceId"]),
    (EntityKind::CloudApplication, "CloudApplication", "cloud-application", &["AppId", "Name", "InstanceName", "InstanceId", "Risk", "SaasId"]),
    (EntityKind::Dns, "DNS", "dns", &["DomainName", "DnsServerIp", "HostIpAddress"]),
    (EntityKind::File, "File", "file", &["Directory", "Name"]),
    (EntityKind::FileHash, "FileHash", "filehash", &["Algorithm", "Value"]),
    (EntityKind::Malware, "Malware", "malware", &["Name", "Category"]),
    (EntityKind::Process, "Process", "process", &["ProcessId", "CommandLine", "ElevationToken", "CreationTimeUtc"]),
    (EntityKind::RegistryKey, "RegistryKey", "registry-key", &["Hive", "Key"]),
    (EntityKind::RegistryValue, "RegistryValue", "registry-value", &["Name", "Value", "ValueType"]),
    (EntityKind::SecurityGroup, "SecurityGroup", "security-group", &["DistinguishedName", "SID", "ObjectGuid"]),
    (EntityKind::Mailbox, "Mailbox", "mailbox", &["MailboxPrimaryAddress", "DisplayName", "Upn", "ExternalDirectoryObjectId", "RiskLevel", "AadId"]),
    (EntityKind::MailCluster, "MailCluster", "mail-cluster",
        &["NetworkMessageIds", "CountByDeliveryStatus", "CountByThreatType", "CountByProtectionStatus", "Threats", "Query", "QueryTime", "MailCount", "IsVolumeAnomaly", "Source",
          "ClusterSourceIdentifier", "ClusterSourceType", "ClusterQueryStartTime", "ClusterQueryEndTime", "ClusterGroup"]),
    (EntityKind::MailMessage, "MailMessage", "mail-message",
        &["Recipient", "Urls", "Threats", "Sender", "P1Sender", "P1SenderDisplayName", "P1SenderDomain", "P2Sender", "P2SenderDisplayName", "P2SenderDomain", "SenderIP",
          "ReceivedDate", "NetworkMessageId", "InternetMessageId", "Subject", "BodyFingerprintBin1", "BodyFingerprintBin2", "BodyFingerprintBin3", "BodyFingerprintBin4",
          "BodyFingerprintBin5", "AntispamDirection", "DeliveryAction", "DeliveryLocation", "Language", "ThreatDetectionMethods"]),
    (EntityKind::SubmissionMail, "SubmissionMail", "SubmissionMail",
        &["NetworkMessageId", "Timestamp", "Recipient", "Sender", "SenderIp", "Subject", "ReportType", "SubmissionId", "SubmissionDate", "Submitter"]),
    (EntityKind::IoTDevice, "IoTDevice", "iotdevice",
        &["DeviceId", "DeviceName", "IoTSecurityAgentId", "DeviceType", "Source", "SourceRef", "Manufacturer", "Model", "OperatingSystem", "SerialNumber", "MacAddress"]),
];

impl EntityKind {
    /// The name in a rule's `entityMappings`, such as `IP`.
    pub fn as_str(self) -> &'static str {
        self.definition().1
    }

    /// The `Type` in `SecurityAlert.Entities`, such as `cloud-application`.
    pub fn stored_type(self) -> &'static str {
        self.definition().2
    }

    /// The identifiers a rule may map for this kind.
    pub fn identifiers(self) -> &'static [&'static str] {
        self.definition().3
    }

    /// The kind whose `Type` in `SecurityAlert.Entities` this is.
    pub fn from_stored_type(stored: &str) -> Option<Self> {
        DEFINITIONS.iter().find(|definition| definition.2.eq_ignore_ascii_case(stored)).map(|definition| definition.0)
    }

    fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }
}

impl FromStr for EntityKind {
    type Err = String;

    /// Reads the name used in a rule, in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        DEFINITIONS
            .iter()
            .find(|definition| definition.1.eq_ignore_ascii_case(text.trim()))
            .map(|definition| definition.0)
            .ok_or_else(|| {
                format!(
                    "unknown entity type `{text}`; use one of {}",
                    DEFINITIONS.map(|definition| definition.1).join(", ")
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_defined_at_its_own_place() {
        for (index, definition) in DEFINITIONS.iter().enumerate() {
            assert_eq!(definition.0 as usize, index, "{}", definition.1);
            assert_eq!(definition.1.parse(), Ok(definition.0));
            assert_eq!(EntityKind::from_stored_type(definition.2), Some(definition.0));
        }
    }
}
