//! Who and what incidents name, and what the logs saw of it.

use std::collections::BTreeMap;

use report::{EntityName, Listed, ReportEntity, SeenIn};
use schema::{Entity, Table};

use super::limits;
use crate::catalog::WorkspaceCatalog;
use crate::findings::Findings;
use crate::json_rows::{count, json_rows, kql_list, text, time};
use crate::summaries::entity_summary;
use crate::timeline::{entity_terms, log_tables};
use crate::{Error, Session};

/// Columns that name a thing of a kind, those of the acting one first.
const COLUMNS: [(&str, &[&str]); 4] = [
    (
        "Account",
        &[
            "UserPrincipalName",
            "UserId",
            "AccountUpn",
            "AccountObjectId",
            "TargetAccount",
            "SubjectAccount",
            "Account",
            "TargetUserSid",
            "SubjectUserSid",
            "AccountSid",
            "MailboxOwnerUPN",
            "InitiatingProcessAccountUpn",
            "Caller",
            "UserIdentityArn",
            "UserIdentityUserName",
            "SourceUserName",
            "DestinationUserName",
            "RecipientEmailAddress",
            "SenderFromAddress",
        ],
    ),
    (
        "IP",
        &[
            "IPAddress",
            "IpAddress",
            "ClientIP",
            "Client_IPAddress",
            "ActorIpAddress",
            "CallerIpAddress",
            "SourceIpAddress",
            "SourceIP",
            "RemoteIP",
            "DestinationIP",
            "SenderIPv4",
            "HostIP",
        ],
    ),
    (
        "Host",
        &[
            "Computer",
            "DeviceName",
            "WorkstationName",
            "DestinationDeviceName",
            "TargetDeviceName",
            "HostName",
            "SourceHostName",
            "DestinationHostName",
        ],
    ),
    (
        "CloudApplication",
        &["AppId", "AppDisplayName", "ApplicationId", "ServicePrincipalName", "ClientAppId", "Application"],
    ),
];
/// Columns inside dynamic ones: table, kind, expression.
const INNER: [(&str, &str, &str); 2] = [
    ("AuditLogs", "Account", "tostring(InitiatedBy.user.userPrincipalName)"),
    ("AuditLogs", "IP", "tostring(InitiatedBy.user.ipAddress)"),
];

/// The entities of the incidents that stand, each once.
pub(super) fn gather(
    session: &Session,
    catalog: &WorkspaceCatalog,
    findings: &Findings,
) -> Result<Listed<ReportEntity>, Error> {
    let mut all = Merged::default();
    for incident in findings.open_incidents() {
        for entity in incident.entities.iter().filter(|entity| !entity.is_built_in()) {
            all.add(entity, incident.number);
        }
    }
    for alert in findings.alerts.values() {
        all.count_alert(&alert.entities);
    }
    let mut known = all.known;
    known.sort_by(|left, right| {
        (std::cmp::Reverse(left.report.incidents.len()), &left.report.name)
            .cmp(&(std::cmp::Reverse(right.report.incidents.len()), &right.report.name))
    });
    let more = known.len().saturating_sub(limits::ENTITIES_MAX) as u64;
    known.truncate(limits::ENTITIES_MAX);
    for table in log_tables(catalog) {
        for (kind, columns) in COLUMNS {
            count_rows(session, catalog, table, kind, columns, &mut known)?;
        }
    }
    let query = "SecurityIncident | mv-expand Id = AlertIds | extend Id = tostring(Id) | join kind=inner SecurityAlert on $left.Id == $right.SystemAlertId | distinct IncidentNumber, Entities".to_owned();
    Ok(Listed { items: known.into_iter().map(|one| one.report).collect(), more, query })
}

/// An entity under way into the report.
struct Known {
    report: ReportEntity,
    terms: Vec<String>,
}

#[derive(Default)]
struct Merged {
    known: Vec<Known>,
    by_key: BTreeMap<String, usize>,
}

