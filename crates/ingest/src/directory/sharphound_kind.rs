//! Which kind of object a SharpHound record describes. The file's `meta` says so too, but comes after the records.

use crate::json::JsonObject;

/// A field of the record or, with `Properties.`, of its properties, and the kind of the objects that have it; the first that is there
/// decides. Kinds are named as BloodHound names its nodes.
const KINDS: [(&str, &str); 17] = [
    ("Members", "Group"),
    ("LocalGroups", "Computer"),
    ("LocalAdmins", "Computer"),
    ("AllowedToAct", "Computer"),
    ("SPNTargets", "User"),
    ("Trusts", "Domain"),
    ("EnabledCertTemplates", "EnterpriseCA"),
    ("HostingComputer", "EnterpriseCA"),
    ("GroupLink", "IssuancePolicy"),
    ("Links", "OU"),
    ("ChildObjects", "Container"),
    ("Properties.gpcpath", "GPO"),
    ("Properties.certificatenameflag", "CertTemplate"),
    ("Properties.schemaversion", "CertTemplate"),
    ("Properties.certthumbprints", "NTAuthStore"),
    ("Properties.crosscertificatepair", "AIACA"),
    ("Properties.hasbasicconstraints", "RootCA"),
];

/// Containers of the configuration partition, by a part of the distinguished name, for objects of which little was collected.
const PLACES: [(&str, &str); 6] = [
    ("CN=CERTIFICATE TEMPLATES,CN=PUBLIC KEY SERVICES,", "CertTemplate"),
    ("CN=ENROLLMENT SERVICES,CN=PUBLIC KEY SERVICES,", "EnterpriseCA"),
    ("CN=CERTIFICATION AUTHORITIES,CN=PUBLIC KEY SERVICES,", "RootCA"),
    ("CN=AIA,CN=PUBLIC KEY SERVICES,", "AIACA"),
    ("CN=OID,CN=PUBLIC KEY SERVICES,", "IssuancePolicy"),
    ("CN=POLICIES,CN=SYSTEM,", "GPO"),
];

/// What stands for an object whose kind cannot be told; BloodHound's word.
const UNKNOWN: &str = "Base";

/// The kind of the object.
pub(super) fn kind_of(object: &JsonObject, properties: &JsonObject) -> &'static str {
    let has = |field: &str| match field.strip_prefix("Properties.") {
        Some(property) => properties.has(property),
        None => object.has(field),
    };
    if let Some((_, kind)) = KINDS.iter().find(|(field, _)| has(field)) {
        return kind;
    }
    let name = properties.get_str("distinguishedname").unwrap_or_default();
    let place = PLACES.iter().find(|(part, _)| contains_ignore_case(&name, part));
    place.map_or(UNKNOWN, |(_, kind)| kind)
}

/// `part` is in upper case.
fn contains_ignore_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_told_by_its_own_fields() {
        let cases = [
            (r#"{"Members":[],"Aces":[]}"#, "{}", "Group"),
            (r#"{"AllowedToDelegate":[],"LocalGroups":[],"HasSIDHistory":[]}"#, "{}", "Computer"),
            (r#"{"AllowedToDelegate":[],"SPNTargets":[],"HasSIDHistory":[]}"#, "{}", "User"),
            (r#"{"ChildObjects":[],"Links":[],"Trusts":[]}"#, "{}", "Domain"),
            (r#"{"ChildObjects":[],"Links":[]}"#, "{}", "OU"),
            (r#"{"ChildObjects":[]}"#, "{}", "Container"),
            ("{}", r#"{"gpcpath":"x"}"#, "GPO"),
            ("{}", r#"{"certthumbprint":"x","crosscertificatepair":[],"hasbasicconstraints":false}"#, "AIACA"),
            ("{}", r#"{"certthumbprint":"x","hasbasicconstraints":false}"#, "RootCA"),
            ("{}", r#"{"distinguishedname":"CN={1},CN=Policies,CN=System,DC=contoso,DC=local"}"#, "GPO"),
            ("{}", "{}", "Base"),
        ];
        for (object, properties, kind) in cases {
            let (object, properties) = (JsonObject::parse(object).unwrap(), JsonObject::parse(properties).unwrap());
            assert_eq!(kind_of(&object, &properties), kind);
        }
    }
}
