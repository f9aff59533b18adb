//! The kinds of evidence, and where each kind's facts stand in the APIs' objects.
//!
//! Sources: the resource types below `alertEvidence` in the Graph reference (v1.0), the entities of the incidents API and the evidence of
//! the alerts API of Defender for Endpoint, and the columns of `AlertEvidence`.

use schema::EntityKind;

/// A fact of a piece of evidence.
pub(super) struct Fact {
    /// Where it stands, the best first; a dot leads into an object.
    pub paths: &'static [&'static str],
    /// The column of `AlertEvidence`, if there is one.
    pub column: &'static str,
    /// The identifier of the Sentinel entity, if there is one.
    pub identifier: &'static str,
}

/// A kind of evidence.
pub(super) struct Shape {
    /// Names of the kind, in small letters without `evidence` at the end.
    pub names: &'static [&'static str],
    /// `AlertEvidence.EntityType`.
    pub entity_type: &'static str,
    /// The kind of Sentinel entity.
    pub kind: Option<EntityKind>,
    pub facts: &'static [Fact],
}

const fn fact(paths: &'static [&'static str], column: &'static str, identifier: &'static str) -> Fact {
    Fact { paths, column, identifier }
}

const ACCOUNT: [Fact; 6] = [
    fact(&["userAccount.userPrincipalName", "userPrincipalName"], "AccountUpn", "FullName"),
    fact(&["userAccount.accountName", "accountName", "userName"], "AccountName", "Name"),
    fact(&["userAccount.domainName", "domainName"], "AccountDomain", "NTDomain"),
    fact(&["userAccount.userSid", "userSid"], "AccountSid", "Sid"),
    fact(&["userAccount.azureAdUserId", "aadUserId", "azureAdUserId"], "AccountObjectId", "AadUserId"),
    fact(&["userAccount.displayName"], "", "DisplayName"),
];

const MACHINE: [Fact; 5] = [
    fact(&["deviceDnsName", "computerDnsName", "hostName"], "DeviceName", "FullName"),
    fact(&["mdeDeviceId", "mdatpDeviceId", "machineId", "deviceId"], "DeviceId", ""),
    fact(&["osPlatform"], "", "OSFamily"),
    fact(&["version", "osVersion"], "", "OSVersion"),
    fact(&["vmMetadata.resourceId"], "ResourceID", "AzureID"),
];

const FILE: [Fact; 6] = [
    fact(&["fileDetails.fileName", "fileName"], "FileName", "Name"),
    fact(&["fileDetails.filePath", "filePath"], "FolderPath", "Directory"),
    fact(&["fileDetails.sha1", "sha1"], "SHA1", ""),
    fact(&["fileDetails.sha256", "sha256"], "SHA256", ""),
    fact(&["fileDetails.fileSize", "fileSize"], "FileSize", ""),
    fact(&["mdeDeviceId", "deviceId"], "DeviceId", ""),
];

const PROCESS: [Fact; 14] = [
    fact(&["processId"], "", "ProcessId"),
    fact(&["processCommandLine"], "ProcessCommandLine", "CommandLine"),
    fact(&["processCreationDateTime", "processCreationTime"], "", "CreationTimeUtc"),
    fact(&["imageFile.fileName", "fileName"], "FileName", ""),
    fact(&["imageFile.filePath", "filePath"], "FolderPath", ""),
    fact(&["imageFile.sha1", "sha1"], "SHA1", ""),
    fact(&["imageFile.sha256", "sha256"], "SHA256", ""),
    fact(&["imageFile.fileSize", "fileSize"], "FileSize", ""),
    fact(&["mdeDeviceId", "deviceId"], "DeviceId", ""),
    fact(&["userAccount.userPrincipalName", "userPrincipalName"], "AccountUpn", ""),
    fact(&["userAccount.accountName", "accountName"], "AccountName", ""),
    fact(&["userAccount.domainName", "domainName"], "AccountDomain", ""),
    fact(&["userAccount.userSid", "userSid"], "AccountSid", ""),
    fact(&["userAccount.azureAdUserId", "aadUserId"], "AccountObjectId", ""),
];

const MAILBOX: [Fact; 6] = [
    fact(&["primaryAddress", "mailboxAddress"], "", "MailboxPrimaryAddress"),
    fact(&["displayName", "mailboxDisplayName"], "", "DisplayName"),
    fact(&["userAccount.userPrincipalName", "userPrincipalName", "primaryAddress"], "AccountUpn", "Upn"),
    fact(&["userAccount.accountName", "accountName"], "AccountName", ""),
    fact(&["userAccount.userSid", "userSid"], "AccountSid", ""),
    fact(&["userAccount.azureAdUserId", "aadUserId"], "AccountObjectId", "AadId"),
];

const MAIL_MESSAGE: [Fact; 9] = [
    fact(&["networkMessageId"], "NetworkMessageId", "NetworkMessageId"),
    fact(&["subject"], "EmailSubject", "Subject"),
    fact(&["recipientEmailAddress", "recipient"], "AccountUpn", "Recipient"),
    fact(&["p2Sender.emailAddress", "sender"], "", "Sender"),
    fact(&["p1Sender.emailAddress"], "", "P1Sender"),
    fact(&["senderIp", "senderIP"], "RemoteIP", "SenderIP"),
    fact(&["internetMessageId"], "", "InternetMessageId"),
    fact(&["receivedDateTime"], "", "ReceivedDate"),
    fact(&["deliveryAction"], "", "DeliveryAction"),
];

