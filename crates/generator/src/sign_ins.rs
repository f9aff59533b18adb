//! One sign-in of any kind, before any envelope, and its form in Microsoft Graph, on which the envelopes build.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::addresses::Endpoint;
use crate::apps::App;
use crate::people::{Device, Kind, User};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::timestamps;

/// Which of the sign-in logs an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SignInKind {
    Interactive,
    NonInteractive,
    ServicePrincipal,
}

impl SignInKind {
    /// The diagnostic settings' category.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Interactive => "SignInLogs",
            Self::NonInteractive => "NonInteractiveUserSignInLogs",
            Self::ServicePrincipal => "ServicePrincipalSignInLogs",
        }
    }
}

/// How the second factor went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    /// Not asked for.
    None,
    /// Answered on the phone.
    Done,
    /// Contained in the token already.
    InToken,
}

/// One sign-in.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    pub(crate) time: DateTime<Utc>,
    pub(crate) id: String,
    pub(crate) correlation_id: String,
    pub(crate) kind: SignInKind,
    /// Display name, user principal name, object id; for a service principal its name, nothing, its object id.
    pub(crate) principal: [String; 3],
    pub(crate) guest: bool,
    pub(crate) app_id: String,
    pub(crate) app_name: String,
    pub(crate) resource: (&'static str, &'static str),
    pub(crate) from: Endpoint,
    pub(crate) device: Device,
    /// `Browser`, `Mobile Apps and Desktop clients`, `IMAP4`, …
    pub(crate) client: &'static str,
    pub(crate) result: u32,
    pub(crate) second_factor: SecondFactor,
    pub(crate) processing_milliseconds: u64,
    /// Minutes until the record was exported.
    pub(crate) export_delay_seconds: i64,
    /// Key of the scenario or twin it belongs to, empty for none.
    pub(crate) mark: &'static str,
}

impl SignIn {
    /// A sign-in of `user` that succeeds in the browser of the laptop, to be changed where it differs.
    pub(crate) fn of(user: &User, app: &App, from: &Endpoint, time: DateTime<Utc>, random: &mut Random) -> Self {
        Self {
            time,
            id: random.guid(),
            correlation_id: random.guid(),
            kind: SignInKind::Interactive,
            principal: [user.display_name.clone(), user.upn.clone(), user.object_id.clone()],
            guest: user.kind == Kind::Guest,
            app_id: app.id.into(),
            app_name: app.name.into(),
            resource: app.resource,
            from: from.clone(),
            device: user.laptop.clone(),
            client: "Browser",
            result: 0,
            second_factor: SecondFactor::None,
            processing_milliseconds: 60 + random.below(600),
            export_delay_seconds: random.between(60, 240),
            mark: "",
        }
    }

    /// The object that Microsoft Graph calls a `signIn`; `time` is the moment as the envelope writes it.
    pub(crate) fn graph(&self, tenant: &Tenant, time: &str) -> Map<String, Value> {
        let mut object = self.identity(tenant, time);
        object.extend(self.circumstances(tenant));
        object.extend(self.steps(time));
        object
    }

    fn identity(&self, tenant: &Tenant, time: &str) -> Map<String, Value> {
        let [name, upn, object_id] = &self.principal;
        let mut object = Map::new();
        object.insert("id".into(), self.id.clone().into());
        object.insert("createdDateTime".into(), time.into());
        if self.kind == SignInKind::ServicePrincipal {
            object.insert("userId".into(), Value::Null);
            object.insert("servicePrincipalName".into(), name.clone().into());
            object.insert("servicePrincipalId".into(), object_id.clone().into());
        } else {
            object.insert("userDisplayName".into(), name.clone().into());
            object.insert("userPrincipalName".into(), upn.clone().into());
            object.insert("userId".into(), object_id.clone().into());
            object.insert("servicePrincipalId".into(), "".into());
            object.insert("userType".into(), if self.guest { "Guest" } else { "Member" }.into());
            object.insert("homeTenantId".into(), self.home_tenant(tenant).into());
            let crossing = if self.guest { "b2bCollaboration" } else { "none" };
            object.insert("crossTenantAccessType".into(), crossing.into());
        }
        object.insert("appId".into(), self.app_id.clone().into());
        object.insert("appDisplayName".into(), self.app_name.clone().into());
        object.insert("resourceId".into(), self.resource.0.into());
        object.insert("resourceDisplayName".into(), self.resource.1.into());
        object.insert("resourceTenantId".into(), tenant.tenant_id.clone().into());
        object
    }

