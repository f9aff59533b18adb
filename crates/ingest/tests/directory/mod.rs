//! Directory data: files of `tests/fixtures/directory`, each with the rows expected of it in a file beside it. Records of directories bear
//! no time of their own, so the files are read from copies of one age.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use ingest::fuzzing::{fuzz_azurehound, fuzz_cloud_trail, fuzz_graph_directory, fuzz_json, fuzz_sharphound};
use ingest::{IngestOptions, MemorySink, NoProgress, ingest};
use serde_json::Value;

use crate::decoding::found_in;
use crate::robustness::damage;
use crate::rows::rows_of;

/// When the copies were last changed, in seconds since 1970: 2024-05-01T00:00:00Z.
const MODIFIED: u64 = 1_714_521_600;

/// Damaged copies of each fixture.
const COPIES: u64 = 8;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/directory");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.to_string_lossy().ends_with(".expected.json"));
    files.sort();
    assert!(files.len() >= 11, "fixtures are missing");
    files
}

#[test]
fn every_directory_fixture_gives_the_rows_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    for file in fixtures() {
        let copy = folder.path().join(file.file_name().unwrap());
        fs::copy(&file, &copy).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(MODIFIED);
        File::options().write(true).open(&copy).unwrap().set_modified(modified).unwrap();
        let found = found_in(&copy);
        let expected_path = file.with_extension("expected.json");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected_path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        }
        let expected =
            fs::read_to_string(&expected_path).unwrap_or_else(|error| panic!("{}: {error}", expected_path.display()));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(found, expected, "{}", file.display());
    }
}

#[test]
fn damaged_directory_data_never_panics() {
    let cloud_trail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cloud_trail.json");
    for file in fixtures().into_iter().chain([cloud_trail]) {
        let bytes = fs::read(file).unwrap();
        for number in 0..COPIES {
            fuzz_json(&damage(&bytes, number));
        }
        // Single records, so that each decoder sees damage inside values too.
        let value: Value =
            serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)).unwrap_or_default();
        let records = ["data", "value", "Records"].iter().find_map(|name| value.get(name)?.as_array());
        for record in records.into_iter().flatten() {
            for number in 0..COPIES {
                let damaged = damage_values(record, number);
                let text = damaged.to_string();
                for fuzz in [fuzz_sharphound, fuzz_graph_directory, fuzz_azurehound, fuzz_cloud_trail] {
                    fuzz(text.as_bytes());
                }
            }
        }
    }
}

#[test]
fn a_group_policy_that_would_multiply_without_end_is_rejected() {
    let objects = |kind: &str| -> Vec<Value> {
        (0..600).map(|number| serde_json::json!({"ObjectIdentifier": format!("S-1-5-21-1-2-3-{number}"), "ObjectType": kind})).collect()
    };
    let record = serde_json::json!({
        "ObjectIdentifier": "AAAAAAAA-0000-4000-8000-000000000002", "Properties": {}, "Aces": [], "Links": [],
        "GPOChanges": {"LocalAdmins": objects("Group"), "AffectedComputers": objects("Computer")},
    });
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ous.json"), record.to_string()).unwrap();
    let found = found_in(&folder.path().join("ous.json"));
    let errors = &found["tables"]["IngestionErrors"];
    assert_eq!(
        (&found["rejected"], errors[0]["Reason"].as_str()),
        (&Value::from(1), Some("SharpHound object with more than 250000 relationships"))
    );
    assert!(found["tables"].get("DirectoryRelationships").is_none());
}

#[test]
fn a_snapshot_is_as_old_as_the_innermost_archive_says() {
    let user = br#"{"value":[{"id":"1","displayName":"Ann","userPrincipalName":"ann@contoso.com"}]}"#;
    let time = zip::DateTime::from_date_and_time(2024, 2, 3, 4, 5, 6).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("users.json", zip::write::SimpleFileOptions::default().last_modified_time(time)).unwrap();
    writer.write_all(user).unwrap();
    let zip = writer.finish().unwrap().into_inner();
    let mut header = tar::Header::new_ustar();
    header.set_size(zip.len() as u64);
    header.set_mtime(86_400);
    header.set_cksum();
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header.clone(), "inner.zip", zip.as_slice()).unwrap();
    header.set_size(user.len() as u64);
    header.set_cksum();
    tar.append_data(&mut header, "users.json", user.as_slice()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.tar"), tar.into_inner().unwrap()).unwrap();
    let mut gzip = flate2::GzBuilder::new().mtime(172_800).write(Vec::new(), flate2::Compression::fast());
    gzip.write_all(user).unwrap();
    fs::write(folder.path().join("b.gz"), gzip.finish().unwrap()).unwrap();
    let sink = MemorySink::new();
    let options = IngestOptions { force: true, ..IngestOptions::new(DateTime::UNIX_EPOCH) };
    ingest(&[folder.path().to_owned()], &options, &sink, &NoProgress).unwrap();
    let mut times: Vec<Value> =
        rows_of(&sink, "IdentityInfo").into_iter().map(|row| row["TimeGenerated"].clone()).collect();
    times.sort_by_key(Value::to_string);
    assert_eq!(times, ["1970-01-02T00:00:00", "1970-01-03T00:00:00", "2024-02-03T04:05:06"]);
}

