//! Rows about the service itself, as it writes them into its own tables.
//!
//! Columns and, where Microsoft has the same, values are those of its table reference: `Usage` has a row a table and interval with
//! `Quantity` in MBytes; `Heartbeat` says that something lives; `SentinelHealth` reports data connectors by "Data fetch status change" and
//! "Data fetch failure summary". "Data fetch summary" is ours: volume and delay of each way and table.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::activity::{Activity, Volume, WayTotals};
use super::silence::Change;
use crate::service::doors::Sender;

/// Rows by table name.
pub(crate) type Reports = BTreeMap<&'static str, Vec<Map<String, Value>>>;

/// An interval, and what is known at its ends.
pub(crate) struct Interval<'a> {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) before: &'a Activity,
    pub(crate) after: &'a Activity,
    /// Ways and tables that fell silent or came back in it.
    pub(crate) changes: &'a [((String, String), Change)],
    /// Senders that did.
    pub(crate) sender_changes: &'a [((String, Sender), Change)],
    /// The machine's name.
    pub(crate) computer: &'a str,
}

/// All rows of an interval.
pub(crate) fn reports(interval: &Interval<'_>) -> Reports {
    let mut reports = Reports::new();
    let mut add = |table: &'static str, row: Value| {
        if let Value::Object(row) = row {
            reports.entry(table).or_default().push(row);
        }
    };
    for (table, volume) in by_table(interval) {
        add("Usage", usage(interval, &table, volume));
    }
    add("Heartbeat", heartbeat(interval));
    for ((way, sender), records) in interval.after.records_since(interval.before) {
        if records > 0 {
            add("Heartbeat", sender_heartbeat(interval, &way, &sender));
        }
    }
    for ((way, table), volume) in interval.new_volumes().filter(|(_, volume)| volume.rows > 0) {
        add("SentinelHealth", summary(interval, way, table, volume));
    }
    for (way, totals) in interval.new_ways().filter(|(_, totals)| totals.has_errors()) {
        add("SentinelHealth", failures(interval, way, totals));
    }
    for ((way, table), change) in interval.changes {
        let key = (way.clone(), table.clone());
        let last = interval.after.tables.get(&key).and_then(|volume| volume.last_arrival);
        add("SentinelHealth", status_change(interval, (way, "table", table), change, last));
    }
    for ((way, sender), change) in interval.sender_changes {
        let key = (way.clone(), sender.clone());
        let last = interval.after.senders.get(&key).and_then(|totals| totals.last_arrival);
        add("SentinelHealth", status_change(interval, (way, "sender", &sender.to_string()), change, last));
    }
    reports
}

impl Interval<'_> {
    fn new_volumes(&self) -> impl Iterator<Item = (&(String, String), Volume)> {
        let before = |key| self.before.tables.get(key).copied().unwrap_or_default();
        self.after.tables.iter().map(move |(key, volume)| (key, volume.since(before(key))))
    }

    fn new_ways(&self) -> impl Iterator<Item = (&String, WayTotals)> {
        let before = |way| self.before.ways.get(way).copied().unwrap_or_default();
        self.after.ways.iter().map(move |(way, totals)| (way, totals.since(before(way))))
    }

    fn id(&self, of: &str) -> String {
        Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("report\n{}\n{of}", text(self.end)).as_bytes()).to_string()
    }

    fn delay(&self, way: &str) -> i64 {
        self.after.ways.get(way).map_or(0, |totals| totals.last_delay)
    }
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Over all ways.
fn by_table(interval: &Interval<'_>) -> BTreeMap<String, Volume> {
    let mut tables: BTreeMap<String, Volume> = BTreeMap::new();
    for ((_, table), volume) in interval.new_volumes().filter(|(_, volume)| volume.rows > 0) {
        let sum = tables.entry(table.clone()).or_default();
        sum.rows += volume.rows;
        sum.bytes += volume.bytes;
    }
    tables
}

