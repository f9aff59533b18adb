//! Entries for fuzz targets: any bytes through a reader or decoder, with small limits and an in-memory sink.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use chrono::DateTime;

use crate::decoder::{Decoder, Record};
use crate::decoders::all_decoders;
use crate::doors::{
    Bulk, Frame, FrameSplitter, JsonArray, KustoFormat, KustoMapping, OtlpEncoding, kusto_records, message_record,
    otlp_records, table_of_index,
};
use crate::intake::{Intake, IntakeSource, Records, Target, Way};
use crate::json::JsonObject;
use crate::limits::Limits;
use crate::prepare::prepare;
use crate::readers::archive::{Leaf, LeafHandler, LeafSource, walk};
use crate::readers::content::Kind;
use crate::readers::leaf::read_leaf;
use crate::report::Counts;
use crate::rows::Rows;
use crate::sink::MemorySink;
use crate::source_file::SourceFile;
use crate::worker::Worker;

pub use crate::windows::fuzzing::{
    fuzz_azure_diagnostics, fuzz_event_xml, fuzz_evtx, fuzz_evtx_records, fuzz_nxlog, fuzz_winlogbeat,
};

/// Built once: looking up all columns takes longer than a small record.
static DECODERS: LazyLock<Vec<Box<dyn Decoder>>> = LazyLock::new(all_decoders);

/// Small limits, so that reaching them is quick.
fn limits() -> Limits {
    Limits {
        record_bytes: 4096,
        json_depth: 32,
        member_bytes: 1 << 20,
        archive_bytes: 1 << 21,
        ratio: 50,
        ratio_grace_bytes: 1 << 16,
        members: 32,
        archive_depth: 3,
        in_memory_bytes: 1 << 20,
    }
}

/// Reads one file's content of this kind and decodes what is found.
fn read(kind: Kind, source: LeafSource, worker: &mut Worker) {
    let (limits, file) = (limits(), SourceFile { path: Arc::from("fuzz"), kind: kind.name(), modified: None });
    let result = read_leaf(kind, source, &limits, &mut |chunk| {
        worker.decode(&file, prepare(&chunk, worker.decoders(), &limits)).is_ok()
    });
    drop(result);
}

fn with_worker(run: impl FnOnce(&mut Worker)) {
    let sink = MemorySink::new();
    let mut worker = Worker::new(&DECODERS, &sink, DateTime::UNIX_EPOCH);
    run(&mut worker);
    worker.finish().and_then(|()| worker.finish_custom()).expect("an in-memory sink takes every batch");
}

fn read_as(kind: Kind, bytes: &[u8]) {
    with_worker(|worker| read(kind, LeafSource::Seekable(Box::new(Cursor::new(bytes.to_vec()))), worker));
}

/// Decodes a JSON record with this decoder, whether or not it recognizes it.
fn decode_with(format: &str, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(object) = JsonObject::parse(text) else { return };
    decode_all(&Record::of_object(object, text), format);
}

fn decode_all(record: &Record, format: &str) {
    let mut rows = Rows::new();
    for decoder in DECODERS.iter().filter(|decoder| decoder.format() == format) {
        decode_record(decoder.as_ref(), record, &mut rows);
    }
    for builder in rows.builders() {
        builder.finish().expect("rows make a batch");
    }
    rows.custom().finish(&MemorySink::new()).expect("rows of custom tables make batches");
}

fn decode_record(decoder: &dyn Decoder, record: &Record, rows: &mut Rows) {
    decoder.recognizes(record);
    decoder.duplicate_key(record);
    drop(decoder.decode(record, rows));
    rows.drop_open_rows();
}

/// Decodes records that came live, with what no decoder knows in a custom table.
fn decode_live(records: &Records, way: Way) {
    static INTAKE: LazyLock<Intake> = LazyLock::new(|| Intake::new(&[]));
    let target = Target::RecognizedOr("Fuzz_CL".to_owned());
    let source = IntakeSource::new(way, "fuzz");
    let decoded = INTAKE.decode(records, &source, &target, DateTime::UNIX_EPOCH).expect("rows make batches");
    assert!(decoded.accepted() + decoded.rejected.len() == decoded.records, "each record is accepted or rejected");
    // So that columns of one input are not those of the next.
    INTAKE.forget("Fuzz_CL");
}

