//! What becomes of live bodies.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, Utc};
use schema::{ColumnType, CustomColumn, Table, custom_table};

use super::{Decoded, Intake, IntakeSource, Records, Target, Way};
use crate::doors::{JsonArray, OTLP_TABLE, table_of_index};
use crate::time::parse_time;

const SIGN_IN: &str = r#"{"time":"2024-05-10T11:59:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity","category":"SignInLogs","tenantId":"t","properties":{"id":"s1","createdDateTime":"2024-05-10T11:58:00Z","userPrincipalName":"a@example.com","appDisplayName":"Portal"}}"#;

/// A unified audit record, which has an id by which copies are told.
const AUDIT: &str = r#"{"CreationTime":"2024-05-10T11:58:00","Id":"a1b2c3d4-0000-4000-8000-000000000001","Operation":"FileAccessed","OrganizationId":"o","RecordType":6,"UserKey":"k","UserType":0,"Version":1,"Workload":"SharePoint","UserId":"a@example.com"}"#;

fn now() -> DateTime<Utc> {
    parse_time("2024-05-10T12:00:00Z").unwrap()
}

fn decode(intake: &Intake, way: Way, body: &str, target: &Target) -> Decoded {
    let records = JsonArray::parse(body.as_bytes()).records;
    intake.decode(&records, &IntakeSource::new(way, "test"), target, now()).unwrap()
}

fn tables(decoded: &Decoded) -> Vec<(&str, usize)> {
    decoded.rows.iter().map(|(table, batch)| (table.name.as_str(), batch.num_rows())).collect()
}

fn batch<'d>(decoded: &'d Decoded, table: &str) -> &'d RecordBatch {
    &decoded.rows.iter().find(|(found, _)| found.name == table).unwrap_or_else(|| panic!("no rows of `{table}`")).1
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).unwrap_or_else(|| panic!("no column `{column}`"));
    let options = arrow::util::display::FormatOptions::default().with_null("null");
    let formatter = arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap();
    (0..column.len()).map(|row| formatter.value(row).to_string()).collect()
}

fn time(batch: &RecordBatch) -> DateTime<Utc> {
    let times = batch.column_by_name("TimeGenerated").unwrap().as_primitive::<TimestampMicrosecondType>();
    DateTime::from_timestamp_micros(times.value(0)).unwrap()
}

#[test]
fn a_raw_record_is_recognized_whatever_way_it_came() {
    let intake = Intake::new(&[]);
    for way in Way::ALL {
        let body = format!("[{SIGN_IN},{{\"message\":{}}}]", crate::json::quote(SIGN_IN));
        let decoded = decode(&intake, way, &body, &Target::RecognizedOr("Other_CL".to_owned()));
        assert_eq!(tables(&decoded), [("SigninLogs", 2)], "{way}");
        let expected = format!("{way}:test");
        assert_eq!(texts(batch(&decoded, "SigninLogs"), "_SourceFile"), [expected.clone(), expected]);
    }
}

#[test]
fn what_no_decoder_knows_goes_to_the_table_named_or_is_rejected_with_its_place() {
    let intake = Intake::new(&[]);
    let body = format!("[{SIGN_IN},{{\"x\":1,\"message\":\"hello\"}},7]");
    let decoded = decode(&intake, Way::ElasticBulk, &body, &Target::RecognizedOr(table_of_index("app-2024.05.10")));
    assert_eq!(tables(&decoded), [("SigninLogs", 1), ("IngestionErrors", 1), ("app_CL", 1)]);
    assert_eq!((decoded.records, decoded.accepted(), decoded.error_rows, decoded.event_rows()), (3, 2, 1, 2));
    assert_eq!(decoded.rejected[0].index, 2);
    let other = batch(&decoded, "app_CL");
    assert_eq!(
        (texts(other, "x"), texts(other, "message"), time(other)),
        (vec!["1".into()], vec!["hello".into()], now())
    );
    let decoded = decode(&intake, Way::LogsIngestion, &body, &Target::Recognized);
    let places: Vec<usize> = decoded.rejected.iter().map(|rejected| rejected.index).collect();
    assert_eq!(places, [1, 2]);
    assert_eq!(texts(batch(&decoded, "IngestionErrors"), "SourceOffset"), ["1", "2"]);
}

