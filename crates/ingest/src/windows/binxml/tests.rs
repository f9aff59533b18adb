//! Records of our own writing: found in BinXML or left to the `evtx` crate, they say what their XML says.

use std::path::Path;

use super::test_chunk::{HEAD, NEW_YEAR, TestChunk, TestValue, head, null, text};
use super::values::kind;
use crate::readers::{FoundFields, Piece};
use crate::windows::event::PayloadKind;
use crate::windows::fuzzing::check_evtx;

const LOGON: &str = "<EventData><Data Name='SubjectUserSid'>%0</Data><Data Name='TargetUserName'>%1</Data>\
    <Data Name='LogonType'>%2</Data><Data Name='Note' dep='3'>%3</Data><Data Name='Fixed'>as written</Data><Data Name='None'/></EventData>";
const CLASSIC: &str = "<EventData><Data>%0</Data><Binary>%1</Binary></EventData>";
const CLEARED: &str = "<UserData><LogFileCleared xmlns='urn:contoso'><SubjectUserName>%0</SubjectUserName>\
    <Param Name='Channel'>%1</Param></LogFileCleared></UserData>";

fn plain(kind: u8, bytes: &[u8]) -> TestValue {
    TestValue::Plain(kind, bytes.to_vec())
}

fn logon(name: &str, note: TestValue) -> TestValue {
    let sid = plain(kind::SID, &[1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0xf4, 1, 0, 0]);
    TestValue::Instance(LOGON, vec![sid, text(name), plain(kind::UINT32, &[3, 0, 0, 0]), note])
}

/// The only record's piece of a file that has one event with this data.
fn read_one(data: TestValue) -> Piece {
    let mut chunk = TestChunk::new();
    chunk.record(7, HEAD, &head("Security", 4624, data));
    let mut pieces = check_evtx(&chunk.file());
    assert_eq!(pieces.len(), 1);
    pieces.remove(0)
}

fn is_found(piece: &Piece) -> bool {
    matches!(piece.found, Some(FoundFields::Event(_)))
}