fn usage(interval: &Interval<'_>, table: &str, volume: Volume) -> Value {
    json!({
        "TimeGenerated": text(interval.end),
        "StartTime": text(interval.start),
        "EndTime": text(interval.end),
        "DataType": table,
        // Usage counts in millions of bytes.
        "Quantity": volume.bytes as f64 / 1_000_000.0,
        "QuantityUnit": "MBytes",
        "Solution": "LogManagement",
        "IsBillable": false,
        "Computer": interval.computer,
        "SourceSystem": "Vedette",
    })
}

/// Of the service.
fn heartbeat(interval: &Interval<'_>) -> Value {
    json!({
        "TimeGenerated": text(interval.end),
        "Computer": interval.computer,
        "Category": "Vedette service",
        "Resource": "serve",
        "OSType": "Linux",
        "Version": env!("CARGO_PKG_VERSION"),
        "SourceSystem": "Vedette",
    })
}

/// Of a sender that brought something.
fn sender_heartbeat(interval: &Interval<'_>, way: &str, sender: &Sender) -> Value {
    json!({
        "TimeGenerated": text(interval.end),
        "Computer": sender.to_string(),
        "ComputerIP": sender.address.map(|address| address.to_string()).unwrap_or_default(),
        "Category": "Vedette sender",
        "Resource": sender.identity,
        "ResourceType": way,
        "SourceSystem": "Vedette",
    })
}

fn summary(interval: &Interval<'_>, way: &str, table: &str, volume: Volume) -> Value {
    json!({
        "TimeGenerated": text(interval.end),
        "OperationName": "Data fetch summary",
        "SentinelResourceId": format!("{way}/{table}"),
        "SentinelResourceName": table,
        "SentinelResourceType": "Data connector",
        "SentinelResourceKind": way,
        "Status": "Success",
        "Description": format!("{} rows of `{table}` came by {way}", volume.rows),
        "RecordId": interval.id(&format!("summary\n{way}\n{table}")),
        "SourceSystem": "Vedette",
        "ExtendedProperties": {
            "StartTime": text(interval.start),
            "EndTime": text(interval.end),
            "Rows": volume.rows,
            "Bytes": volume.bytes,
            "LastDelayMilliseconds": interval.delay(way),
        },
    })
}

fn failures(interval: &Interval<'_>, way: &str, totals: WayTotals) -> Value {
    let reason = format!(
        "{} records rejected, {} requests refused, {} messages dropped",
        totals.rejected, totals.refused, totals.dropped
    );
    json!({
        "TimeGenerated": text(interval.end),
        "OperationName": "Data fetch failure summary",
        "SentinelResourceId": way,
        "SentinelResourceName": way,
        "SentinelResourceType": "Data connector",
        "SentinelResourceKind": way,
        "Status": "Failure",
        "Reason": reason,
        "Description": "Some of what was sent was not taken in as it was sent; `IngestionErrors` has rejected records",
        "RecordId": interval.id(&format!("failures\n{way}")),
        "SourceSystem": "Vedette",
        "ExtendedProperties": {
            "StartTime": text(interval.start),
            "EndTime": text(interval.end),
            "Records": totals.records,
            "Rejected": totals.rejected,
            "Duplicates": totals.duplicates,
            "Refused": totals.refused,
            "Dropped": totals.dropped,
        },
    })
}

