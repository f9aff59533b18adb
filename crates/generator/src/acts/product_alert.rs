//! An alert of a security product: in Sentinel's SecurityAlert and in Defender's AlertInfo and AlertEvidence, under one id.

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::guid::Guid;
use crate::json::{self, Json};
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::directory::{DNS, NETBIOS, sid};
use crate::tenant::people::User;

/// A product that raises alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    IdentityProtection,
    DefenderForIdentity,
    DefenderForEndpoint,
    CloudApps,
    Office365,
}

impl Product {
    /// `ServiceSource` of AlertInfo, `ProviderName` and `ProductName` of SecurityAlert (those of the Sentinel connectors), and the
    /// prefix of the product's alert ids in Defender.
    fn facts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        const IDENTITY_PROTECTION: &str = "Azure Active Directory Identity Protection";
        const ATP: &str = "Azure Advanced Threat Protection";
        match self {
            Self::IdentityProtection => ("Microsoft Entra ID Protection", "IPC", IDENTITY_PROTECTION, "ad"),
            Self::DefenderForIdentity => ("Microsoft Defender for Identity", ATP, ATP, "aa"),
            Self::DefenderForEndpoint => {
                ("Microsoft Defender for Endpoint", "MDATP", "Microsoft Defender Advanced Threat Protection", "da")
            }
            Self::CloudApps => ("Microsoft Defender for Cloud Apps", "MCAS", "Microsoft Cloud App Security", "ca"),
            Self::Office365 => {
                ("Microsoft Defender for Office 365", "OATP", "Office 365 Advanced Threat Protection", "fa")
            }
        }
    }

    /// `DetectionSource` of AlertInfo.
    fn detection_source(self) -> &'static str {
        match self {
            Self::DefenderForEndpoint => "EDR",
            _ => self.facts().0,
        }
    }
}

/// One of a product's detections.
#[derive(Debug)]
pub(crate) struct Detection {
    pub(crate) product: Product,
    pub(crate) title: &'static str,
    /// `AlertType` of SecurityAlert: the detection's own key.
    pub(crate) alert_type: &'static str,
    /// `High`, `Medium`, `Low` or `Informational`.
    pub(crate) severity: &'static str,
    /// MITRE ATT&CK tactic, as Sentinel spells it.
    pub(crate) tactic: &'static str,
    /// MITRE ATT&CK techniques and sub-techniques: id and name.
    pub(crate) techniques: &'static [(&'static str, &'static str)],
}

/// Whom or what an alert names.
#[derive(Debug, Clone)]
pub(crate) enum Evidence<'t> {
    /// Somebody, by cloud and domain identifiers.
    User(&'t User),
    /// An account of the domain that is nobody's: name and relative identifier.
    Account(&'t str, u32),
    /// A computer of the domain, by its full name and Defender's key.
    Host(Cow<'t, str>, Guid),
    /// An address.
    Ip(IpAddr),
    /// A cloud application: name and application id.
    App(Cow<'t, str>, Cow<'t, str>),
}

/// An alert.
#[derive(Debug)]
pub(crate) struct ProductAlert<'t> {
    pub(crate) detection: &'static Detection,
    /// What happened, for people.
    pub(crate) description: String,
    /// When what the alert is about began; it ended when the alert was raised, less the product's delay.
    pub(crate) began: DateTime<Utc>,
    pub(crate) ended: DateTime<Utc>,
    /// Whoever is hit comes first.
    pub(crate) evidence: Vec<Evidence<'t>>,
}

/// `alert` is raised at `time`.
pub(crate) fn product_alert<'t>(
    time: DateTime<Utc>,
    alert: &ProductAlert<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let (service, _, _, prefix) = alert.detection.product.facts();
    let id = format!("{prefix}{}", random.guid());
    let delay = TimeDelta::seconds(random.between(30, 240));
    traces.push(time, delay, Record::Row(security_alert(&id, time, alert, random)));
    let detection = alert.detection;
    let techniques = names(detection);
    let source = detection.product.detection_source();
    let info = vec![
        ("AlertId", Field::from(id.clone())),
        ("Title", detection.title.into()),
        ("Category", detection.tactic.into()),
        ("Severity", detection.severity.into()),
        ("ServiceSource", service.into()),
        ("DetectionSource", source.into()),
        ("AttackTechniques", techniques.clone().into()),
    ];
    traces.push(time, delay, hunting("AlertInfo", id.clone(), info));
    for (number, evidence) in (1..).zip(&alert.evidence) {
        let mut fields = vec![
            ("AlertId", Field::from(id.clone())),
            ("Title", detection.title.into()),
            ("Categories", format!("[\"{}\"]", detection.tactic).into()),
            ("AttackTechniques", techniques.clone().into()),
            ("ServiceSource", service.into()),
            ("DetectionSource", source.into()),
            ("Severity", detection.severity.into()),
        ];
        fields.extend(evidence.fields());
        traces.push(time, delay, hunting("AlertEvidence", format!("{id}/{number}"), fields));
    }
}

