//! Custom tables from file to query.

use std::fs;
use std::path::Path;

use server::{CheckOptions, IngestRequest, KqlChecker, KqlSource, QueryRequest, Unwatched, ingest, query, tables};
use tempfile::TempDir;

const FIRST: &str = r#"{"Type":"Foo_CL","TenantId":"t1","TimeGenerated":"2024-05-01T08:00:00Z","Bar":"x","Count":1}"#;
const SECOND: &str = concat!(
    r#"{"Type":"Foo_CL","TimeGenerated":"2024-05-02T08:00:00Z","Bar":"y","Count":"many","Extra":{"a":2}}"#,
    "\n",
    r#"{"Type":"Foo_CL","TimeGenerated":"2024-05-02T09:00:00Z","Bar":"x","Count":2}"#
);

fn read(folder: &TempDir, name: &str, text: &str, table: Option<&str>) {
    let file = folder.path().join(name);
    fs::write(&file, text).expect("written");
    let request = IngestRequest {
        paths: vec![file],
        workspace: folder.path().join("case"),
        table: table.map(str::to_owned),
        ..IngestRequest::default()
    };
    ingest(&request, &Unwatched).expect("ingests");
}

fn ask(workspace: &Path, text: &str) -> Vec<String> {
    let request = QueryRequest {
        text: text.to_owned(),
        workspace: workspace.to_owned(),
        files: Vec::new(),
        geo_database: None,
        archive: false,
        external: Default::default(),
    };
    let output = query(&request, &Unwatched).unwrap_or_else(|error| panic!("{text}: {error}"));
    output.rows.iter().map(|row| serde_json::to_string(&row).expect("JSON")).collect()
}

/// A workspace with rows of two runs.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    read(&folder, "first.json", FIRST, None);
    read(&folder, "second.json", SECOND, None);
    folder
}

#[test]
fn a_custom_table_is_queried_like_any_other() {
    let folder = workspace();
    let case = folder.path().join("case");
    for (text, rows) in [
        (
            "Foo_CL | where Bar == 'x' | sort by TimeGenerated asc | project Bar, Count",
            vec![r#"["x",1]"#, r#"["x",2]"#],
        ),
        ("Foo_CL | where isnotempty(Extra.a) | project Bar, Count, Extra.a", vec![r#"["y",null,2]"#]),
        ("Foo_CL | where isnotnull(_RawExtra) | project tostring(_RawExtra)", vec![r#"["{\"Count\":\"many\"}"]"#]),
        ("search 'y' | distinct $table", vec![r#"["Foo_CL"]"#]),
        ("union * | where Type == 'Foo_CL' | count", vec!["[3]"]),
        ("union withsource=T Foo* | summarize count() by T", vec![r#"["Foo_CL",3]"#]),
        (
            "Foo_CL | getschema | project ColumnName, ColumnType",
            vec![
                r#"["TimeGenerated","datetime"]"#,
                r#"["Bar","string"]"#,
                r#"["Count","long"]"#,
                r#"["Extra","dynamic"]"#,
                r#"["TenantId","string"]"#,
                r#"["Type","string"]"#,
            ],
        ),
    ] {
        assert_eq!(ask(&case, text), rows, "{text}");
    }
    let listed = tables(&case).expect("lists");
    let found = listed.iter().find(|table| table.name == "Foo_CL").expect("is listed");
    assert_eq!(found.rows, 3);
}

#[test]
fn check_knows_the_custom_tables_of_a_workspace_only() {
    let folder = workspace();
    let sources = |text: &str| vec![KqlSource::new("query", text.to_owned())];
    let with = CheckOptions { workspace: Some(folder.path().join("case")), ..CheckOptions::default() };
    let checker = KqlChecker::new(&with).expect("opens");
    let checked = checker.check_all(&sources("Foo_CL | where Count > 1 | project Extra"));
    assert!(checked[0].ok, "{:?}", checked[0].rendered);
    assert!(!checker.check_all(&sources("Foo_CL | where NoSuchColumn > 1"))[0].ok);
    let without = KqlChecker::new(&CheckOptions::default()).expect("opens");
    assert!(!without.check_all(&sources("Foo_CL"))[0].ok);
}

#[test]
fn any_record_can_be_put_into_a_custom_table() {
    let folder = tempfile::tempdir().expect("a folder");
    read(&folder, "vpn.csv", "time,user,bytes\n2024-05-01T08:00:00Z,ada,12\n,bob,13\n", Some("Vpn_CL"));
    let case = folder.path().join("case");
    assert_eq!(ask(&case, "Vpn_CL | project TimeGenerated, user, bytes + 1"), [r#"["2024-05-01T08:00:00Z","ada",13]"#]);
    assert_eq!(ask(&case, "IngestionErrors | project Reason"), [r#"["row of `Vpn_CL` without a time"]"#]);
}
