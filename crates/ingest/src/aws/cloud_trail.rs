//! AWS CloudTrail events as `AWSCloudTrail`, with the columns that Sentinel's connector fills.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::field_map::FieldMap;
use crate::json::{JsonObject, JsonValue};
use crate::office::content_hash::{content_hash, text_hash};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// What Sentinel's connector writes into `OperationName` of every row.
const OPERATION: &str = "CloudTrail";

/// Fields of the event and their columns.
const EVENT_FIELDS: [(&str, &str); 21] = [
    ("eventTime", "TimeGenerated"),
    ("additionalEventData", "AdditionalEventData"),
    ("apiVersion", "APIVersion"),
    ("eventID", "AwsEventId"),
    ("awsRegion", "AWSRegion"),
    ("requestID", "AwsRequestId_"),
    ("eventCategory", "Category"),
    ("errorCode", "ErrorCode"),
    ("errorMessage", "ErrorMessage"),
    ("eventName", "EventName"),
    ("eventSource", "EventSource"),
    ("eventType", "EventTypeName"),
    ("eventVersion", "EventVersion"),
    ("managementEvent", "ManagementEvent"),
    ("readOnly", "ReadOnly"),
    ("recipientAccountId", "RecipientAccountId"),
    ("requestParameters", "RequestParameters"),
    ("resources", "Resources"),
    ("responseElements", "ResponseElements"),
    ("serviceEventDetails", "ServiceEventDetails"),
    ("sharedEventID", "SharedEventId"),
];

/// More of them.
const REQUEST_FIELDS: [(&str, &str); 3] =
    [("sourceIPAddress", "SourceIpAddress"), ("userAgent", "UserAgent"), ("vpcEndpointId", "VpcEndpointId")];

/// Fields of `userIdentity`.
const IDENTITY_FIELDS: [(&str, &str); 7] = [
    ("accessKeyId", "UserIdentityAccessKeyId"),
    ("accountId", "UserIdentityAccountId"),
    ("arn", "UserIdentityArn"),
    ("invokedBy", "UserIdentityInvokedBy"),
    ("principalId", "UserIdentityPrincipalid"),
    ("type", "UserIdentityType"),
    ("userName", "UserIdentityUserName"),
];

/// Fields of `userIdentity.onBehalfOf`: whom of IAM Identity Center an application acts for.
const ON_BEHALF_FIELDS: [(&str, &str); 2] =
    [("userId", "UserIdentityUserId"), ("identityStoreArn", "UserIdentityStoreArn")];

/// Fields of `userIdentity.sessionContext`.
const SESSION_FIELDS: [(&str, &str); 1] = [("ec2RoleDelivery", "EC2RoleDelivery")];

/// Fields of `userIdentity.sessionContext.attributes`.
const ATTRIBUTE_FIELDS: [(&str, &str); 2] =
    [("creationDate", "SessionCreationDate"), ("mfaAuthenticated", "SessionMfaAuthenticated")];

/// Fields of `userIdentity.sessionContext.sessionIssuer`.
const ISSUER_FIELDS: [(&str, &str); 5] = [
    ("accountId", "SessionIssuerAccountId"),
    ("arn", "SessionIssuerArn"),
    ("principalId", "SessionIssuerPrincipalId"),
    ("type", "SessionIssuerType"),
    ("userName", "SessionIssuerUserName"),
];

/// Fields of `tlsDetails`.
const TLS_FIELDS: [(&str, &str); 3] = [
    ("cipherSuite", "CipherSuite"),
    ("clientProvidedHostHeader", "ClientProvidedHostHeader"),
    ("tlsVersion", "TlsVersion"),
];

/// Decodes CloudTrail events.
pub(crate) struct CloudTrailDecoder {
    table: &'static Table,
    event: FieldMap,
    identity: FieldMap,
    on_behalf: FieldMap,
    session: FieldMap,
    attributes: FieldMap,
    issuer: FieldMap,
    tls: FieldMap,
    operation: ColumnIndex,
    rule: RuleColumns,
    extra: ColumnIndex,
}

/// Columns of the rule in requests that change a security group.
struct RuleColumns {
    protocol: ColumnIndex,
    from_port: ColumnIndex,
    to_port: ColumnIndex,
    cidr: ColumnIndex,
}