/// Any bytes as a body of the Logs Ingestion or HTTP Data Collector API.
pub fn fuzz_json_array(bytes: &[u8]) {
    decode_live(&JsonArray::parse(bytes).records, Way::LogsIngestion);
    JsonArray::parse_one_or_many(bytes);
}

/// Any bytes as a body of Elasticsearch's `_bulk`.
pub fn fuzz_elastic_bulk(bytes: &[u8]) {
    let bulk = Bulk::parse(bytes, Some("fuzz"));
    for (index, records) in &bulk.indexes {
        assert!(schema::is_custom_table_name(&table_of_index(index)), "every index has a table");
        decode_live(records, Way::ElasticBulk);
    }
}

/// Any bytes as OpenTelemetry logs.
pub fn fuzz_otlp(bytes: &[u8]) {
    for encoding in [OtlpEncoding::Protobuf, OtlpEncoding::Json] {
        if let Ok(records) = otlp_records(bytes, encoding) {
            decode_live(&records, Way::Otlp);
        }
    }
}

/// Any bytes as Kusto ingestion: the first byte chooses the format, a line the mapping, the rest is the body.
pub fn fuzz_kusto(bytes: &[u8]) {
    const FORMATS: [KustoFormat; 9] = [
        KustoFormat::Csv,
        KustoFormat::Tsv,
        KustoFormat::Psv,
        KustoFormat::Scsv,
        KustoFormat::Sohsv,
        KustoFormat::Json,
        KustoFormat::MultiJson,
        KustoFormat::Txt,
        KustoFormat::Raw,
    ];
    let Some((format, rest)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let (mapping, body) = rest.split_at(memchr::memchr(b'\n', rest).unwrap_or(0));
    let mapping = std::str::from_utf8(mapping).ok().and_then(|text| KustoMapping::parse(text).ok());
    let columns = ["a".to_owned(), "b".to_owned()];
    if let Ok(records) = kusto_records(body, format, mapping.as_ref(), &columns, false) {
        decode_live(&records, Way::KustoStreaming);
    }
}

/// Any bytes as a syslog connection: the first byte is how many come at a time.
pub fn fuzz_syslog_frames(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let mut splitter = FrameSplitter::new(256);
    let mut records = Records::lines();
    let mut take = |frame: Frame| records.push(&message_record(&frame.text));
    for part in bytes.chunks(usize::from(*size).max(1)) {
        splitter.feed(part, &mut take);
    }
    splitter.finish(&mut take);
    decode_live(&records, Way::SyslogTcp);
}

/// Any bytes as a JSON file.
pub fn fuzz_json(bytes: &[u8]) {
    read_as(Kind::Json, bytes);
}

/// Any bytes as a CSV file.
pub fn fuzz_csv(bytes: &[u8]) {
    read_as(Kind::Csv, bytes);
}

/// A JSON record through the Entra sign-in decoder.
pub fn fuzz_sign_in(bytes: &[u8]) {
    decode_with("entra-sign-in", bytes);
}

/// A JSON record through the Entra audit decoder.
pub fn fuzz_audit(bytes: &[u8]) {
    decode_with("entra-audit", bytes);
}

/// A JSON record through the decoder of the other Entra logs.
pub fn fuzz_entra_log(bytes: &[u8]) {
    decode_with("entra-log", bytes);
}

/// A JSON record through the decoders of Entra objects under other names: cmdlets, portal downloads, Elastic documents.
pub fn fuzz_entra_dialects(bytes: &[u8]) {
    for format in ["graph-cmdlet", "entra-portal-sign-ins", "entra-portal-audit", "elastic-azure"] {
        decode_with(format, bytes);
    }
}

/// A JSON record through the decoders of Azure's logs.
pub fn fuzz_azure(bytes: &[u8]) {
    for format in ["azure-activity", "azure-storage", "azure-resource-log"] {
        decode_with(format, bytes);
    }
}

/// A JSON record through the decoder of rows of Log Analytics.
pub fn fuzz_log_analytics_export(bytes: &[u8]) {
    decode_with("log-analytics-export", bytes);
}

/// A JSON record through the unified audit decoder.
pub fn fuzz_unified_audit(bytes: &[u8]) {
    decode_with("office365-unified-audit", bytes);
}

/// Any bytes as a file of lines: syslog, CEF, and what they carry.
pub fn fuzz_syslog(bytes: &[u8]) {
    read_as(Kind::Lines, bytes);
}

/// What follows the mark of a CEF event, behind the header of a sensor's line, through the CEF decoder.
pub fn fuzz_cef(bytes: &[u8]) {
    let text = format!("<34>Oct 11 22:14:15 dc1 CEF:0|Microsoft|Azure ATP|{}", String::from_utf8_lossy(bytes));
    let Some(record) = Record::of_line(&text) else { return };
    decode_all(&record, "cef");
}

/// A JSON record through the SharpHound decoder.
pub fn fuzz_sharphound(bytes: &[u8]) {
    decode_with("sharphound", bytes);
}

/// A JSON record through the decoder of Graph's directory objects.
pub fn fuzz_graph_directory(bytes: &[u8]) {
    decode_with("graph-directory", bytes);
}

/// A JSON record through the AzureHound decoder.
pub fn fuzz_azurehound(bytes: &[u8]) {
    decode_with("azurehound", bytes);
}

/// A JSON record through the CloudTrail decoder.
pub fn fuzz_cloud_trail(bytes: &[u8]) {
    decode_with("aws-cloudtrail", bytes);
}

/// A JSON record through each of the decoders of Defender, Sentinel and Intune.
pub fn fuzz_defender(bytes: &[u8]) {
    for format in ["defender-streaming", "defender-hunting", "defender-alert", "defender-incident", "intune"] {
        decode_with(format, bytes);
    }
}

/// A JSON record through the decoder of custom tables.
pub fn fuzz_custom_table(bytes: &[u8]) {
    decode_with("custom-table", bytes);
}

/// Any bytes as a file that may be an archive.
pub fn fuzz_archive(bytes: &[u8]) {
    struct Reader<'r, 'w>(&'r mut Worker<'w>);
    impl LeafHandler for Reader<'_, '_> {
        fn leaf(&mut self, leaf: Leaf) -> bool {
            read(leaf.kind, leaf.source, self.0);
            true
        }
        fn broken(&mut self, _path: &str, _kind: Kind, _reason: String) {}
    }
    with_worker(|worker| {
        let source = Box::new(Cursor::new(bytes.to_vec()));
        let walked = walk("fuzz", source, bytes.len() as u64, None, &limits(), &mut Reader(worker));
        drop(walked);
    });
}

/// What became of the records of any bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Explained {
    /// Records found.
    pub records: u64,
    /// Records that a decoder made rows of.
    pub placed: u64,
    /// Copies of events.
    pub duplicates: u64,
    /// Records that went to `IngestionErrors`.
    pub rejected: u64,
}

