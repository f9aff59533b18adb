//! The rows behind an alert.
//!
//! A rule's answer is often a sum; its events are found again: rows of the tables that the rule reads, between the alert's first and
//! last event, that name its accounts or addresses (or, where it has neither, what else it names) and come from no other address.

use std::net::IpAddr;

use schema::{Alert, Entity, EntityKind, Table};
use serde_json::Value;

use super::search::{Found, search};
use super::terms::{entity_terms, row_holds};
use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{JsonRow, kql_string, kql_time};
use crate::{Error, Session};

/// Most rows of a table that are looked at for one alert.
const ROWS_MAX: usize = 2_000;
/// Most names in a query for people.
const QUERY_NAMES_MAX: usize = 20;
/// Columns that hold where a row's action came from.
const ADDRESS_COLUMNS: [&str; 12] = [
    "IPAddress",
    "IpAddress",
    "ClientIP",
    "Client_IPAddress",
    "ActorIpAddress",
    "CallerIpAddress",
    "CallerIPAddress",
    "SourceIpAddress",
    "SourceIP",
    "RemoteIP",
    "ClientIPAddress",
    "ClientAddress",
];

/// What an alert is about, as terms.
struct Subject {
    /// Accounts and addresses; where there are none, everything else.
    terms: Vec<String>,
    addresses: Vec<String>,
}

impl Subject {
    fn new(entities: &[Entity]) -> Self {
        let of = |wanted: &dyn Fn(EntityKind) -> bool| -> Vec<String> {
            entities.iter().filter(|entity| wanted(entity.kind)).flat_map(entity_terms).collect()
        };
        let addresses = of(&|kind| kind == EntityKind::Ip);
        let mut terms = of(&|kind| matches!(kind, EntityKind::Account | EntityKind::Ip | EntityKind::Mailbox));
        if terms.is_empty() {
            terms = of(&|_| true);
        }
        Self { terms, addresses }
    }

    /// False for a row that comes from another address than the alert's.
    fn fits(&self, row: &JsonRow) -> bool {
        self.addresses.is_empty() || row_holds(row, &self.addresses) || !names_an_address(row)
    }
}

fn names_an_address(row: &JsonRow) -> bool {
    let by_column = ADDRESS_COLUMNS.iter().filter_map(|column| row.get(*column)?.as_str());
    let by_initiator = row.get("InitiatedBy").and_then(|by| by.pointer("/user/ipAddress")).and_then(Value::as_str);
    by_column.chain(by_initiator).filter_map(Entity::ip).any(|address| {
        let parsed = address.identifier("Address").and_then(|text| text.parse::<IpAddr>().ok());
        parsed.is_some() && !address.is_built_in()
    })
}

/// The rows behind an alert among these tables, by time, and how many more there may be.
pub(crate) fn evidence(
    session: &Session,
    catalog: &WorkspaceCatalog,
    tables: &[&'static Table],
    alert: &Alert,
) -> Result<(Vec<EvidenceRow>, u64), Error> {
    let subject = Subject::new(&alert.entities);
    let (mut rows, mut more) = (Vec::new(), 0);
    for table in tables {
        let search = search(session, catalog, table, &subject.terms, (alert.start, alert.end), ROWS_MAX)?;
        more += search.more;
        rows.extend(search.found.into_iter().filter(|found| subject.fits(&found.row)));
    }
    rows.sort_by(|left, right| left.key().cmp(&right.key()));
    Ok((rows, more))
}

/// A row behind an alert.
pub(crate) type EvidenceRow = Found;

impl Found {
    /// Orders rows, and tells the same row when it is found twice.
    pub(super) fn key(&self) -> (chrono::DateTime<chrono::Utc>, &str, &str, Option<i64>) {
        (self.time, self.table, &self.file, self.offset)
    }
}

/// The KQL by which a person finds the events of alerts in the workspace.
pub(crate) fn evidence_query(tables: &[&str], alerts: &[&Alert]) -> String {
    let first = alerts.iter().map(|alert| alert.start).min();
    let last = alerts.iter().map(|alert| alert.end).max();
    let Some((first, last)) = first.zip(last) else { return String::new() };
    let mut names: Vec<String> = Vec::new();
    for term in alerts.iter().flat_map(|alert| Subject::new(&alert.entities).terms) {
        if !names.contains(&term) {
            names.push(term);
        }
    }
    names.truncate(QUERY_NAMES_MAX);
    let terms: Vec<String> = names.iter().map(|name| kql_string(name)).collect();
    format!(
        "search in ({}) {}\n| where TimeGenerated between ({} .. {})\n| sort by TimeGenerated asc",
        tables.join(", "),
        terms.join(" or "),
        kql_time(first),
        kql_time(last)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(entities: &[Option<Entity>], row: Value) -> bool {
        let entities: Vec<Entity> = entities.iter().flatten().cloned().collect();
        Subject::new(&entities).fits(row.as_object().expect("a row"))
    }

    #[test]
    fn what_comes_from_another_address_is_no_evidence() {
        let alert = [Entity::account("ann@contoso.com"), Entity::ip("203.0.113.7")];
        assert!(fits(&alert, json!({"UserPrincipalName": "ann@contoso.com", "IPAddress": "203.0.113.7"})));
        assert!(!fits(&alert, json!({"UserPrincipalName": "ann@contoso.com", "IPAddress": "198.51.100.9"})));
        assert!(!fits(&alert, json!({"InitiatedBy": {"user": {"ipAddress": "198.51.100.9"}}})));
        assert!(fits(&alert, json!({"UserPrincipalName": "ann@contoso.com"})), "names no address");
        assert!(fits(&alert, json!({"IpAddress": "::1"})), "the machine itself");
        assert!(fits(&alert[..1], json!({"IPAddress": "198.51.100.9"})), "the alert names no address");
    }

    #[test]
    fn hosts_count_only_where_there_is_nothing_better() {
        let with =
            [Entity::account("CORP\\ann"), Entity::host("dc01.corp.example")].into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(Subject::new(&with).terms, ["corp\\ann"]);
        assert_eq!(Subject::new(&with[1..]).terms, ["dc01.corp.example", "dc01"]);
    }
}