fn hunting<'t>(table: &'static str, id: String, fields: Vec<(&'static str, Field<'t>)>) -> Record<'t> {
    Record::Row(Row { log: Log::Hunting(table), id: id.into(), fields })
}

fn security_alert<'t>(id: &str, time: DateTime<Utc>, alert: &ProductAlert<'t>, random: &mut Random) -> Row<'t> {
    let detection = alert.detection;
    let (_, provider, product, _) = detection.product.facts();
    let fields = vec![
        ("DisplayName", Field::from(detection.title)),
        ("AlertName", detection.title.into()),
        ("AlertSeverity", detection.severity.into()),
        ("Description", alert.description.clone().into()),
        ("ProviderName", provider.into()),
        ("VendorName", "Microsoft".into()),
        ("VendorOriginalId", id.to_owned().into()),
        ("SystemAlertId", random.guid().into()),
        ("SourceSystem", "Detection".into()),
        ("AlertType", detection.alert_type.into()),
        ("IsIncident", false.into()),
        ("StartTime", alert.began.into()),
        ("EndTime", alert.ended.into()),
        ("ProcessingEndTime", time.into()),
        ("Status", "New".into()),
        ("ProductName", product.into()),
        ("CompromisedEntity", alert.evidence.first().map(Evidence::name).unwrap_or_default().into()),
        ("Tactics", detection.tactic.into()),
        ("Techniques", ids(detection, |id| !id.contains('.')).into()),
        ("SubTechniques", ids(detection, |id| id.contains('.')).into()),
        ("Entities", entities(&alert.evidence).into()),
        ("AlertLink", format!("https://security.microsoft.com/alerts/{id}").into()),
    ];
    Row { log: Log::SecurityAlert, id: id.into(), fields }
}

/// `["Pass the Hash (T1550.002)"]`.
fn names(detection: &Detection) -> String {
    let mut text = String::new();
    json::array(&mut text, |list| {
        detection.techniques.iter().for_each(|(id, name)| list.item(&format!("{name} ({id})")));
    });
    text
}

/// The ids of the techniques that `fit`, as a JSON array; nothing when there are none.
fn ids(detection: &Detection, fit: fn(&str) -> bool) -> String {
    let ids: Vec<&str> = detection.techniques.iter().map(|(id, _)| *id).filter(|id| fit(id)).collect();
    if ids.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    json::array(&mut text, |list| ids.iter().for_each(|id| list.item(id)));
    text
}

/// `Entities` of SecurityAlert; `$id` 1 is the alert itself.
fn entities(evidence: &[Evidence]) -> String {
    let mut text = String::new();
    json::array(&mut text, |list| {
        for (number, evidence) in (2..).zip(evidence) {
            list.item_object(|json| {
                json.plain("$id", number);
                evidence.entity(json);
            });
        }
    });
    text
}

impl<'t> Evidence<'t> {
    /// `CompromisedEntity` of SecurityAlert.
    fn name(&self) -> String {
        match self {
            Self::User(user) => user.upn.clone(),
            Self::Account(name, _) => format!("{NETBIOS}\\{name}"),
            Self::Host(name, _) => short(name).into(),
            Self::Ip(ip) => ip.to_string(),
            Self::App(name, _) => name.clone().into(),
        }
    }

    fn entity(&self, json: &mut Json) {
        match self {
            Self::User(user) => {
                let (name, suffix) = user.upn.rsplit_once('@').unwrap_or((&user.upn, ""));
                json.text("Name", name);
                json.text("UPNSuffix", suffix);
                json.plain("AadUserId", user.object_id);
                if user.is_employee() {
                    json.text("NTDomain", NETBIOS);
                    json.text("Sid", &sid(user.rid));
                }
                json.text("Type", "account");
            }
            Self::Account(name, rid) => {
                json.text("Name", name);
                json.text("NTDomain", NETBIOS);
                json.text("Sid", &sid(*rid));
                json.text("Type", "account");
            }
            Self::Host(name, _) => {
                json.text("HostName", short(name));
                json.text("DnsDomain", DNS);
                json.text("Type", "host");
            }
            Self::Ip(ip) => {
                json.plain("Address", ip);
                json.text("Type", "ip");
            }
            Self::App(name, id) => {
                json.text("Name", name);
                json.text("AppId", id);
                json.text("Type", "cloud-application");
            }
        }
    }

