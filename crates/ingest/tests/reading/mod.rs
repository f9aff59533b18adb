//! Files, archives, folders: what is read, what is skipped, what is reported.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use ingest::{FileStatus, IngestError, IngestOptions, IngestReport, MemorySink, NoProgress, ingest};
use tempfile::TempDir;

/// A unified audit record of this id.
fn record(id: usize) -> String {
    format!(
        "{{\"CreationTime\":\"2024-03-01T12:00:00\",\"Id\":\"e{id}\",\"Operation\":\"Send\",\"RecordType\":2,\"UserId\":\"ann@example.org\"}}\n"
    )
}

fn records(ids: std::ops::Range<usize>) -> Vec<u8> {
    ids.map(record).collect::<String>().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

struct Folder(TempDir);

impl Folder {
    fn of(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read_with(&self, options: &IngestOptions, sink: &MemorySink) -> IngestReport {
        ingest(&[self.path().to_owned()], options, sink, &NoProgress).unwrap()
    }

    fn read(&self) -> (IngestReport, MemorySink) {
        let sink = MemorySink::new();
        (self.read_with(&options(), &sink), sink)
    }

    /// Each entry of the report as `path records rows status`.
    fn lines(&self, report: &IngestReport) -> Vec<String> {
        let root = format!("{}/", self.path().display());
        report
            .files
            .iter()
            .map(|file| {
                let rows = file.rows.get("OfficeActivity").copied().unwrap_or(0);
                format!("{} {} {rows} {}", file.path.replace(&root, ""), file.records, file.status.name())
            })
            .collect()
    }
}

fn options() -> IngestOptions {
    IngestOptions { threads: 2, ..IngestOptions::new(DateTime::UNIX_EPOCH) }
}

#[test]
fn archives_of_all_kinds_are_opened_whatever_their_names() {
    let nested = zip(&[("deep/a.json", &records(30..33)), ("b.gz", &gzip(&records(33..36)))]);
    let folder = Folder::of(&[
        ("1.log", &records(0..3)),
        ("2.txt", &gzip(&records(3..6))),
        ("3.bin", &zip(&[("x.json", &records(6..9)), ("y", &records(9..12)), ("inner.zip", &nested)])),
        ("sub/4", &gzip(&tar(&[("t1", &records(12..15)), ("t2", &records(15..18))]))),
        ("sub/5", &tar(&[("t3", &records(18..21))])),
    ]);
    let (report, sink) = folder.read();
    assert_eq!(
        folder.lines(&report),
        [
            "1.log 3 3 read",
            "2.txt 3 3 read",
            "3.bin!inner.zip!b.gz 3 3 read",
            "3.bin!inner.zip!deep/a.json 3 3 read",
            "3.bin!x.json 3 3 read",
            "3.bin!y 3 3 read",
            "3.bin 0 0 read",
            "sub/4!t1 3 3 read",
            "sub/4!t2 3 3 read",
            "sub/4 0 0 read",
            "sub/5!t3 3 3 read",
            "sub/5 0 0 read",
        ]
    );
    assert_eq!(sink.rows("OfficeActivity"), 27);
    assert_eq!(sink.rows("IngestedFiles"), report.files.len());
    assert_eq!(report.tables.get("OfficeActivity"), Some(&27));
}

#[test]
fn utf16_and_byte_order_marks_are_read() {
    let text = String::from_utf8(records(0..2)).unwrap();
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let folder = Folder::of(&[("a", &utf16), ("b", &[b"\xEF\xBB\xBF".as_slice(), &records(2..4)].concat())]);
    let (report, _) = folder.read();
    assert_eq!(folder.lines(&report), ["a 2 2 read", "b 2 2 read"]);
}

#[test]
fn copies_of_events_count_once_and_the_first_file_wins() {
    let folder = Folder::of(&[("a", &records(0..200)), ("b", &gzip(&records(100..300))), ("c", &records(299..301))]);
    let (report, sink) = folder.read();
    assert_eq!(folder.lines(&report), ["a 200 200 read", "b 200 100 read", "c 2 1 read"]);
    assert_eq!((report.duplicates, sink.rows("OfficeActivity")), (101, 301));
}

#[test]
fn the_same_content_is_read_once_in_a_run_unless_forced() {
    let folder = Folder::of(&[("a", &records(0..2)), ("b", &records(0..2)), ("c.zip", &zip(&[("x", &records(0..2))]))]);
    let (report, _) = folder.read();
    assert_eq!(
        folder.lines(&report),
        ["a 2 2 read", "b 0 0 skipped-known", "c.zip!x 0 0 skipped-known", "c.zip 0 0 read"]
    );
    let forced = folder.read_with(&IngestOptions { force: true, ..options() }, &MemorySink::new());
    assert_eq!(forced.files.iter().map(|file| file.records).sum::<u64>(), 6);
    assert_eq!(forced.duplicates, 4);
}

#[test]
fn files_that_the_sink_knows_are_skipped() {
    let folder = Folder::of(&[("a", &records(0..2)), ("b.zip", &zip(&[("x", &records(2..4))]))]);
    let (first, _) = folder.read();
    let sink = MemorySink::knowing(first.files.iter().map(|file| file.sha256.clone()).collect());
    let second = folder.read_with(&options(), &sink);
    assert!(second.files.iter().all(|file| file.status == FileStatus::SkippedKnown), "{second:?}");
    assert_eq!(sink.rows("OfficeActivity"), 0);
}

#[test]
fn a_damaged_file_yields_what_can_be_read_of_it() {
    // Random ids make the stream long enough to be cut in its middle.
    let whole = gzip(&(0..20_000).map(|id| record(id * 7919 % 100_003)).collect::<String>().into_bytes());
    let mut zipped = zip(&[("x", &records(0..50)), ("y", &records(50..60))]);
    let cut = zipped.len() - 30;
    zipped.truncate(cut);
    let folder = Folder::of(&[
        ("a.gz", &whole[..whole.len() / 2]),
        ("b.zip", &zipped),
        ("c", b"MZ\x00\x01binary"),
        ("d", &records(90_000_000..90_000_001)),
    ]);
    let (report, sink) = folder.read();
    let by_name = |name: &str| report.files.iter().find(|file| file.path.ends_with(name)).unwrap();
    let broken = by_name("a.gz");
    assert_eq!(broken.status, FileStatus::Unreadable);
    assert!(broken.rows["OfficeActivity"] > 1000, "{broken:?}");
    for name in ["b.zip", "c"] {
        assert_eq!(by_name(name).status, FileStatus::Unreadable, "{name}");
    }
    assert_eq!(by_name("d").rows["OfficeActivity"], 1);
    assert!(sink.rows("IngestionErrors") >= 1);
    assert!(!report.all_files_read());
}

#[test]
fn decompression_stops_at_its_limits() {
    let limits =
        ingest::Limits { ratio: 2, ratio_grace_bytes: 4096, members: 3, archive_depth: 2, ..ingest::Limits::default() };
    let options = IngestOptions { limits, ..options() };
    let deep = gzip(&gzip(&gzip(&gzip(&records(0..1)))));
    let bomb = gzip(&records(0..1).repeat(10_000));
    let many: Vec<(String, Vec<u8>)> = (0..5).map(|i| (format!("m{i}"), records(i..i + 1))).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let folder = Folder::of(&[("bomb", &bomb), ("deep", &deep), ("many", &zip(&many))]);
    let report = folder.read_with(&options, &MemorySink::new());
    let reason = |name: &str| {
        report
            .files
            .iter()
            .find(|file| file.path.ends_with(name))
            .and_then(|file| file.reason.clone())
            .unwrap_or_default()
    };
    assert_eq!(reason("bomb"), "cannot be read to its end: decompressed size or ratio is over the limit");
    assert_eq!(reason("deep"), "archives nested deeper than 2");
    assert_eq!(reason("many"), "archive with more than 3 files");
}

#[test]
fn records_of_every_thread_count_are_the_same() {
    let folder = Folder::of(&[("a", &records(0..30_000)), ("b", &records(20_000..40_000))]);
    let totals: Vec<(u64, u64)> = [1, 2, 5]
        .map(|threads| folder.read_with(&IngestOptions { threads, ..options() }, &MemorySink::new()))
        .map(|report| (report.tables["OfficeActivity"], report.files[1].duplicates))
        .to_vec();
    assert_eq!(totals, [(40_000, 10_000); 3]);
}

#[test]
fn any_record_can_be_put_into_a_named_table() {
    let folder = Folder::of(&[("a.csv", b"TimeGenerated,Account,Own\n2024-03-01T00:00:00Z,ann,x\n,bob,y\n")]);
    let table = schema::table("SecurityEvent");
    let sink = MemorySink::new();
    let report = folder.read_with(&IngestOptions { table, ..options() }, &sink);
    assert_eq!((sink.rows("SecurityEvent"), report.files[0].rejected), (1, 1));
    assert_eq!(report.errors[0].reason, "row of `SecurityEvent` without a time");
}

#[test]
fn a_path_that_does_not_exist_is_an_error() {
    let missing = PathBuf::from("no/such/path");
    let result = ingest(std::slice::from_ref(&missing), &options(), &MemorySink::new(), &NoProgress);
    assert_eq!(result, Err(IngestError::NotFound("no/such/path".to_owned())));
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}

#[test]
fn zstd_is_read_alone_around_tar_and_inside_zip() {
    let two_frames = [zstd(&records(0..2)), zstd(&records(2..4))].concat();
    let folder = Folder::of(&[
        ("1.json.zst", &two_frames),
        ("2.tar.zst", &zstd(&tar(&[("a.json", &records(4..6)), ("b.zst", &zstd(&records(6..9)))]))),
        ("3.zip", &zip(&[("c.zst", &zstd(&gzip(&records(9..10))))])),
    ]);
    let (report, sink) = folder.read();
    assert_eq!(
        folder.lines(&report),
        [
            "1.json.zst 4 4 read",
            "2.tar.zst!a.json 2 2 read",
            "2.tar.zst!b.zst 3 3 read",
            "2.tar.zst 0 0 read",
            "3.zip!c.zst 1 1 read",
            "3.zip 0 0 read",
        ]
    );
    assert_eq!(sink.rows("OfficeActivity"), 10);
}

#[test]
fn a_zstd_stream_that_is_cut_or_too_large_yields_what_can_be_read_of_it() {
    let whole = zstd(&(0..20_000).map(|id| record(id * 7919 % 100_003)).collect::<String>().into_bytes());
    // The frame's header asks for a window of 2^31 bytes: descriptor, then the window's exponent.
    let wide = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00];
    let folder = Folder::of(&[("cut.zst", &whole[..whole.len() / 2]), ("wide.zst", &wide)]);
    let (report, _) = folder.read();
    assert!(report.files.iter().all(|file| file.status == FileStatus::Unreadable), "{report:?}");
    assert!(report.files[0].rows["OfficeActivity"] > 1000, "{:?}", report.files[0]);
    let bomb = Folder::of(&[("bomb.zst", &zstd(&records(0..1).repeat(10_000)))]);
    let limits = ingest::Limits { ratio: 2, ratio_grace_bytes: 4096, ..ingest::Limits::default() };
    let report = bomb.read_with(&IngestOptions { limits, ..options() }, &MemorySink::new());
    let reason = report.files[0].reason.as_deref();
    assert_eq!(reason, Some("cannot be read to its end: decompressed size or ratio is over the limit"));
}

#[test]
fn archives_that_are_not_opened_are_named() {
    let files: [(&str, &[u8]); 3] =
        [("a", b"7z\xBC\xAF\x27\x1C\0\x04"), ("b", b"BZh91AY&SY12345"), ("c", b"\xFD7zXZ\0\0\x04")];
    let (report, _) = Folder::of(&files).read();
    let reasons: Vec<_> = report.files.iter().filter_map(|file| file.reason.as_deref()).collect();
    let expected = ["7z", "bzip2", "xz"].map(|name| format!("`{name}` files are not opened: unpack them first"));
    assert_eq!(reasons, expected);
}

#[test]
fn a_report_bears_the_first_and_last_time_of_each_file() {
    let late = "{\"CreationTime\":\"2024-03-02T01:00:00\",\"Id\":\"x\",\"Operation\":\"Send\",\"RecordType\":2,\"UserId\":\"ann\"}";
    let bytes = [records(0..3), late.as_bytes().to_vec(), b"\n{\"unknown\":1}".to_vec()].concat();
    let (report, _) = Folder::of(&[("a.json", &bytes), ("b.json", b"{\"unknown\":1}")]).read();
    let times = |index: usize| {
        let file = &report.files[index];
        [file.first_event, file.last_event].map(|time| time.map(|time| time.to_rfc3339()).unwrap_or_default())
    };
    assert_eq!(times(0), ["2024-03-01T12:00:00+00:00", "2024-03-02T01:00:00+00:00"]);
    assert_eq!(times(1), ["", ""]);
}

#[test]
fn zips_of_windows_and_of_newer_tools_are_opened() {
    let packed = |method| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("a.json", zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(&records(0..40)).unwrap();
        writer.finish().unwrap().into_inner()
    };
    // Short matches are written alike in deflate and deflate64, so only the method's number differs: at 8 of a file's own header, at 10
    // of its entry in the directory.
    let mut large = packed(zip::CompressionMethod::Deflated);
    for (mark, at) in [(b"PK\x03\x04", 8), (b"PK\x01\x02", 10)] {
        let header = large.windows(4).position(|window| window == mark).unwrap();
        assert_eq!(large[header + at], 8);
        large[header + at] = 9;
    }
    for zip in [packed(zip::CompressionMethod::Zstd), large] {
        let (report, sink) = Folder::of(&[("a.zip", &zip)]).read();
        assert_eq!(sink.rows("OfficeActivity"), 40, "{report:?}");
    }
}
