//! The generated folder as a whole.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};
use generator::{GenerateError, GenerateOptions, Truth, generate};
use serde_json::Value;

/// One record of a log, whatever its envelope.
struct Record {
    log: String,
    id: String,
    time: DateTime<Utc>,
    value: Value,
}

fn small() -> GenerateOptions {
    GenerateOptions { users: 60, days: 7, ..GenerateOptions::default() }
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn text(path: &Path, bytes: &[u8]) -> String {
    let mut text = String::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap(),
        Some("zip") => {
            zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_index(0).unwrap().read_to_string(&mut text).unwrap()
        }
        _ => Cursor::new(bytes).read_to_string(&mut text).unwrap(),
    };
    text
}

fn portal_time(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%m/%d/%Y, %I:%M:%S%.f %p").unwrap().and_utc()
}

fn table(text: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| {
            header.iter().zip(&row.unwrap()).map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
        })
        .collect()
}

fn values(path: &Path, text: &str) -> Vec<Value> {
    let name = path.to_string_lossy();
    if name.ends_with(".csv") {
        return table(text);
    }
    if name.contains("ndjson") || name.contains("nxlog") {
        return text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    }
    let whole: Value = serde_json::from_str(text).unwrap();
    let list = whole.get("records").or(whole.get("value")).unwrap_or(&whole);
    list.as_array().unwrap().clone()
}

fn record(value: Value) -> Record {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let time = |value: &Value| text(value).parse::<DateTime<Utc>>().unwrap();
    let utc = |value: &Value| format!("{}Z", text(value)).parse::<DateTime<Utc>>().unwrap();
    let (log, id, time) = if let Some(inner) = value.get("AuditData") {
        let inner: Value = serde_json::from_str(inner.as_str().unwrap()).unwrap();
        ("UnifiedAudit".into(), text(&inner["Id"]), utc(&inner["CreationTime"]))
    } else if value.get("CreationTime").is_some() {
        ("UnifiedAudit".into(), text(&value["Id"]), utc(&value["CreationTime"]))
    } else if let Some(properties) = value.get("properties") {
        let at = properties.get("createdDateTime").unwrap_or(&properties["activityDateTime"]);
        (text(&value["category"]), text(&properties["id"]), time(at))
    } else if value.get("createdDateTime").is_some() {
        ("SignInLogs".into(), text(&value["id"]), time(&value["createdDateTime"]))
    } else if value.get("CreatedDateTime [UTC]").is_some() {
        (text(&value["Category"]), text(&value["Id"]), portal_time(&text(&value["CreatedDateTime [UTC]"])))
    } else {
        let (host, channel, number) = match value.get("winlog") {
            Some(winlog) => (&winlog["computer_name"], &winlog["channel"], &winlog["record_id"]),
            None => (&value["Hostname"], &value["Channel"], &value["RecordNumber"]),
        };
        let log = format!("Windows{}", text(channel));
        (log, format!("{}/{}/{number}", text(host), text(channel)), time(&value["@timestamp"]))
    };
    Record { log, id, time, value }
}

