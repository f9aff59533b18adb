//! What a record of an interactive sign-in holds beside the facts that everybody looks at: every policy of the tenant, whether
//! it applied or not, and how the token came about. It is more than half of a record.

use crate::guid::Guid;
use crate::json::Json;
use crate::records::{DESKTOP_CLIENT, SecondFactor, SignIn};
use crate::tenant::Tenant;

/// A conditional access policy: name, grant control, whether it is only reported.
struct Policy {
    name: &'static str,
    control: &'static str,
    only_reported: bool,
}

/// The tenant's policies in the order in which they are evaluated; the first asks for the second factor.
static POLICIES: [Policy; 6] = [
    Policy { name: "Require multifactor authentication outside the offices", control: "Mfa", only_reported: false },
    Policy { name: "Block legacy authentication", control: "Block", only_reported: true },
    Policy { name: "Require multifactor authentication for administrators", control: "Mfa", only_reported: false },
    Policy { name: "Require a compliant device for finance", control: "RequireCompliantDevice", only_reported: false },
    Policy { name: "Block countries without offices", control: "Block", only_reported: true },
    Policy { name: "Terms of use for guests", control: "TermsOfUse", only_reported: false },
];

/// Entries of `appliedConditionalAccessPolicies`: the policies that spoke or, with `all`, those too that did not.
pub(super) fn policies(list: &mut Json, tenant: &Tenant, sign_in: &SignIn, all: bool) {
    let asked = sign_in.conditional_access();
    if asked == "notApplied" && !all {
        return;
    }
    // The first asks for the second factor, the second reports: these are what is seen of a sign-in that was judged.
    let shown = if all { POLICIES.len() } else { 2 };
    for (index, policy) in POLICIES.iter().enumerate().take(shown) {
        let result = match (index, policy.only_reported) {
            (0, _) => asked,
            (_, true) if sign_in.is_legacy() => "reportOnlyFailure",
            (_, true) => "reportOnlyNotApplied",
            (_, false) => "notApplied",
        };
        let spoke = result == "success" || result == "failure";
        list.item_object(|json| {
            match index {
                0 => json.plain("id", tenant.policy_id),
                _ => json.plain("id", Guid::random(tenant.policy_id.low(), index as u64)),
            }
            json.text("displayName", policy.name);
            json.array("enforcedGrantControls", |list| list.item(policy.control));
            json.array("enforcedSessionControls", |_| {});
            json.text("result", result);
            json.value("conditionsSatisfied", if spoke { 3 } else { 1 });
            json.value("conditionsNotSatisfied", if spoke { 0 } else { 2 });
        });
    }
}

/// How the token came about.
pub(super) fn details(json: &mut Json, tenant: &Tenant, sign_in: &SignIn) {
    json.array("appliedEventListeners", |_| {});
    json.array("authenticationAppPolicyEvaluationDetails", |_| {});
    json.array("authenticationContextClassReferences", |list| {
        list.item_object(|json| {
            json.text("id", "urn:user:registersecurityinfo");
            json.text("detail", "previouslySatisfied");
        });
    });
    json.array("authenticationMethodsUsed", |_| {});
    json.array("authenticationProcessingDetails", |list| processing(list, sign_in));
    json.array("authenticationRequirementPolicies", |list| {
        if sign_in.second_factor != SecondFactor::None {
            list.item_object(|json| {
                json.text("requirementProvider", "multiConditionalAccess");
                json.text("detail", "Conditional Access");
            });
        }
    });
    json.text("clientCredentialType", "none");
    json.text("federatedCredentialId", "");
    json.text("globalSecureAccessIpAddress", "");
    json.value("isTenantRestricted", false);
    json.value("isThroughGlobalSecureAccess", false);
    json.object("managedServiceIdentity", |json| {
        json.text("msiType", "none");
        json.null("associatedResourceId");
        json.text("federatedTokenId", "");
        json.text("federatedTokenIssuer", "");
    });
    json.text("originalTransferMethod", "none");
    json.object("privateLinkDetails", |_| {});
    json.plain("resourceOwnerTenantId", tenant.tenant_id);
    json.plain("resourceServicePrincipalId", tenant.random_id(sign_in.resource.0));
    json.value("rngcStatus", 0);
    json.array("sessionLifetimePolicies", |list| {
        list.item_object(|json| {
            json.text("expirationRequirement", "rememberMultifactorAuthenticationOnTrustedDevices");
            json.text("detail", "Remember MFA");
        });
    });
    json.text("signInIdentifier", sign_in.user().map_or("", |user| &user.upn));
    json.text("signInTokenProtectionStatus", "none");
    json.text("ssoExtensionVersion", "");
    json.object("tokenProtectionStatusDetails", |json| {
        json.text("signInSessionStatus", if sign_in.device.is_registered() { "bound" } else { "unbound" });
        json.value("signInSessionStatusCode", if sign_in.device.is_registered() { 0 } else { 1_002 });
    });
    json.text("userStrength", "");
}

fn processing(list: &mut Json, sign_in: &SignIn) {
    let in_program = if sign_in.client == DESKTOP_CLIENT { "True" } else { "False" };
    for (key, value) in [
        ("Domain Hint Present", "True"),
        ("Legacy TLS (TLS 1.0, 1.1, 3DES)", "False"),
        ("Oauth Scope Info", r#"["email","openid","profile","User.Read"]"#),
        ("Is CAE Token", "False"),
        ("Login Hint Present", in_program),
    ] {
        list.item_object(|json| {
            json.text("key", key);
            json.text("value", value);
        });
    }
}