impl Merged {
    fn keys(entity: &Entity) -> Vec<String> {
        entity.strong_keys().into_iter().chain([entity.key()]).collect()
    }

    fn find(&self, entity: &Entity) -> Option<usize> {
        Self::keys(entity).iter().find_map(|key| self.by_key.get(key)).copied()
    }

    fn add(&mut self, entity: &Entity, incident: u32) {
        let index = self.find(entity).unwrap_or_else(|| {
            let summary = entity_summary(entity);
            let report = ReportEntity {
                name: EntityName { kind: summary.kind, value: summary.value },
                identifiers: Vec::new(),
                incidents: Vec::new(),
                alerts: 0,
                seen: Vec::new(),
            };
            self.known.push(Known { report, terms: Vec::new() });
            self.known.len() - 1
        });
        let one = &mut self.known[index];
        one.report.incidents.push(incident);
        one.report.incidents.sort_unstable();
        one.report.incidents.dedup();
        for (name, value) in &entity.identifiers {
            let pair = (name.clone(), value.clone());
            if !one.report.name.value.contains(value.as_str()) && !one.report.identifiers.contains(&pair) {
                one.report.identifiers.push(pair);
            }
        }
        for term in entity_terms(entity) {
            if !one.terms.contains(&term) {
                one.terms.push(term);
            }
        }
        for key in Self::keys(entity) {
            self.by_key.entry(key).or_insert(index);
        }
    }

    fn count_alert(&mut self, entities: &[Entity]) {
        let mut named: Vec<usize> = entities.iter().filter_map(|entity| self.find(entity)).collect();
        named.sort_unstable();
        named.dedup();
        for index in named {
            self.known[index].report.alerts += 1;
        }
    }
}

/// Rows of a table by entity of a kind. A row counts once, for the first of the columns that names an entity.
fn count_rows(
    session: &Session,
    catalog: &WorkspaceCatalog,
    table: &Table,
    kind: &str,
    columns: &[&str],
    known: &mut [Known],
) -> Result<(), Error> {
    let stored = columns.iter().filter(|column| table.column(column).is_some()).map(|column| format!("['{column}']"));
    let inner = INNER.iter().filter(|(of, inner_kind, _)| *of == table.name && *inner_kind == kind);
    let expressions: Vec<String> = inner.map(|(_, _, expression)| (*expression).to_owned()).chain(stored).collect();
    let terms: Vec<String> =
        known.iter().filter(|one| one.report.name.kind == kind).flat_map(|one| one.terms.iter().cloned()).collect();
    if expressions.is_empty() || terms.is_empty() {
        return Ok(());
    }
    let cases: Vec<String> =
        expressions.iter().map(|column| format!("tolower({column}) in (terms), tolower({column})")).collect();
    let ours = if table.name == "SecurityAlert" { " | where isnotempty(_SourceFile)" } else { "" };
    let query = format!(
        "let terms = dynamic([{}]); ['{}']{ours} | extend Named = case({}, \"\") | where isnotempty(Named) \
         | summarize Rows = count(), First = min({time}), Last = max({time}) by Named",
        kql_list(&terms),
        table.name,
        cases.join(", "),
        time = table.time_column
    );
    for row in json_rows(session, catalog, &query, None)? {
        let named = text(&row, "Named");
        let found = known.iter_mut().find(|one| one.report.name.kind == kind && one.terms.contains(&named));
        let (Some(one), Some(first), Some(last)) = (found, time(&row, "First"), time(&row, "Last")) else { continue };
        let rows = count(&row, "Rows");
        match one.report.seen.iter_mut().find(|seen| seen.table == table.name) {
            Some(seen) => {
                seen.rows += rows;
                seen.first = seen.first.min(first);
                seen.last = seen.last.max(last);
            }
            None => one.report.seen.push(SeenIn { table: table.name.clone(), rows, first, last }),
        }
    }
    Ok(())
}
