//! Names of security identifiers that are the same everywhere, as Microsoft's "Security identifiers" lists them.

use std::borrow::Cow;

/// Last number of accounts and groups of every domain.
const DOMAIN_RIDS: [(&str, &str); 21] = [
    ("498", "ENTERPRISE READ-ONLY DOMAIN CONTROLLERS"),
    ("500", "ADMINISTRATOR"),
    ("501", "GUEST"),
    ("502", "KRBTGT"),
    ("512", "DOMAIN ADMINS"),
    ("513", "DOMAIN USERS"),
    ("514", "DOMAIN GUESTS"),
    ("515", "DOMAIN COMPUTERS"),
    ("516", "DOMAIN CONTROLLERS"),
    ("517", "CERT PUBLISHERS"),
    ("518", "SCHEMA ADMINS"),
    ("519", "ENTERPRISE ADMINS"),
    ("520", "GROUP POLICY CREATOR OWNERS"),
    ("521", "READ-ONLY DOMAIN CONTROLLERS"),
    ("522", "CLONEABLE DOMAIN CONTROLLERS"),
    ("525", "PROTECTED USERS"),
    ("526", "KEY ADMINS"),
    ("527", "ENTERPRISE KEY ADMINS"),
    ("553", "RAS AND IAS SERVERS"),
    ("571", "ALLOWED RODC PASSWORD REPLICATION GROUP"),
    ("572", "DENIED RODC PASSWORD REPLICATION GROUP"),
];

/// Identifiers that no domain owns.
const UNIVERSAL: [(&str, &str); 24] = [
    ("S-1-1-0", "EVERYONE"),
    ("S-1-5-7", "ANONYMOUS LOGON"),
    ("S-1-5-9", "ENTERPRISE DOMAIN CONTROLLERS"),
    ("S-1-5-10", "PRINCIPAL SELF"),
    ("S-1-5-11", "AUTHENTICATED USERS"),
    ("S-1-5-17", "IUSR"),
    ("S-1-5-18", "LOCAL SYSTEM"),
    ("S-1-5-32-544", "ADMINISTRATORS"),
    ("S-1-5-32-545", "USERS"),
    ("S-1-5-32-546", "GUESTS"),
    ("S-1-5-32-547", "POWER USERS"),
    ("S-1-5-32-548", "ACCOUNT OPERATORS"),
    ("S-1-5-32-549", "SERVER OPERATORS"),
    ("S-1-5-32-550", "PRINT OPERATORS"),
    ("S-1-5-32-551", "BACKUP OPERATORS"),
    ("S-1-5-32-552", "REPLICATOR"),
    ("S-1-5-32-554", "PRE-WINDOWS 2000 COMPATIBLE ACCESS"),
    ("S-1-5-32-555", "REMOTE DESKTOP USERS"),
    ("S-1-5-32-556", "NETWORK CONFIGURATION OPERATORS"),
    ("S-1-5-32-557", "INCOMING FOREST TRUST BUILDERS"),
    ("S-1-5-32-560", "WINDOWS AUTHORIZATION ACCESS GROUP"),
    ("S-1-5-32-562", "DISTRIBUTED COM USERS"),
    ("S-1-5-32-569", "CRYPTOGRAPHIC OPERATORS"),
    ("S-1-5-32-580", "REMOTE MANAGEMENT USERS"),
];

/// The name of a well-known identifier as SharpHound writes names, `DOMAIN ADMINS@CONTOSO.LOCAL`, or `""`.
///
/// SharpHound puts the domain before identifiers that no domain owns (`CONTOSO.LOCAL-S-1-5-32-544`); accounts of other domains than this
/// one are not named, because their domain's name is not known here.
pub(super) fn well_known_name(id: &str, domain: &str, domain_sid: &str) -> Cow<'static, str> {
    let named = |name: &str, domain: &str| match domain {
        "" => Cow::Owned(name.to_owned()),
        domain => Cow::Owned(format!("{name}@{domain}")),
    };
    let own = (!domain_sid.is_empty()).then(|| id.strip_prefix(domain_sid)?.strip_prefix('-')).flatten();
    if let Some(rid) = own {
        return find(&DOMAIN_RIDS, rid).map_or(Cow::Borrowed(""), |name| named(name, domain));
    }
    let (prefix, sid) = match id.find("S-1-") {
        Some(0) => (domain, id),
        Some(at) => (id[..at].trim_end_matches('-'), &id[at..]),
        None => return Cow::Borrowed(""),
    };
    find(&UNIVERSAL, sid).map_or(Cow::Borrowed(""), |name| named(name, prefix))
}

fn find(names: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    names.iter().find(|(known, _)| *known == key).map(|(_, name)| *name)
}

/// The number at the end of an identifier: `544` for the Administrators of a computer (`COMPUTERSID-544`) or domain.
pub(super) fn last_number(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_the_domain_and_universal_ones_are_named() {
        let cases = [
            ("S-1-5-21-1-2-3-512", "DOMAIN ADMINS@CONTOSO.LOCAL"),
            ("S-1-5-21-1-2-3-1104", ""),
            ("S-1-5-21-9-9-9-512", ""),
            ("FABRIKAM.LOCAL-S-1-5-32-544", "ADMINISTRATORS@FABRIKAM.LOCAL"),
            ("S-1-5-11", "AUTHENTICATED USERS@CONTOSO.LOCAL"),
            ("1AEEE963-0000-0000-0000-000000000000", ""),
        ];
        for (id, name) in cases {
            assert_eq!(well_known_name(id, "CONTOSO.LOCAL", "S-1-5-21-1-2-3"), name, "{id}");
        }
        assert_eq!(well_known_name("S-1-1-0", "", ""), "EVERYONE");
    }
}