impl CloudTrailDecoder {
    pub fn new() -> Self {
        let table = schema::table("AWSCloudTrail").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        let map = |names: &[(&str, &str)]| FieldMap::empty().rename(table, names);
        Self {
            table,
            event: map(&EVENT_FIELDS).rename(table, &REQUEST_FIELDS).ignore(&["userIdentity", "tlsDetails"]),
            identity: map(&IDENTITY_FIELDS).ignore(&["sessionContext", "onBehalfOf"]),
            on_behalf: map(&ON_BEHALF_FIELDS),
            session: map(&SESSION_FIELDS).ignore(&["attributes", "sessionIssuer"]),
            attributes: map(&ATTRIBUTE_FIELDS),
            issuer: map(&ISSUER_FIELDS),
            tls: map(&TLS_FIELDS),
            operation: column("OperationName"),
            rule: RuleColumns {
                protocol: column("IpProtocol"),
                from_port: column("SourcePort"),
                to_port: column("DestinationPort"),
                cidr: column("CidrIp"),
            },
            extra: column("_RawExtra"),
        }
    }

    fn fill_identity(&self, identity: &JsonObject, row: &mut RowBuilder, extra: &mut ExtraFields) {
        let mut rest = ExtraFields::new();
        self.identity.fill(identity, row, &mut rest);
        if let Some(on_behalf) = part(identity, "onBehalfOf") {
            self.on_behalf.fill(&on_behalf, row, &mut rest);
        }
        if let Some(session) = part(identity, "sessionContext") {
            self.session.fill(&without_empty(&session), row, &mut rest);
            if let Some(attributes) = part(&session, "attributes") {
                self.attributes.fill(&attributes, row, &mut rest);
            }
            if let Some(issuer) = part(&session, "sessionIssuer") {
                self.issuer.fill(&issuer, row, &mut rest);
            }
        }
        let rest = rest.into_json();
        if !rest.is_empty() {
            extra.push("userIdentity", &JsonValue::Json(&rest));
        }
    }

    /// The first rule of a request that changes a security group; all are in `RequestParameters`.
    fn fill_rule(&self, parameters: &JsonObject, row: &mut RowBuilder) {
        let first = |object: &JsonObject, name: &str| -> Option<String> {
            let items = object.get(name)?.as_object()?.get("items")?.as_array()?;
            items.first().map(|item| item.to_json().into_owned())
        };
        let permission = first(parameters, "ipPermissions");
        let permission = permission.as_deref().and_then(|json| JsonObject::parse(json).ok());
        let rule = permission.as_ref().unwrap_or(parameters);
        let range = first(rule, "ipRanges");
        let range = range.as_deref().and_then(|json| JsonObject::parse(json).ok());
        let columns = &self.rule;
        for (object, name, column) in [
            (rule, "ipProtocol", columns.protocol),
            (rule, "fromPort", columns.from_port),
            (rule, "toPort", columns.to_port),
            (range.as_ref().unwrap_or(rule), "cidrIp", columns.cidr),
        ] {
            if let Some(value) = object.get(name) {
                row.set_json(column, value);
            }
        }
    }
}

/// The object in this field.
fn part<'a>(object: &JsonObject<'a>, name: &str) -> Option<JsonObject<'a>> {
    object.get(name).and_then(JsonValue::as_object)
}

/// The fields that are no empty objects: every session has some.
fn without_empty<'a>(object: &'a JsonObject) -> JsonObject<'a> {
    let full = |value: &JsonValue| value.as_object().is_none_or(|object| !object.is_empty());
    let fields = object.iter().filter(|(_, value)| full(value));
    JsonObject::from_fields(fields.map(|(name, value)| (name.into(), value.clone())).collect())
}

impl Decoder for CloudTrailDecoder {
    fn format(&self) -> &'static str {
        "aws-cloudtrail"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.has("eventSource") && object.has("eventName") && object.has("awsRegion")
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        if object.get("eventTime").is_none_or(JsonValue::is_blank) {
            return Err(Reject::new("CloudTrail event without `eventTime`"));
        }
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        self.event.fill(object, row, &mut extra);
        if let Some(identity) = object.get("userIdentity").and_then(JsonValue::as_object) {
            self.fill_identity(&identity, row, &mut extra);
        }
        if let Some(tls) = object.get("tlsDetails").and_then(JsonValue::as_object) {
            self.tls.fill(&tls, row, &mut extra);
        }
        if let Some(parameters) = object.get("requestParameters").and_then(JsonValue::as_object)
            && (parameters.has("ipPermissions") || parameters.has("cidrIp"))
        {
            self.fill_rule(&parameters, row);
        }
        row.set_str(self.operation, OPERATION);
        extra.write(row, self.extra);
        row.end_row();
        Ok(())
    }

    /// A trail delivers an event more than once now and then, and trails of several regions deliver global events each.
    fn duplicate_key(&self, record: &Record) -> Option<u128> {
        let id = record.object.get_str("eventID").filter(|id| !id.is_empty())?;
        Some(u128::from(text_hash(&id)) << 64 | u128::from(content_hash(&record.object)))
    }
}