    fn circumstances(&self, tenant: &Tenant) -> Map<String, Value> {
        let networks = match self.from.named_location {
            Some(name) => json!([{"networkType": "trustedNamedLocation", "networkNames": [name]}]),
            None => json!([]),
        };
        let mut object = Map::new();
        object.insert("ipAddress".into(), self.from.ip.clone().into());
        object.insert("autonomousSystemNumber".into(), self.from.asn.into());
        object.insert("location".into(), self.location());
        object.insert("networkLocationDetails".into(), networks);
        object.insert("clientAppUsed".into(), self.client.into());
        object.insert("isInteractive".into(), (self.kind == SignInKind::Interactive).into());
        if self.kind != SignInKind::ServicePrincipal {
            object.insert("userAgent".into(), self.device.user_agent.into());
            object.insert("deviceDetail".into(), self.device_detail());
            object.insert("originalRequestId".into(), self.id.clone().into());
        }
        object.insert("correlationId".into(), self.correlation_id.clone().into());
        object.insert("status".into(), self.status());
        object.insert("conditionalAccessStatus".into(), self.conditional_access().into());
        object.insert("appliedConditionalAccessPolicies".into(), self.policies(tenant));
        object.insert("authenticationRequirement".into(), self.requirement().into());
        object.insert("tokenIssuerType".into(), "AzureAD".into());
        object.insert("incomingTokenType".into(), "none".into());
        object.insert("processingTimeInMilliseconds".into(), self.processing_milliseconds.into());
        for (name, value) in [
            ("riskDetail", "none"),
            ("riskLevelAggregated", "none"),
            ("riskLevelDuringSignIn", "none"),
            ("riskState", "none"),
        ] {
            object.insert(name.into(), value.into());
        }
        object.insert("riskEventTypes_v2".into(), json!([]));
        object.insert("flaggedForReview".into(), false.into());
        object
    }

    fn steps(&self, time: &str) -> Map<String, Value> {
        let mut object = Map::new();
        if self.kind != SignInKind::Interactive {
            return object;
        }
        let failed_password = matches!(self.result, 50126 | 50053 | 50055 | 50057);
        let mut steps = vec![json!({
            "authenticationStepDateTime": time, "authenticationMethod": "Password",
            "authenticationMethodDetail": "Password Hash Sync", "succeeded": !failed_password,
            "authenticationStepResultDetail": if failed_password { failure_reason(self.result) } else { "Correct password" },
            "authenticationStepRequirement": "Primary authentication", "StatusSequence": 0, "RequestSequence": 1,
        })];
        if self.second_factor == SecondFactor::Done {
            steps.push(json!({
                "authenticationStepDateTime": time, "authenticationMethod": "Mobile app notification", "succeeded": true,
                "authenticationStepResultDetail": "MFA successfully completed",
                "authenticationStepRequirement": "Primary authentication", "StatusSequence": 2, "RequestSequence": 1,
            }));
            object.insert("mfaDetail".into(), json!({"authMethod": "Mobile app notification"}));
        }
        object.insert("authenticationDetails".into(), Value::Array(steps));
        object
    }

    /// Name of the resource's tenant or, for a guest, of the partner's.
    pub(crate) fn home_tenant(&self, tenant: &Tenant) -> String {
        if self.guest { "0f8a2c1e-64d3-4b0e-9f2e-7f6a51c0d911".into() } else { tenant.tenant_id.clone() }
    }