/// Reads any bytes as a file that may be an archive, with the usual limits, and counts.
pub fn read_and_count(bytes: &[u8]) -> Explained {
    struct Reader<'r, 'w> {
        worker: &'r mut Worker<'w>,
        counts: Counts,
    }
    impl LeafHandler for Reader<'_, '_> {
        fn leaf(&mut self, leaf: Leaf) -> bool {
            let file = SourceFile { path: Arc::from("damaged"), kind: leaf.kind.name(), modified: None };
            let limits = Limits::default();
            let (worker, counts) = (&mut *self.worker, &mut self.counts);
            let read = read_leaf(leaf.kind, leaf.source, &limits, &mut |chunk| {
                let decoded = worker.decode(&file, prepare(&chunk, worker.decoders(), &limits));
                decoded.map(|decoded| counts.add(decoded)).is_ok()
            });
            drop(read);
            true
        }
        fn broken(&mut self, _path: &str, _kind: Kind, _reason: String) {}
    }
    let mut counts = Counts::default();
    with_worker(|worker| {
        let mut reader = Reader { worker, counts: Counts::default() };
        let source = Box::new(Cursor::new(bytes.to_vec()));
        drop(walk("damaged", source, bytes.len() as u64, None, &Limits::default(), &mut reader));
        counts = reader.counts;
    });
    Explained {
        records: counts.records,
        placed: counts.formats.values().sum(),
        duplicates: counts.duplicates,
        rejected: counts.rejected,
    }
}