#[test]
fn a_declared_table_takes_rows_by_column_name() {
    let intake = Intake::new(&[]);
    let table = schema::table("SecurityEvent").unwrap();
    let body = r#"[{"EventID":4624,"Computer":"DC01","Odd":"x"}]"#;
    let decoded = decode(&intake, Way::LogsIngestion, body, &Target::Table(table));
    let rows = batch(&decoded, "SecurityEvent");
    assert_eq!(
        (texts(rows, "Computer"), texts(rows, "_RawExtra")),
        (vec!["DC01".into()], vec![r#"{"Odd":"x"}"#.into()])
    );
    assert_eq!(time(rows), now());
    let columns = [("Name", ColumnType::String), ("Count", ColumnType::Long)];
    let columns = columns.map(|(name, ty)| CustomColumn { name: name.to_owned(), ty });
    let declared = intake.declare(custom_table("Declared_CL", &columns));
    let decoded =
        decode(&intake, Way::LogsIngestion, r#"[{"Name":5,"Count":"7","More":true}]"#, &Target::Table(declared));
    let rows = batch(&decoded, "Declared_CL");
    assert_eq!([texts(rows, "Name"), texts(rows, "Count"), texts(rows, "More")], [["5"], ["7"], ["true"]]);
    assert!(intake.table("declared_cl").is_some_and(|table| table.column("More").is_some()));
}

#[test]
fn columns_of_custom_tables_evolve_over_bodies() {
    let intake = Intake::new(&[]);
    let target = Target::RecognizedOr("Grows_CL".to_owned());
    let first = decode(&intake, Way::ElasticBulk, r#"[{"a":1}]"#, &target);
    let second = decode(&intake, Way::ElasticBulk, r#"[{"b":"x","a":"no number"}]"#, &target);
    let names = |decoded: &Decoded| -> Vec<String> {
        decoded.rows[0].0.custom_columns().into_iter().map(|column| column.name).collect()
    };
    assert_eq!((names(&first), names(&second)), (vec!["a".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(texts(batch(&second, "Grows_CL"), "_RawExtra"), [r#"{"a":"no number"}"#]);
    intake.forget("Grows_CL");
    let third = decode(&intake, Way::ElasticBulk, r#"[{"a":"text"}]"#, &target);
    assert_eq!(texts(batch(&third, "Grows_CL"), "a"), ["text"]);
}

#[test]
fn the_data_collector_names_columns_by_type() {
    let intake = Intake::new(&[]);
    let target = Target::RecognizedOrTyped {
        table: "Typed_CL".to_owned(),
        time_field: Some("When".to_owned()),
        resource_id: Some("/subscriptions/s".to_owned()),
    };
    let body = r#"[{"s":"text","d":1,"b":true,"t":"2024-05-10T10:00:00Z","g":"01234567-89ab-cdef-0123-456789abcdef","o":{"x":[1]},"n":null,"When":"2024-05-10T11:00:00Z"}]"#;
    let decoded = decode(&intake, Way::DataCollector, body, &target);
    let rows = batch(&decoded, "Typed_CL");
    let types: Vec<(String, ColumnType)> =
        decoded.rows[0].0.custom_columns().into_iter().map(|column| (column.name, column.ty)).collect();
    let expected = [
        ("s_s", ColumnType::String),
        ("d_d", ColumnType::Real),
        ("b_b", ColumnType::Bool),
        ("t_t", ColumnType::DateTime),
        ("g_g", ColumnType::String),
        ("o_s", ColumnType::String),
        ("When_t", ColumnType::DateTime),
        ("_ResourceId", ColumnType::String),
    ];
    assert_eq!(types, expected.map(|(name, ty)| (name.to_owned(), ty)));
    assert_eq!(time(rows), parse_time("2024-05-10T11:00:00Z").unwrap());
    assert_eq!((texts(rows, "o_s"), texts(rows, "d_d")), (vec![r#"{"x":[1]}"#.into()], vec!["1.0".into()]));
    // A value of another type has a column of its own.
    let decoded = decode(&intake, Way::DataCollector, r#"[{"d":"now text"}]"#, &target);
    assert_eq!(texts(batch(&decoded, "Typed_CL"), "d_s"), ["now text"]);
}

#[test]
fn times_are_bounded_on_live_ways_and_not_for_files() {
    let intake = Intake::new(&[]);
    let table = schema::table("SecurityEvent").unwrap();
    let body = r#"[{"TimeGenerated":"2001-01-01T00:00:00Z","EventID":1}]"#;
    let live = decode(&intake, Way::LogsIngestion, body, &Target::Table(table));
    assert_eq!((time(batch(&live, "SecurityEvent")), live.clamped), (now(), 1));
    let file = decode(&intake, Way::Folder, body, &Target::Table(table));
    assert_eq!((time(batch(&file, "SecurityEvent")), file.clamped), (parse_time("2001-01-01").unwrap(), 0));
    let custom = decode(&intake, Way::LogsIngestion, body, &Target::RecognizedOr("Late_CL".to_owned()));
    let rows = batch(&custom, "Late_CL");
    assert_eq!((time(rows), custom.clamped), (now(), 1));
    assert_eq!(texts(rows, "_RawExtra"), [r#"{"TimeGenerated":"2001-01-01T00:00:00Z"}"#]);
    let all = Intake::new(&[]).with_bounded_times(false);
    let free = decode(&all, Way::LogsIngestion, body, &Target::Table(table));
    assert_eq!(free.clamped, 0);
}

#[test]
fn copies_are_known_once_the_event_is_stored() {
    let intake = Intake::new(&[]);
    let body = format!("[{AUDIT},{AUDIT}]");
    let first = decode(&intake, Way::Otlp, &body, &Target::Recognized);
    assert_eq!((first.event_rows(), first.duplicates), (1, 1));
    // Not stored yet: the sender sends it again.
    let again = decode(&intake, Way::Otlp, &body, &Target::Recognized);
    assert_eq!(again.event_rows(), 1);
    intake.remember(&again);
    let copy = decode(&intake, Way::Otlp, &body, &Target::Recognized);
    assert_eq!((copy.event_rows(), copy.duplicates, copy.accepted()), (0, 2, 2));
}

#[test]
fn a_line_of_syslog_in_a_body_of_opentelemetry_is_syslog() {
    let intake = Intake::new(&[]);
    let mut records = Records::json();
    records
        .push(r#"{"TimeGenerated":"2024-05-10T11:00:00Z","Body":"<34>1 2024-05-10T11:00:00Z host su - - - failed"}"#);
    records.push(r#"{"TimeGenerated":"2024-05-10T11:00:00Z","Body":"hello","SeverityNumber":9}"#);
    let source = IntakeSource::new(Way::Otlp, "collector");
    let decoded = intake.decode(&records, &source, &Target::RecognizedOr(OTLP_TABLE.to_owned()), now()).unwrap();
    assert_eq!(tables(&decoded), [("Syslog", 1), (OTLP_TABLE, 1)]);
}

#[test]
fn a_message_of_syslog_without_a_time_has_that_of_its_arrival() {
    let intake = Intake::new(&[]);
    let mut records = Records::lines();
    records.push(&crate::doors::message_record("something happened"));
    let source = IntakeSource::new(Way::SyslogUdp, "192.0.2.1");
    let decoded = intake.decode(&records, &source, &Target::Recognized, now()).unwrap();
    let rows = batch(&decoded, "Syslog");
    assert_eq!(
        (time(rows), texts(rows, "Facility"), texts(rows, "SeverityLevel")),
        (now(), vec!["user".into()], vec!["notice".into()])
    );
    assert_eq!(texts(rows, "SyslogMessage"), ["something happened"]);
}

#[test]
fn text_of_queries_and_statements_is_stored_as_it_stands() {
    let intake = Intake::new(&[]);
    let nasty = [
        "'; DROP TABLE SigninLogs; --",
        "SigninLogs | take 1",
        "\" or 1==1 //",
        "\u{0}\u{1b}[31m",
        "{\"a\":1",
        "{{x}}",
    ];
    for text in nasty {
        let body = serde_json::json!([{ "field": text }]).to_string();
        let decoded = decode(&intake, Way::ElasticBulk, &body, &Target::RecognizedOr("Verbatim_CL".to_owned()));
        assert_eq!(texts(batch(&decoded, "Verbatim_CL"), "field"), [text]);
    }
}

#[test]
fn a_snapshot_of_a_directory_is_put_together_within_its_body() {
    let intake = Intake::new(&[]);
    let body = r#"[{"ObjectIdentifier":"S-1-5-21-1-2-3-1104","IsDeleted":false,"Aces":[],"SPNTargets":[],"PrimaryGroupSID":"S-1-5-21-1-2-3-513","Properties":{"name":"BOB@CORP.LOCAL","domain":"CORP.LOCAL","domainsid":"S-1-5-21-1-2-3","samaccountname":"bob","enabled":true}}]"#;
    for _ in 0..2 {
        let decoded = decode(&intake, Way::Upload, body, &Target::Recognized);
        assert!(tables(&decoded).contains(&("IdentityInfo", 1)), "{:?}", tables(&decoded));
    }
}

#[test]
fn a_batch_of_every_table_has_its_columns() {
    let intake = Intake::new(&[]);
    let body = format!("[{SIGN_IN},{AUDIT},{{\"odd\":1}}]");
    let decoded = decode(&intake, Way::LogsIngestion, &body, &Target::RecognizedOr("Odd_CL".to_owned()));
    let fits = |(table, batch): &(&'static Table, RecordBatch)| batch.schema() == table.arrow_schema();
    assert!(decoded.rows.iter().all(fits));
}
