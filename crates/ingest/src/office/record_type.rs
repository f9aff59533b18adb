//! Names of the numbers in unified audit records, as documented for the Office 365 Management Activity API.

use std::collections::HashMap;
use std::sync::OnceLock;

/// `RecordType`: number, name.
const RECORD_TYPES: &str = include_str!("data/record_types.tsv");

/// `UserType` by number.
const USER_TYPES: [&str; 11] = [
    "Regular",
    "Reserved",
    "Admin",
    "DcAdmin",
    "System",
    "Application",
    "ServicePrincipal",
    "CustomPolicy",
    "SystemPolicy",
    "PartnerTechnician",
    "Guest",
];

/// `LogonType` of mailbox audit by number.
const LOGON_TYPES: [&str; 7] =
    ["Owner", "Admin", "Delegated", "Transport", "SystemService", "BestAccess", "DelegatedAdmin"];

/// The name of a `RecordType`.
pub(super) fn record_type_name(number: i64) -> Option<&'static str> {
    static NAMES: OnceLock<HashMap<i64, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let pairs = RECORD_TYPES.lines().filter_map(|line| line.split_once('\t'));
        pairs.filter_map(|(number, name)| Some((number.parse().ok()?, name))).collect()
    });
    names.get(&number).copied()
}

/// The name of a `UserType`.
pub(super) fn user_type_name(number: i64) -> Option<&'static str> {
    USER_TYPES.get(usize::try_from(number).ok()?).copied()
}

/// The name of a mailbox `LogonType`.
pub(super) fn logon_type_name(number: i64) -> Option<&'static str> {
    LOGON_TYPES.get(usize::try_from(number).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_names() {
        assert_eq!(record_type_name(15), Some("AzureActiveDirectoryStsLogon"));
        assert_eq!(record_type_name(261), Some("CopilotInteraction"));
        assert_eq!(record_type_name(26), None);
        assert!(
            RECORD_TYPES
                .lines()
                .all(|line| line.split_once('\t').is_some_and(|(number, _)| number.parse::<i64>().is_ok()))
        );
        assert_eq!((user_type_name(-1), user_type_name(3), logon_type_name(0)), (None, Some("DcAdmin"), Some("Owner")));
    }
}
