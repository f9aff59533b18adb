//! Identity Protection rates a sign-in or an account as risky: a detection, and the account's new state.

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::guid::Guid;
use crate::json;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row, SignIn};
use crate::tenant::Tenant;
use crate::tenant::addresses::Endpoint;
use crate::tenant::devices::user_agent;
use crate::tenant::people::User;
use crate::timestamps;

/// How a risk ended or didn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RiskState {
    AtRisk,
    /// The account passed multi-factor authentication, which a policy asked for.
    Remediated,
    /// An administrator, or the service itself, saw nothing in it.
    Dismissed,
}

impl RiskState {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::AtRisk => ("atRisk", "none"),
            Self::Remediated => ("remediated", "userPassedMFADrivenByRiskBasedPolicy"),
            Self::Dismissed => ("dismissed", "aiConfirmedSigninSafe"),
        }
    }
}

/// What is detected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detection {
    /// `unfamiliarFeatures`, `unlikelyTravel`, `passwordSpray`, …
    pub(crate) kind: &'static str,
    /// `low`, `medium`, `high`.
    pub(crate) level: &'static str,
    pub(crate) state: RiskState,
    /// Minutes after the sign-in; 0 for what is detected while it happens.
    pub(crate) after_minutes: i64,
}

/// The sign-in `sign_in` of `time` is rated as risky: `sign_in` itself must carry the risk when it is found at once.
pub(crate) fn risk_detection<'t>(
    tenant: &Tenant,
    time: DateTime<Utc>,
    sign_in: &SignIn<'t>,
    detection: Detection,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let Some(user) = sign_in.user() else { return };
    let found =
        time + TimeDelta::minutes(detection.after_minutes) + TimeDelta::milliseconds(random.between(900, 9_000));
    let delay = TimeDelta::seconds(random.between(60, 300));
    let id = random.guid();
    let (state, detail) = detection.state.words();
    let agent = user_agent(sign_in.device.platform, sign_in.agent, time);
    let fields: Vec<(&'static str, Field<'t>)> = vec![
        ("id", id.into()),
        ("requestId", sign_in.id.into()),
        ("correlationId", sign_in.correlation_id.into()),
        ("riskType", detection.kind.into()),
        ("riskEventType", detection.kind.into()),
        ("riskState", state.into()),
        ("riskLevel", detection.level.into()),
        ("riskDetail", detail.into()),
        ("source", "IdentityProtection".into()),
        ("detectionTimingType", if detection.after_minutes == 0 { "realtime" } else { "offline" }.into()),
        ("activity", "signin".into()),
        ("ipAddress", sign_in.from.ip.into()),
        ("location", location(&sign_in.from)),
        ("activityDateTime", time.into()),
        ("detectedDateTime", found.into()),
        ("lastUpdatedDateTime", found.into()),
        ("userId", user.object_id.into()),
        ("userDisplayName", user.display_name.as_str().into()),
        ("userPrincipalName", user.upn.as_str().into()),
        ("additionalInfo", additional_info(&agent)),
        ("tokenIssuerType", "AzureAD".into()),
        ("homeTenantId", tenant.tenant_id.into()),
        ("resourceTenantId", Field::Null),
    ];
    traces.push(
        found,
        delay,
        Record::Row(Row { log: Log::Entra("UserRiskEvents"), id: id.to_string().into(), fields }),
    );
    traces.push(found, delay, Record::Row(risky_user(user, found, detection)));
}

fn location(from: &Endpoint) -> Field<'static> {
    let mut text = String::new();
    json::object(&mut text, |json| {
        json.text("city", from.place.city);
        json.text("state", from.place.state);
        json.text("countryOrRegion", from.place.country);
        json.object("geoCoordinates", |json| {
            json.value("latitude", from.place.latitude);
            json.value("longitude", from.place.longitude);
        });
    });
    Field::Json(text.into())
}

/// Text that holds a list of names and values, as the service has it.
fn additional_info(agent: &str) -> Field<'static> {
    let mut text = String::new();
    json::array(&mut text, |list| {
        list.item_object(|json| {
            json.text("Key", "userAgent");
            json.text("Value", agent);
        });
    });
    text.into()
}

/// The account's state. Its rows have no id but the account's: the truth names them with the time.
fn risky_user<'t>(user: &'t User, time: DateTime<Utc>, detection: Detection) -> Row<'t> {
    let (state, detail) = detection.state.words();
    let fields = vec![
        ("id", user.object_id.into()),
        ("userDisplayName", user.display_name.as_str().into()),
        ("userPrincipalName", user.upn.as_str().into()),
        ("riskLastUpdatedDateTime", time.into()),
        ("riskState", state.into()),
        ("riskDetail", detail.into()),
        ("riskLevel", if detection.state == RiskState::AtRisk { detection.level } else { "none" }.into()),
        ("isDeleted", false.into()),
        ("isProcessing", false.into()),
    ];
    let moment = timestamps::text(timestamps::ticks, time);
    Row { log: Log::Entra("RiskyUsers"), id: format!("{}/{moment}", user.object_id).into(), fields }
}

/// The service principal of `program` does what it never did: detected some time after `time`.
pub(crate) fn program_risk<'t>(
    time: DateTime<Utc>,
    (name, app_id, object_id, key_id): (&'t str, Guid, Guid, Guid),
    (kind, level): (&'static str, &'static str),
    from: &Endpoint,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let found = time + TimeDelta::minutes(random.between(20, 50));
    let id = random.guid();
    let fields: Vec<(&'static str, Field<'t>)> = vec![
        ("id", id.into()),
        ("requestId", Field::Null),
        ("correlationId", random.guid().into()),
        ("riskEventType", kind.into()),
        ("riskState", "atRisk".into()),
        ("riskLevel", level.into()),
        ("riskDetail", "none".into()),
        ("source", "IdentityProtection".into()),
        ("detectionTimingType", "offline".into()),
        ("activity", "servicePrincipal".into()),
        ("ipAddress", from.ip.into()),
        ("location", location(from)),
        ("activityDateTime", time.into()),
        ("detectedDateTime", found.into()),
        ("lastUpdatedDateTime", found.into()),
        ("servicePrincipalId", object_id.into()),
        ("servicePrincipalDisplayName", name.into()),
        ("appId", app_id.into()),
        ("keyIds", Field::Json(format!("[\"{key_id}\"]").into())),
        ("additionalInfo", "[]".into()),
        ("tokenIssuerType", "AzureAD".into()),
    ];
    let row = Row { log: Log::Entra("ServicePrincipalRiskEvents"), id: id.to_string().into(), fields };
    traces.push(found, TimeDelta::seconds(random.between(60, 300)), Record::Row(row));
}