/// Of a table or a sender, by one way in.
fn status_change(
    interval: &Interval<'_>,
    (way, kind, name): (&str, &str, &str),
    change: &Change,
    last: Option<DateTime<Utc>>,
) -> Value {
    let (status, reason) = match change {
        Change::FellSilent => ("Failure", "no rows came, where some used to come"),
        Change::CameBack => ("Success", "rows come again"),
    };
    json!({
        "TimeGenerated": text(interval.end),
        "OperationName": "Data fetch status change",
        "SentinelResourceId": format!("{way}/{name}"),
        "SentinelResourceName": name,
        "SentinelResourceType": "Data connector",
        "SentinelResourceKind": way,
        "Status": status,
        "Reason": reason,
        "Description": format!("{reason}: {kind} `{name}` by {way}"),
        "RecordId": interval.id(&format!("status\n{kind}\n{way}\n{name}")),
        "SourceSystem": "Vedette",
        "ExtendedProperties": {"Kind": kind, "LastArrival": last.map(text)},
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::rows_from_json::rows_from_json;
    use crate::service::housekeeping::activity::SenderTotals;
    use crate::service::testing::test_time;

    fn activity(rows: u64, rejected: u64) -> Activity {
        let mut activity = Activity::default();
        let volume = Volume { rows, bytes: rows * 1_000_000, last_arrival: Some(test_time()) };
        activity.tables.insert(("otlp".to_owned(), "Syslog".to_owned()), volume);
        activity.tables.insert(("syslog-tls".to_owned(), "Syslog".to_owned()), volume);
        let totals = WayTotals { records: rows + rejected, rejected, last_delay: 250, ..WayTotals::default() };
        activity.ways.insert("otlp".to_owned(), totals);
        let totals = SenderTotals { records: rows + rejected, last_arrival: Some(test_time()) };
        activity.senders.insert(sender(), totals);
        activity
    }

    fn sender() -> (String, Sender) {
        let address = "192.0.2.7".parse().expect("an address");
        ("otlp".to_owned(), Sender { identity: "forwarder".to_owned(), address: Some(address) })
    }

    fn of(before: &Activity, after: &Activity, changes: &[((String, String), Change)]) -> Reports {
        let end = test_time();
        let sender_changes: Vec<_> = changes.iter().map(|(_, change)| (sender(), change.clone())).collect();
        let (start, sender_changes) = (end - TimeDelta::hours(1), sender_changes.as_slice());
        reports(&Interval { start, end, before, after, changes, sender_changes, computer: "host" })
    }

    #[test]
    fn rows_say_what_came_since_the_last_ones_and_fit_their_tables() {
        let changes = [(("otlp".to_owned(), "Syslog".to_owned()), Change::FellSilent)];
        let reports = of(&activity(10, 1), &activity(14, 3), &changes);
        let usage = &reports["Usage"];
        assert_eq!(usage.len(), 1, "a table's ways together");
        assert_eq!((&usage[0]["DataType"], &usage[0]["Quantity"]), (&json!("Syslog"), &json!(8.0)));
        let lives = &reports["Heartbeat"];
        assert_eq!(lives.len(), 2, "the service and the sender that brought something");
        assert_eq!(
            (&lives[1]["Computer"], &lives[1]["ComputerIP"], &lives[1]["ResourceType"]),
            (&json!("forwarder at 192.0.2.7"), &json!("192.0.2.7"), &json!("otlp"))
        );
        let health = &reports["SentinelHealth"];
        let told: Vec<(&str, &str)> = health
            .iter()
            .map(|row| (row["OperationName"].as_str().expect("a text"), row["Status"].as_str().expect("a text")))
            .collect();
        let expected = [
            ("Data fetch summary", "Success"),
            ("Data fetch summary", "Success"),
            ("Data fetch failure summary", "Failure"),
            ("Data fetch status change", "Failure"),
            ("Data fetch status change", "Failure"),
        ];
        assert_eq!(told, expected);
        assert_eq!(health[0]["ExtendedProperties"]["Rows"], 4);
        assert_eq!(health[0]["ExtendedProperties"]["LastDelayMilliseconds"], 250);
        assert_eq!(health[2]["ExtendedProperties"]["Rejected"], 2);
        assert_eq!(health[4]["SentinelResourceName"], "forwarder at 192.0.2.7");
        assert_ne!(health[3]["RecordId"], health[4]["RecordId"]);
        for (name, rows) in &reports {
            let table = schema::table(name).expect("is built in");
            assert_eq!(rows_from_json(table, rows).expect("fits").num_rows(), rows.len(), "{name}");
        }
    }

    #[test]
    fn where_nothing_came_the_service_says_that_it_lives() {
        let reports = of(&activity(10, 1), &activity(10, 1), &[]);
        assert_eq!(reports.keys().collect::<Vec<_>>(), [&"Heartbeat"]);
        assert_eq!(reports["Heartbeat"].len(), 1);
    }
}