fn records(folder: &Path, truth: &Truth) -> Vec<Record> {
    let mut all = Vec::new();
    let mut listed: BTreeMap<PathBuf, u64> =
        truth.files.iter().map(|file| (file.path.clone().into(), file.records)).collect();
    for (path, bytes) in files(folder) {
        if path == Path::new("truth.json") {
            continue;
        }
        let found = values(&path, &text(&path, &bytes));
        assert_eq!(listed.remove(&path), Some(found.len() as u64), "{}", path.display());
        all.extend(found.into_iter().map(record));
    }
    assert!(listed.is_empty(), "files missing: {listed:?}");
    all
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_others() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    generate(&small(), folders[0].path()).unwrap();
    generate(&small(), folders[1].path()).unwrap();
    generate(&GenerateOptions { seed: 2, ..small() }, folders[2].path()).unwrap();
    let [first, second, other] = folders.each_ref().map(|folder| files(folder.path()));
    assert!(first == second);
    assert_eq!(first.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    assert!(first.iter().all(|(path, bytes)| other[path] != *bytes));
}

#[test]
fn every_record_parses_lies_within_the_days_and_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = small();
    let truth = generate(&options, folder.path()).unwrap();
    assert_eq!(truth, Truth::read(folder.path()).unwrap());
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in records(folder.path(), &truth) {
        assert!(options.start <= record.time && record.time < options.end(), "{} {}", record.id, record.time);
        *seen.entry((record.log, record.id)).or_insert(0) += 1;
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for ((log, id), times) in &seen {
        *counts.entry(log.clone()).or_insert(0) += 1;
        let expected = if truth.duplicates.contains(id) { 2 } else { 1 };
        assert_eq!(*times, expected, "{log} {id}");
    }
    assert_eq!(counts, truth.counts);
    let share = truth.duplicates.len() as u64 * 100 / truth.counts["UnifiedAudit"];
    assert!((3..=7).contains(&share), "{share} % repeated");
}

#[test]
fn the_truth_names_events_that_are_there_and_when() {
    let folder = tempfile::tempdir().unwrap();
    let truth = generate(&small(), folder.path()).unwrap();
    let records = records(folder.path(), &truth);
    let by_id: BTreeMap<&str, &Record> = records.iter().map(|record| (record.id.as_str(), record)).collect();
    assert_eq!(truth.scenarios.len(), 5);
    for scenario in &truth.scenarios {
        assert!(scenario.event_ids.len() >= 7, "{}", scenario.id);
        assert_eq!(scenario.event_ids.iter().collect::<BTreeSet<_>>().len(), scenario.event_ids.len());
        let (first, last) = (scenario.first_event.unwrap(), scenario.last_event.unwrap());
        for id in &scenario.event_ids {
            let time = by_id[id.as_str()].time;
            // Some envelopes cut times to seconds.
            assert!(first.timestamp() <= time.timestamp() && time <= last, "{id} {time}");
        }
        let texts: String = scenario.event_ids.iter().map(|id| by_id[id.as_str()].value.to_string()).collect();
        for entity in &scenario.entities {
            let name = entity.value.rsplit('\\').next().unwrap();
            assert!(texts.contains(name), "{} without {}", scenario.id, entity.value);
        }
        assert!(!scenario.benign_twins.is_empty(), "{}", scenario.id);
        for twin in &scenario.benign_twins {
            assert!(twin.events > 0 && twin.first_event <= twin.last_event, "{}", twin.id);
        }
    }
    let twins: usize = truth.scenarios.iter().map(|scenario| scenario.benign_twins.len()).sum();
    assert_eq!(twins, 8);
    let accounts: Vec<&str> = truth
        .scenarios
        .iter()
        .flat_map(|scenario| &scenario.entities)
        .filter(|entity| entity.kind == "account")
        .map(|entity| entity.value.as_str())
        .collect();
    assert_eq!(accounts.len(), 5);
    assert_eq!(accounts.iter().collect::<BTreeSet<_>>().len(), 5, "no account plays twice");
}

#[test]
fn shorter_and_later_tenants_hold_all_scenarios() {
    for (users, days, start) in [(40, 1, "2026-01-10T00:00:00Z"), (41, 3, "2024-02-28T00:00:00Z")] {
        let folder = tempfile::tempdir().unwrap();
        let options = GenerateOptions { users, days, seed: 9, start: start.parse().unwrap() };
        let truth = generate(&options, folder.path()).unwrap();
        for scenario in &truth.scenarios {
            let (first, last) = (scenario.first_event.unwrap(), scenario.last_event.unwrap());
            assert!(options.start <= first && last < options.end(), "{}", scenario.id);
            assert!(scenario.event_ids.len() >= 7, "{}", scenario.id);
        }
        records(folder.path(), &truth);
    }
}

#[test]
fn only_an_empty_folder_or_an_earlier_tenant_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    generate(&small(), folder.path()).unwrap();
    let shorter = GenerateOptions { days: 2, ..small() };
    let truth = generate(&shorter, folder.path()).unwrap();
    assert_eq!(files(folder.path()).len(), truth.files.len() + 1, "nothing of the longer tenant is left");

    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("notes.txt"), "mine").unwrap();
    let error = generate(&small(), other.path()).unwrap_err();
    assert!(matches!(error, GenerateError::FolderInUse { .. }), "{error}");
    assert_eq!(files(other.path()).len(), 1);

    let trap = tempfile::tempdir().unwrap();
    let victim = other.path().join("notes.txt");
    let mut truth = truth;
    truth.files[0].path = victim.to_string_lossy().into_owned();
    fs::write(trap.path().join("truth.json"), serde_json::to_string(&truth).unwrap()).unwrap();
    assert!(generate(&small(), trap.path()).is_err());
    assert!(victim.exists());
}