    /// Columns of AlertEvidence that only this kind of evidence has.
    fn fields(&self) -> Vec<(&'static str, Field<'t>)> {
        let (entity_type, role, direction) = match self {
            Self::User(_) | Self::Account(..) => ("User", "Impacted", "Source"),
            Self::Host(..) => ("Machine", "Impacted", "Destination"),
            Self::Ip(_) => ("Ip", "Related", "Source"),
            Self::App(..) => ("CloudApplication", "Related", "Destination"),
        };
        let mut fields = vec![
            ("EntityType", Field::from(entity_type)),
            ("EvidenceRole", role.into()),
            ("EvidenceDirection", direction.into()),
        ];
        match self {
            Self::User(user) => {
                fields.push(("AccountUpn", user.upn.as_str().into()));
                fields.push(("AccountObjectId", user.object_id.into()));
                if user.is_employee() {
                    fields.push(("AccountName", user.sam.as_str().into()));
                    fields.push(("AccountDomain", NETBIOS.into()));
                    fields.push(("AccountSid", Field::Sid(user.rid)));
                }
            }
            Self::Account(name, rid) => {
                fields.push(("AccountName", (*name).into()));
                fields.push(("AccountDomain", NETBIOS.into()));
                fields.push(("AccountSid", Field::Sid(*rid)));
            }
            Self::Host(name, key) => {
                fields.push(("DeviceName", name.to_string().into()));
                fields.push(("DeviceId", Field::DeviceId(*key)));
            }
            Self::Ip(ip) => fields.push(("RemoteIP", (*ip).into())),
            Self::App(name, _) => fields.push(("Application", name.to_string().into())),
        }
        fields
    }
}

/// A computer's name without the domain.
fn short(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerateOptions;
    use crate::tenant::Tenant;

    static DETECTION: Detection = Detection {
        product: Product::DefenderForIdentity,
        title: "Suspected identity theft (pass-the-hash)",
        alert_type: "PassTheHashSecurityAlert",
        severity: "High",
        tactic: "LateralMovement",
        techniques: &[("T1550", "Use Alternate Authentication Material"), ("T1550.002", "Pass the Hash")],
    };

    #[test]
    fn an_alert_has_one_id_in_all_tables() {
        let tenant = Tenant::invent(&GenerateOptions { users: 150, days: 3, ..GenerateOptions::default() });
        let user = tenant.users.iter().find(|user| user.is_employee()).expect("an employee");
        let time = tenant.options.start;
        let evidence = vec![
            Evidence::User(user),
            Evidence::Host(user.laptop_host().into(), user.laptop.id),
            Evidence::Ip([10, 10, 0, 5].into()),
        ];
        let alert = ProductAlert { detection: &DETECTION, description: "x".into(), began: time, ended: time, evidence };
        let mut traces = Traces::default();
        product_alert(time, &alert, &mut Random::stream(1, "alert", 0), &mut traces);
        let rows: Vec<&Row> = traces
            .iter()
            .filter_map(|trace| match &trace.record {
                Record::Row(row) => Some(row),
                _ => None,
            })
            .collect();
        let cell = |row: &Row, name: &str| -> String {
            row.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string()).unwrap_or_default()
        };
        assert_eq!(rows.len(), 5);
        let id = cell(rows[0], "VendorOriginalId");
        assert!(id.starts_with("aa") && rows[1..].iter().all(|row| cell(row, "AlertId") == id));
        let entities: serde_json::Value = serde_json::from_str(&cell(rows[0], "Entities")).expect("JSON");
        assert_eq!(entities[1]["HostName"], user.laptop.name);
        assert_eq!(cell(rows[3], "DeviceId").len(), 40);
        assert_eq!(cell(rows[0], "SubTechniques"), "[\"T1550.002\"]");
        assert_eq!(cell(rows[1], "AttackTechniques").matches("T1550").count(), 2);
    }
}
