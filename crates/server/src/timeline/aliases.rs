//! The other identifiers of an account or application, from the logs.

use std::collections::BTreeSet;

use schema::{Entity, EntityKind};

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{json_rows, kql_list, text};
use crate::{Error, Session};

/// Columns of a table that identify the same thing in each row.
const IDENTITIES: [(&str, &[&str]); 10] = [
    ("SigninLogs", &["UserPrincipalName", "UserId"]),
    ("AADNonInteractiveUserSignInLogs", &["UserPrincipalName", "UserId"]),
    ("AADServicePrincipalSignInLogs", &["AppId", "ServicePrincipalId"]),
    ("AADUserRiskEvents", &["UserPrincipalName", "UserId"]),
    ("IdentityInfo", &["AccountUPN", "AccountObjectId", "AccountSID", "OnPremSid"]),
    ("IdentityLogonEvents", &["AccountUpn", "AccountObjectId", "AccountSid"]),
    ("DeviceLogonEvents", &["InitiatingProcessAccountUpn", "InitiatingProcessAccountSid"]),
    ("SecurityEvent", &["TargetAccount", "TargetUserSid"]),
    ("SecurityEvent", &["SubjectAccount", "SubjectUserSid"]),
    ("DirectoryObjects", &["AccountUPN", "ObjectId", "OnPremSid"]),
];
/// Identifiers lead to identifiers: name to object id, object id to SID. So many steps.
const STEPS: usize = 2;
/// Most identifiers of one entity; more means that they are not of one thing.
const IDENTIFIERS_MAX: usize = 32;

/// These terms and those that rows name beside them, in lower case.
pub(super) fn with_aliases(
    session: &Session,
    catalog: &WorkspaceCatalog,
    terms: Vec<String>,
) -> Result<Vec<String>, Error> {
    let mut all = terms;
    for _ in 0..STEPS {
        let mut found = BTreeSet::new();
        for (table, columns) in IDENTITIES {
            if catalog.snapshot().statistics(table).is_some_and(|statistics| statistics.rows > 0) {
                found.extend(beside(session, catalog, table, columns, &all)?);
            }
        }
        let before = all.len();
        found.retain(|term| !all.contains(term));
        all.extend(found.into_iter().take(IDENTIFIERS_MAX.saturating_sub(before)));
        if all.len() == before {
            break;
        }
    }
    Ok(all)
}

fn beside(
    session: &Session,
    catalog: &WorkspaceCatalog,
    table: &str,
    columns: &[&str],
    terms: &[String],
) -> Result<Vec<String>, Error> {
    let conditions: Vec<String> = columns.iter().map(|column| format!("{column} in~ (terms)")).collect();
    let query = format!(
        "let terms = dynamic([{}]); {table} | where {} | distinct {} | take {IDENTIFIERS_MAX}",
        kql_list(terms),
        conditions.join(" or "),
        columns.join(", ")
    );
    let rows = json_rows(session, catalog, &query, None)?;
    let values = rows.iter().flat_map(|row| columns.iter().map(|column| text(row, column).to_lowercase()));
    Ok(values.filter(|value| identifies(value)).collect())
}

/// False for what many things share: nothing, zeros, built-in accounts.
fn identifies(value: &str) -> bool {
    let zeros = value.chars().all(|letter| matches!(letter, '0' | '-' | '{' | '}'));
    let as_account = || Entity::account(value).is_none_or(|account| account.is_built_in());
    let as_sid = || Entity::new(EntityKind::Account, [("Sid", value)]).is_none_or(|account| account.is_built_in());
    !value.is_empty() && !zeros && !as_account() && !as_sid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identity_is_a_column_of_its_table() {
        for (name, columns) in IDENTITIES {
            let table = schema::table(name).expect(name);
            for column in columns {
                assert!(table.column(column).is_some(), "no column `{column}` in `{name}`");
            }
        }
    }

    #[test]
    fn what_many_things_share_identifies_nothing() {
        for value in ["", "-", "s-1-0-0", "s-1-5-18", "00000000-0000-0000-0000-000000000000", "nt authority\\system"] {
            assert!(!identifies(value), "{value}");
        }
        assert!(identifies("ann@contoso.com") && identifies("s-1-5-21-1-2-3-1104"));
    }
}
