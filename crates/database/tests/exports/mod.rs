//! All of the state, taken out of one database and put into another.

use std::collections::BTreeSet;

use database::{Database, DatabaseError, DatabaseLocation};
use serde_json::{Value, json};

use crate::engines::{at, block_on, new_locations};

/// Columns that refer to another table's `id`.
const REFERENCES: [&str; 3] = ["user_id", "owner_id", "group_id"];

/// Columns that may be null.
const NULLABLE: [&str; 15] = [
    "users.password_hash",
    "users.provider",
    "users.subject",
    "role_grants.tables",
    "api_tokens.owner_id",
    "api_tokens.previous_hash",
    "api_tokens.previous_until",
    "api_tokens.expires",
    "api_tokens.last_used",
    "api_tokens.rotated",
    "api_tokens.revoked",
    "clients.previous_hash",
    "clients.previous_until",
    "sign_in_attempts.locked_until",
    "setup_links.used",
];

async fn exported(database: &Database) -> String {
    let mut bytes = Vec::new();
    database.export(&mut bytes).await.expect("exported");
    String::from_utf8(bytes).expect("text")
}

async fn imported(location: &DatabaseLocation, text: &str) -> Result<Database, DatabaseError> {
    Database::open_with_import(location, &mut text.as_bytes()).await
}

/// The export of an empty state with two rows in each table: one that has all values, of the kinds that a form could lose, and one that has few.
fn filled(empty: &str, number_columns: &BTreeSet<String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut rows = 0;
    for line in empty.lines() {
        let content: Value = serde_json::from_str(line).expect("JSON");
        if content.get("rows").is_some() {
            lines.push(json!({ "rows": rows }).to_string());
            continue;
        }
        lines.push(line.to_owned());
        let Some(table) = content["table"].as_str() else { continue };
        for row in 0..2 {
            let value = |column: &Value| {
                let name = column.as_str().expect("a name");
                let full = format!("{table}.{name}");
                if row == 1 && NULLABLE.contains(&full.as_str()) {
                    Value::Null
                } else if number_columns.contains(&full) {
                    json!([i64::MAX, i64::MIN][row])
                } else if name == "id" || REFERENCES.contains(&name) {
                    json!(format!("id {row}"))
                } else {
                    json!(format!("{name} {row}: \"é\" \\ '; -- \n\t\u{1F512} 123"))
                }
            };
            let values: Vec<Value> = content["columns"].as_array().expect("columns").iter().map(value).collect();
            lines.push(Value::Array(values).to_string());
            rows += 1;
        }
    }
    lines.join("\n") + "\n"
}

/// Which columns hold numbers, as the migrations say.
fn number_columns() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).expect("listed") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("read");
        let mut table = String::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => table = (*name).to_owned(),
                [column, ty, ..] if ty.trim_end_matches(',') == "BIGINT" => {
                    found.insert(format!("{table}.{column}"));
                }
                _ => {}
            }
        }
    }
    found
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_value_of_every_table_comes_back_whichever_database_it_goes_through() {
    let folder = tempfile::tempdir().expect("a folder");
    block_on(async {
        let empty = exported(&Database::open(&new_locations(folder.path())[0]).await.expect("opened")).await;
        let text = filled(&empty, &number_columns());
        assert!(text.lines().count() > empty.lines().count() * 2);
        let mut carried = text.clone();
        // Through each, and back through each from the other.
        for location in new_locations(folder.path()).iter().chain(&new_locations(folder.path())) {
            let database = imported(location, &carried).await.expect("imported");
            carried = exported(&database).await;
            assert_eq!(sorted(&carried), sorted(&text), "{location}");
            database.check().await.expect("it is in use");
        }
    });
}

#[test]
fn an_export_has_the_state_of_one_moment_and_what_comes_later_is_not_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for location in new_locations(folder.path()) {
        block_on(async {
            let database = Database::open(&location).await.expect("opened");
            for number in 0..200 {
                database.set_setting(&format!("setting {number}"), "before", at(0)).await.expect("set");
            }
            let mut writer = WritesMeanwhile { database: database.clone(), bytes: Vec::new(), lines: 0 };
            database.export(&mut writer).await.expect("exported");
            let text = String::from_utf8(writer.bytes).expect("text");
            assert!(text.contains("before") && !text.contains("meanwhile"), "{location}");
            let changed = database.setting("setting 199").await.expect("asked").expect("there");
            assert_eq!(changed.value, "meanwhile", "{location}");
        });
    }
}

/// Changes the state while it is exported: at the first line and at one within a table.
struct WritesMeanwhile {
    database: Database,
    bytes: Vec<u8>,
    lines: usize,
}

impl std::io::Write for WritesMeanwhile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.lines += 1;
        if [5, 100].contains(&self.lines) {
            let database = self.database.clone();
            let change = async move {
                for number in 0..200 {
                    database.set_setting(&format!("setting {number}"), "meanwhile", at(1)).await.expect("set");
                    database.set_setting(&format!("meanwhile {number}"), "", at(1)).await.expect("set");
                }
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(change));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_database_that_has_rows_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for location in new_locations(folder.path()) {
        block_on(async {
            let database = Database::open(&location).await.expect("opened");
            let empty = exported(&database).await;
            database.set_setting("name", "value", at(0)).await.expect("set");
            let text = filled(&empty, &number_columns());
            let refused = imported(&location, &text).await.expect_err("it is in use");
            assert!(matches!(refused, DatabaseError::Import { .. }), "{refused:?}");
            assert!(refused.to_string().contains("`settings`"), "{refused}");
            assert_eq!(exported(&database).await.lines().count(), empty.lines().count() + 1, "{location}");
        });
    }
}

#[test]
fn an_export_that_is_cut_or_changed_leaves_nothing_in_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    for location in new_locations(folder.path()) {
        block_on(async {
            let empty = exported(&Database::open(&location).await.expect("opened")).await;
            let text = filled(&empty, &number_columns());
            let lines: Vec<&str> = text.lines().collect();
            let cut = (1..lines.len()).map(|length| lines[..length].join("\n") + "\n");
            let wrong = [
                text.replace("\"users\"", "\"pg_shadow\""),
                text.replace("\"name_key\"", "\"name_key) VALUES (1); --\""),
                text.replace("id 0", "id 1"),
                text.replacen("{\"rows\":", "{\"rows\":1", 1),
                text.replacen("\"format\":1", "\"format\":2", 1),
                text.replacen("\"migrations\":[1,", "\"migrations\":[1,99999,", 1),
                text.replacen(&i64::MAX.to_string(), "9223372036854775808", 1),
                text.trim_end().to_owned(),
                String::new(),
            ];
            for text in cut.chain(wrong) {
                imported(&location, &text).await.expect_err("refused");
            }
            imported(&location, &text).await.expect("nothing of the others is there");
        });
    }
}

#[test]
fn an_export_of_a_version_with_fewer_tables_is_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    for location in new_locations(folder.path()) {
        block_on(async {
            let text = "{\"format\":1,\"migrations\":[1,10]}\n\
                {\"table\":\"settings\",\"columns\":[\"name\",\"version\",\"value\",\"changed\"]}\n\
                [\"name\",3,\"value\",1800000000000000]\n\
                {\"rows\":1}\n";
            let database = imported(&location, text).await.expect("imported");
            assert_eq!(database.setting("name").await.expect("asked").expect("there").version, 3);
            database.declare_table("Later_CL", "", at(0)).await.expect("newer tables are there too");
            database.close().await;
            Database::open(&location).await.expect("opened");
        });
    }
}