    /// `location` of Graph, `LocationDetails` of Log Analytics.
    pub(crate) fn location(&self) -> Value {
        let place = self.from.place;
        json!({
            "city": place.city, "state": place.state, "countryOrRegion": place.country,
            "geoCoordinates": {"latitude": place.latitude, "longitude": place.longitude},
        })
    }

    /// What the log knows of the device.
    pub(crate) fn device_detail(&self) -> Value {
        let Device { id, name, operating_system, browser, .. } = &self.device;
        if id.is_empty() {
            return json!({"deviceId": "", "operatingSystem": operating_system, "browser": browser});
        }
        json!({
            "deviceId": id, "displayName": name, "operatingSystem": operating_system, "browser": browser,
            "isCompliant": true, "isManaged": true, "trustType": "Hybrid Azure AD joined",
        })
    }

    /// The result with its text.
    pub(crate) fn status(&self) -> Value {
        let detail = match self.second_factor {
            SecondFactor::None => None,
            SecondFactor::Done => Some("MFA completed in Azure AD"),
            SecondFactor::InToken => Some("MFA requirement satisfied by claim in the token"),
        };
        match (self.result, detail) {
            (0, None) => json!({"errorCode": 0}),
            (0, Some(detail)) => json!({"errorCode": 0, "additionalDetails": detail}),
            (code, _) => json!({"errorCode": code, "failureReason": failure_reason(code)}),
        }
    }

    /// `success`, `failure` or `notApplied`.
    pub(crate) fn conditional_access(&self) -> &'static str {
        match (self.result, self.second_factor) {
            (50074 | 50076, _) => "failure",
            (0, SecondFactor::Done | SecondFactor::InToken) => "success",
            _ => "notApplied",
        }
    }

    /// The tenant's one policy, as far as it spoke.
    pub(crate) fn policies(&self, tenant: &Tenant) -> Value {
        if self.conditional_access() == "notApplied" {
            return json!([]);
        }
        json!([{
            "id": tenant.policy_id, "displayName": "Require multifactor authentication outside the offices",
            "enforcedGrantControls": ["Mfa"], "enforcedSessionControls": [], "result": self.conditional_access(),
            "conditionsSatisfied": 3, "conditionsNotSatisfied": 0,
        }])
    }

    /// Which factors the sign-in had to show.
    pub(crate) fn requirement(&self) -> &'static str {
        match self.second_factor {
            SecondFactor::None if !matches!(self.result, 50074 | 50076) => "singleFactorAuthentication",
            _ => "multiFactorAuthentication",
        }
    }

    /// The country code of the envelopes' own `location`.
    pub(crate) fn country(&self) -> &'static str {
        self.from.place.country
    }

    /// The moment as Graph's API writes it.
    pub(crate) fn graph_time(&self) -> String {
        timestamps::seconds_utc(self.time)
    }
}

/// The text of a result code (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
pub(crate) fn failure_reason(code: u32) -> &'static str {
    match code {
        0 => "",
        50034 => "The user account does not exist in the directory.",
        50053 => {
            "Account is locked because user tried to sign in too many times with an incorrect user ID or password."
        }
        50055 => "Invalid password, entered expired password.",
        50057 => "User account is disabled. The account has been disabled by an administrator.",
        50058 => "Session information is not sufficient for single-sign-on.",
        50074 => "User did not pass the MFA challenge.",
        50076 => {
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must use \
             multi-factor authentication to access the resource."
        }
        50126 => "Invalid username or password or Invalid on-premise username or password.",
        50140 => "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
        7_000_222 => "The provided client secret keys for the app are expired.",
        _ => "Other.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_in_use_has_its_own_text() {
        for code in [50034, 50053, 50055, 50057, 50058, 50074, 50076, 50126, 50140, 7_000_222] {
            assert!(failure_reason(code).len() > 10, "{code}");
        }
    }
}
