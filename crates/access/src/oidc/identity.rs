//! Who somebody is, from claims.

use openidconnect::{EndUserEmail, EndUserName, EndUserUsername, LocalizedClaim, SubjectIdentifier};
use serde_json::Value;

use super::client_type::OtherClaims;

/// Somebody, as an OpenID provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcIdentity {
    /// The `sub`: who it is, for ever.
    pub subject: String,
    /// The name to sign in with: the preferred one, else the address if the provider has verified it.
    pub name: Option<String>,
    /// The name that people read.
    pub display_name: Option<String>,
    /// The groups that the provider names; absent where it says nothing of groups.
    pub groups: Option<Vec<String>>,
}

/// The claims that are looked at, of an ID token or of the userinfo endpoint.
pub(super) struct Claims<'a> {
    pub subject: &'a SubjectIdentifier,
    pub preferred_username: Option<&'a EndUserUsername>,
    pub email: Option<&'a EndUserEmail>,
    pub email_verified: Option<bool>,
    pub name: Option<&'a LocalizedClaim<EndUserName>>,
    pub other: &'a OtherClaims,
}

/// How many groups are looked at. Entra itself puts no more than 200 into a token.
///
/// <https://learn.microsoft.com/entra/identity-platform/reference-claims-customization>
const MOST_GROUPS: usize = 200;

/// The longest name that is taken from a provider, in characters.
const LONGEST_NAME: usize = 256;

impl OidcIdentity {
    /// Reads claims, groups at `group_claim`: a claim's name, or a path with points (`realm_access.roles`).
    pub(super) fn of(claims: &Claims<'_>, group_claim: &str) -> Self {
        let address = claims.email.filter(|_| claims.email_verified == Some(true)).map(|email| email.to_string());
        let name = claims.preferred_username.map(|name| name.to_string()).or(address);
        let display_name = claims.name.and_then(|name| name.get(None)).map(|name| name.to_string());
        let usable = |name: String| {
            let name: String =
                name.trim().chars().filter(|character| !character.is_control()).take(LONGEST_NAME).collect();
            (!name.is_empty()).then_some(name)
        };
        Self {
            subject: claims.subject.to_string(),
            name: name.and_then(usable),
            display_name: display_name.and_then(usable),
            groups: groups(claims.other, group_claim),
        }
    }

    /// Fills what is missing from another source about the same subject.
    pub(super) fn or(self, other: OidcIdentity) -> Self {
        Self {
            subject: self.subject,
            name: self.name.or(other.name),
            display_name: self.display_name.or(other.display_name),
            groups: self.groups.or(other.groups),
        }
    }
}

fn groups(other: &OtherClaims, claim: &str) -> Option<Vec<String>> {
    // A claim may itself have points in its name, as the URLs that some providers use.
    let value = other.claims.get(claim).or_else(|| {
        let mut steps = claim.split('.');
        let first = other.claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })?;
    match value {
        Value::String(name) => Some(vec![name.clone()]),
        Value::Array(names) => {
            Some(names.iter().filter_map(Value::as_str).take(MOST_GROUPS).map(str::to_owned).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_name_and_by_path() {
        let claims = serde_json::json!({
            "groups": ["SOC", 7, "Leads"],
            "role": "SOC",
            "realm_access": {"roles": ["soc"]},
            "https://example.com/groups": ["a"],
            "number": 7,
        });
        let other: OtherClaims = serde_json::from_value(claims).expect("claims");
        let expected: [(&str, Option<&[&str]>); 7] = [
            ("groups", Some(&["SOC", "Leads"])),
            ("role", Some(&["SOC"])),
            ("realm_access.roles", Some(&["soc"])),
            ("https://example.com/groups", Some(&["a"])),
            ("number", None),
            ("absent", None),
            ("groups.x", None),
        ];
        for (claim, names) in expected {
            let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            assert_eq!(groups(&other, claim), names, "{claim}");
        }
    }
}