/// Names and values of the data, the element of `UserData` and what stands beside the columns.
fn fields_of(piece: &Piece) -> (Vec<(String, String)>, String, Vec<String>) {
    let Some(FoundFields::Event(event)) = &piece.found else { panic!("left to the crate: {piece:?}") };
    let event = event.event(&piece.text);
    let fields = event.data.fields.iter().map(|field| (field.name.to_string(), field.value.to_string()));
    let element = match &event.data.kind {
        PayloadKind::EventData => String::new(),
        PayloadKind::UserData { element, namespace } => format!("{namespace} {element}"),
    };
    (
        fields.collect(),
        element,
        event.envelope.iter().map(|(name, value)| format!("{name}={}", value.to_text())).collect(),
    )
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_head_of_an_event_is_read() {
    let piece = read_one(logon("anna", null()));
    let Some(FoundFields::Event(event)) = &piece.found else { panic!("left to the crate") };
    let event = event.event(&piece.text);
    assert_eq!(piece.offset, 7);
    assert_eq!(event.time.to_rfc3339(), "2024-01-01T00:00:00.123456700+00:00");
    assert_eq!((event.event_id, event.task, event.level, event.version), (4624, Some(12544), Some(4), Some(2)));
    assert_eq!((event.record_id, event.process_id, event.thread_id), (Some(77), Some(640), Some(712)));
    assert_eq!((event.channel.as_ref(), event.computer.as_ref()), ("Security", "DC01.contoso.com"));
    assert_eq!((event.keywords.as_ref(), event.user_sid.as_ref()), ("0x8020000000000000", "S-1-5-18"));
    assert_eq!(event.activity_id, "{17171717-1717-1717-1717-171717171717}");
}

#[test]
fn named_data_are_read_and_elements_without_their_value_left_out() {
    let usual = [("SubjectUserSid", "S-1-5-21-500"), ("TargetUserName", "anna"), ("LogonType", "3")];
    let fixed = [("Fixed", "as written"), ("None", "")];
    for (note, found) in
        [(null(), &[][..]), (text(""), &[("Note", "")]), (text("<x> & \"y\""), &[("Note", "<x> & \"y\"")])]
    {
        let expected = [&usual[..], found, &fixed].concat();
        let envelope = ["ProviderGuid={25252525-2525-2525-2525-252525252525}", "Qualifiers=0"];
        let (fields, element, beside) = fields_of(&read_one(logon("anna", note)));
        assert_eq!((fields, element.as_str()), (owned(&expected), ""));
        assert_eq!(beside, envelope);
    }
}

#[test]
fn an_array_of_strings_repeats_its_element() {
    let strings = |texts: &str| TestValue::Plain(kind::STRINGS, text(texts).bytes());
    for (array, expected) in [
        (strings("one\0\0two\0"), &[("", "one"), ("", ""), ("", "two")][..]),
        (strings("one\0"), &[("", "one")]),
        (strings(""), &[("", "")]),
    ] {
        let piece = read_one(TestValue::Instance(CLASSIC, vec![array, plain(kind::BINARY, &[0xab, 0x01])]));
        let (fields, _, beside) = fields_of(&piece);
        assert_eq!(fields, owned(expected));
        assert_eq!(beside.last().unwrap(), "Binary=AB01");
    }
    let unended = read_one(TestValue::Instance(CLASSIC, vec![strings("one\0two"), null()]));
    assert!(!is_found(&unended));
}

#[test]
fn user_data_are_read() {
    let piece = read_one(TestValue::Instance(CLEARED, vec![text("anna"), text("Security")]));
    let (fields, element, _) = fields_of(&piece);
    assert_eq!(fields, owned(&[("SubjectUserName", "anna"), ("Channel", "Security")]));
    assert_eq!(element, "urn:contoso LogFileCleared");
    // As the event log itself writes it: the element around it in the template of the head.
    const INNER: &str = "<LogFileCleared xmlns='urn:contoso'><SubjectUserName>%0</SubjectUserName></LogFileCleared>";
    let mut chunk = TestChunk::new();
    let head_with = HEAD.replace("%17", "<UserData dep=17>%17</UserData>").leak();
    chunk.record(8, head_with, &head("Security", 1102, TestValue::Instance(INNER, vec![text("anna")])));
    chunk.record(9, head_with, &head("Security", 1102, null()));
    let pieces = check_evtx(&chunk.file());
    let (fields, element, _) = fields_of(&pieces[0]);
    assert_eq!((fields, element.as_str()), (owned(&[("SubjectUserName", "anna")]), "urn:contoso LogFileCleared"));
    assert_eq!(fields_of(&pieces[1]).0, []);
}

#[test]
fn values_of_every_type_are_written_as_windows_does() {
    for (value, expected) in [
        (plain(kind::INT8, &[0xff]), "-1"),
        (plain(kind::INT16, &(-300_i16).to_le_bytes()), "-300"),
        (plain(kind::INT32, &i32::MIN.to_le_bytes()), "-2147483648"),
        (plain(kind::INT64, &i64::MIN.to_le_bytes()), "-9223372036854775808"),
        (plain(kind::UINT64, &u64::MAX.to_le_bytes()), "18446744073709551615"),
        (plain(kind::BOOL, &[1, 0, 0, 0]), "true"),
        (plain(kind::BOOL, &[0, 0, 0, 0]), "false"),
        (plain(kind::BOOL, &[0xfe, 0xff, 0xff, 0xff]), "-2"),
        (plain(kind::HEX32, &[0, 0, 0, 0]), "0x0"),
        (plain(kind::HEX64, &0x3e7_u64.to_le_bytes()), "0x3e7"),
        (plain(kind::SIZE, &[0xff, 0xee, 0, 0]), "0xeeff"),
        (plain(kind::FILE_TIME, &NEW_YEAR.to_le_bytes()), "2024-01-01T00:00:00.0000000Z"),
        (plain(kind::FILE_TIME, &[0; 8]), "1601-01-01T00:00:00.0000000Z"),
        (plain(kind::ANSI_STRING, b"a\0\x01b"), "a_b"),
        (plain(kind::STRING, &[b'a', 0, 0, 0xd8, 1, 0, b'\n', 0, 0xff, 0xff, 0, 0, b'z', 0]), "a__\n_"),
        (text("J\u{fc}rgen \u{1f600}"), "J\u{fc}rgen \u{1f600}"),
    ] {
        let (fields, ..) = fields_of(&read_one(TestValue::Instance(CLASSIC, vec![value, null()])));
        assert_eq!(fields, owned(&[("", expected)]));
    }
}

#[test]
fn what_has_another_shape_is_left_to_the_crate() {
    const NAMED_BY_VALUE: &str = "<EventData><Data Name='%0'>%1</Data></EventData>";
    const NESTED: &str = "<EventData><Data><Inner>%0</Inner></Data></EventData>";
    const RAW: &str = "<ProcessingErrorData><ErrorCode>%0</ErrorCode></ProcessingErrorData>";
    const TWO: &str = "<UserData><A><X>%0</X></A><B><X>%1</X></B></UserData>";
    for template in [NAMED_BY_VALUE, NESTED, RAW, TWO] {
        assert!(!is_found(&read_one(TestValue::Instance(template, vec![text("a"), text("b")]))), "{template}");
    }
    const TWICE: &str = "<EventData><Data>%0</Data><Data>%0</Data></EventData>";
    let strings = plain(kind::STRINGS, &text("one\0two\0").bytes());
    assert!(!is_found(&read_one(TestValue::Instance(TWICE, vec![strings]))));
    let real = plain(0x0c, &1.5_f64.to_le_bytes());
    assert!(!is_found(&read_one(TestValue::Instance(CLASSIC, vec![real, null()]))));
}

fn three_records() -> TestChunk {
    let mut chunk = TestChunk::new();
    chunk.record(7, HEAD, &head("Security", 4624, logon("anna", text("x"))));
    chunk.record(8, HEAD, &head("Security", 4624, logon("bob", null())));
    chunk.record(9, HEAD, &head("Security", 1102, TestValue::Instance(CLEARED, vec![text("anna"), null()])));
    chunk
}

#[test]
fn records_of_both_ways_stay_in_their_order() {
    const NESTED: &str = "<EventData><Data><Inner>%0</Inner></Data></EventData>";
    let mut chunk = three_records();
    chunk.record(10, HEAD, &head("Security", 4625, TestValue::Instance(NESTED, vec![text("x")])));
    chunk.record(11, HEAD, &head("Security", 4624, null()));
    let pieces = check_evtx(&chunk.file());
    let found: Vec<(i64, bool)> = pieces.iter().map(|piece| (piece.offset, is_found(piece))).collect();
    assert_eq!(found, [(7, true), (8, true), (9, true), (10, false), (11, true)]);
}

#[test]
fn a_flipped_bit_changes_both_ways_alike() {
    let whole = three_records().file();
    let records = 4096 + 512..4096 + 512 + three_records().records().len();
    for (index, at) in (4096..4096 + 512).step_by(16).chain(records).enumerate() {
        let mut file = whole.clone();
        file[at] ^= 1 << (index % 8);
        check_evtx(&file);
    }
}

#[test]
fn the_seed_of_the_fuzz_target_is_what_is_written_here() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/evtx_records/three_records");
    let mut chunk = three_records();
    let values = vec![TestValue::Plain(kind::STRINGS, text("one\0two\0").bytes()), plain(kind::BINARY, &[0xab])];
    chunk.record(10, HEAD, &head("Application", 1000, TestValue::Instance(CLASSIC, values)));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(seed.parent().unwrap()).unwrap();
        std::fs::write(&seed, chunk.records()).unwrap();
    }
    assert!(std::fs::read(&seed).unwrap() == chunk.records(), "run with UPDATE_EXPECTED=1 to write the seed anew");
}