#[test]
fn users_get_their_groups_and_members_their_names_wherever_they_come_in_the_snapshot() {
    let object = |id: &str, name: &str, fields: Value| {
        let mut object = serde_json::json!({
            "ObjectIdentifier": format!("S-1-5-21-1-2-3-{id}"),
            "Properties": {"name": format!("{name}@CONTOSO.LOCAL"), "domain": "CONTOSO.LOCAL", "samaccountname": name},
            "Aces": [], "IsDeleted": false,
        });
        object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        object
    };
    let user = |id: &str, name: &str| {
        object(id, name, serde_json::json!({"SPNTargets": [], "PrimaryGroupSID": "S-1-5-21-1-2-3-513"}))
    };
    let group = |id: &str, name: &str, members: &[&str]| {
        let members: Vec<Value> = members
            .iter()
            .map(|id| serde_json::json!({"ObjectIdentifier": format!("S-1-5-21-1-2-3-{id}"), "ObjectType": "User"}))
            .collect();
        object(id, name, serde_json::json!({"Members": members}))
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, records: &[Value]| {
        fs::write(folder.path().join(name), serde_json::json!({"data": records, "meta": {}}).to_string()).unwrap();
    };
    write("20240115093000_a_users.json", &[user("1104", "ANN"), user("1105", "BOB")]);
    write(
        "20240115093000_groups.json",
        &[group("513", "DOMAIN USERS", &[]), group("1200", "FINANCE", &["1104"]), group("1201", "AUDIT", &["1104"])],
    );
    // Of another day, without groups.
    write("20240301000000_users.json", &[user("1104", "ANN")]);
    let sink = MemorySink::new();
    let report =
        ingest(&[folder.path().to_owned()], &IngestOptions::new(DateTime::UNIX_EPOCH), &sink, &NoProgress).unwrap();
    let groups: Vec<(String, Value)> = rows_of(&sink, "IdentityInfo")
        .into_iter()
        .map(|row| {
            (row["AccountName"].as_str().unwrap().to_owned(), row.get("GroupMembership").cloned().unwrap_or_default())
        })
        .collect();
    let of_ann = r#"["AUDIT@CONTOSO.LOCAL","DOMAIN USERS@CONTOSO.LOCAL","FINANCE@CONTOSO.LOCAL"]"#;
    let expected =
        [("ANN", Value::from(of_ann)), ("BOB", Value::from(r#"["DOMAIN USERS@CONTOSO.LOCAL"]"#)), ("ANN", Value::Null)];
    assert_eq!(groups, expected.map(|(name, groups)| (name.to_owned(), groups)));
    let members: Vec<Value> = rows_of(&sink, "DirectoryMemberships")
        .into_iter()
        .filter(|row| row["MembershipType"] == "Direct")
        .map(|row| row["MemberName"].clone())
        .collect();
    assert_eq!(members, ["ANN@CONTOSO.LOCAL", "ANN@CONTOSO.LOCAL"]);
    assert_eq!((report.files[0].rows["IdentityInfo"], report.tables["IdentityInfo"]), (2, 3));
}

/// The record with some of its values in place of others, the same way for the same number.
fn damage_values(value: &Value, number: u64) -> Value {
    let mut state = number;
    swap(value, &mut state)
}

fn swap(value: &Value, state: &mut u64) -> Value {
    // The constants of Knuth's linear congruential generator.
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    match (*state >> 33) % 12 {
        0 => Value::Null,
        1 => serde_json::json!([{}, [], "", null, -1, {"Results": 1}]),
        2 => serde_json::json!({"items": [], "Results": [{}], "id": 7}),
        3 => Value::from(i64::MIN),
        _ => match value {
            Value::Array(values) => values.iter().map(|value| swap(value, state)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), swap(value, state))).collect(),
            value => value.clone(),
        },
    }
}