const MAIL_CLUSTER: [Fact; 3] = [
    fact(&["query"], "", "Query"),
    fact(&["emailCount", "mailCount"], "", "MailCount"),
    fact(&["clusterBy"], "", "Source"),
];

const CLOUD_APPLICATION: [Fact; 5] = [
    fact(&["displayName", "applicationName"], "Application", "Name"),
    fact(&["appId", "applicationId"], "ApplicationId", "AppId"),
    fact(&["instanceName"], "", "InstanceName"),
    fact(&["instanceId"], "", "InstanceId"),
    fact(&["saasAppId"], "", "SaasId"),
];

const OAUTH_APPLICATION: [Fact; 2] = [
    fact(&["displayName", "applicationName"], "Application", "Name"),
    fact(&["appId", "applicationId"], "OAuthApplicationId", "AppId"),
];

const REGISTRY_KEY: [Fact; 3] = [
    fact(&["registryKey"], "RegistryKey", "Key"),
    fact(&["registryHive"], "", "Hive"),
    fact(&["mdeDeviceId", "deviceId"], "DeviceId", ""),
];

const REGISTRY_VALUE: [Fact; 5] = [
    fact(&["registryKey"], "RegistryKey", ""),
    fact(&["registryValueName"], "RegistryValueName", "Name"),
    fact(&["registryValue"], "RegistryValueData", "Value"),
    fact(&["registryValueType"], "", "ValueType"),
    fact(&["mdeDeviceId", "deviceId"], "DeviceId", ""),
];

const SECURITY_GROUP: [Fact; 1] =
    [fact(&["activeDirectoryObjectGuid", "securityGroupId"], "AccountObjectId", "ObjectGuid")];

const CLOUD_RESOURCE: [Fact; 3] = [
    fact(&["resourceId", "amazonResourceId", "fullResourceName"], "ResourceID", "ResourceId"),
    fact(&["resourceType", "amazonResourceType"], "ResourceType", ""),
    fact(&["resourceName"], "CloudResource", ""),
];

/// All kinds.
pub(super) static SHAPES: [Shape; 14] = [
    Shape { names: &["user", "account"], entity_type: "User", kind: Some(EntityKind::Account), facts: &ACCOUNT },
    Shape {
        names: &["device", "machine", "host"],
        entity_type: "Machine",
        kind: Some(EntityKind::Host),
        facts: &MACHINE,
    },
    Shape {
        names: &["ip"],
        entity_type: "Ip",
        kind: Some(EntityKind::Ip),
        facts: &[fact(&["ipAddress"], "RemoteIP", "Address")],
    },
    Shape {
        names: &["url"],
        entity_type: "Url",
        kind: Some(EntityKind::Url),
        facts: &[fact(&["url"], "RemoteUrl", "Url")],
    },
    Shape { names: &["file"], entity_type: "File", kind: Some(EntityKind::File), facts: &FILE },
    Shape { names: &["process"], entity_type: "Process", kind: Some(EntityKind::Process), facts: &PROCESS },
    Shape { names: &["mailbox"], entity_type: "Mailbox", kind: Some(EntityKind::Mailbox), facts: &MAILBOX },
    Shape {
        names: &["analyzedmessage", "mailmessage"],
        entity_type: "MailMessage",
        kind: Some(EntityKind::MailMessage),
        facts: &MAIL_MESSAGE,
    },
    Shape {
        names: &["mailcluster"],
        entity_type: "MailCluster",
        kind: Some(EntityKind::MailCluster),
        facts: &MAIL_CLUSTER,
    },
    Shape {
        names: &["cloudapplication"],
        entity_type: "CloudApplication",
        kind: Some(EntityKind::CloudApplication),
        facts: &CLOUD_APPLICATION,
    },
    Shape {
        names: &["oauthapplication"],
        entity_type: "OAuthApplication",
        kind: Some(EntityKind::CloudApplication),
        facts: &OAUTH_APPLICATION,
    },
    Shape {
        names: &["registrykey"],
        entity_type: "RegistryKey",
        kind: Some(EntityKind::RegistryKey),
        facts: &REGISTRY_KEY,
    },
    Shape {
        names: &["registryvalue", "registry"],
        entity_type: "RegistryValue",
        kind: Some(EntityKind::RegistryValue),
        facts: &REGISTRY_VALUE,
    },
    Shape {
        names: &["securitygroup"],
        entity_type: "SecurityGroup",
        kind: Some(EntityKind::SecurityGroup),
        facts: &SECURITY_GROUP,
    },
];

/// Resources of clouds, of whichever kind.
pub(super) static RESOURCE: Shape = Shape {
    names: &["azureresource", "amazonresource", "googlecloudresource"],
    entity_type: "CloudResource",
    kind: Some(EntityKind::AzureResource),
    facts: &CLOUD_RESOURCE,
};

/// The shape of this kind.
pub(super) fn shape_of(kind: &str) -> Option<&'static Shape> {
    SHAPES.iter().chain([&RESOURCE]).find(|shape| shape.names.contains(&kind))
}
