//! What `cargo xtask bench ingest` runs in the release profile.
//!
//! `decode_speed generate FOLDER` writes the inputs, one file a format. `decode_speed ours FILE…` and `decode_speed evtx FILE…` read the
//! files once on one thread, ours into Arrow batches with all unknown fields, `evtx` with the bare parser into JSON, and print the
//! processor time in seconds and the number of records.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool of the project")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use generator::{GenerateOptions, generate};
use ingest::measuring::decode_files;

/// A tenant of this size makes some 100 MB, each format at least some MB.
const USERS: u32 = 300;
/// Days of it.
const DAYS: u32 = 14;
/// Not the seed of the demo tenant.
const SEED: u64 = 4711;
/// Sign-ins as Entra writes them are repeated until there are that many bytes, so that a round takes a while.
const LEAST_BYTES: usize = 64 << 20;
/// Beginning of a generated file's path, and the format's name for reports, which is the name of the input too.
const FORMATS: [(&str, &str); 8] = [
    ("entra/signins-", "sign-ins, diagnostic settings"),
    ("entra/graph-signins-", "sign-ins, Microsoft Graph"),
    ("entra/SigninLogs-", "sign-ins, Log Analytics CSV"),
    ("entra/audit-", "Entra audit, diagnostic settings"),
    ("o365/audit-general-", "unified audit, management API"),
    ("o365/Search-UnifiedAuditLog-", "unified audit, search CSV"),
    ("windows/nxlog-", "Windows, NXLog"),
    ("windows/winlogbeat-", "Windows, Winlogbeat"),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("generate", [folder])) => write_inputs(Path::new(folder)),
        Some(("ours", files)) => measure(files, || decode_files(files).map(|measured| measured.records)),
        Some(("evtx", files)) => measure(files, || bare_evtx(files)),
        _ => Err("usage: decode_speed generate FOLDER | ours FILE… | evtx FILE…".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs once and prints `seconds records`.
fn measure(files: &[String], run: impl FnOnce() -> Result<u64, String>) -> Result<(), String> {
    for file in files {
        // Into the page cache, so that disks are not measured.
        fs::read(file).map_err(|error| format!("failed to read `{file}`: {error}"))?;
    }
    let (before, started) = (thread_time(), Instant::now());
    let records = run()?;
    let spent = match (before, thread_time()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    println!("{:.6} {records}", spent.as_secs_f64());
    Ok(())
}

/// Processor time of this thread, which other processes do not disturb; Linux only.
fn thread_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn bare_evtx(files: &[String]) -> Result<u64, String> {
    let mut records = 0;
    for file in files {
        let settings = evtx::ParserSettings::default().indent(false).num_threads(1);
        let parser = evtx::EvtxParser::from_path(file).map_err(|error| format!("`{file}`: {error}"))?;
        for record in parser.with_configuration(settings).records_json() {
            record.map_err(|error| format!("`{file}`: {error}"))?;
            records += 1;
        }
    }
    Ok(records)
}

/// Generates a tenant and puts its files together by format.
fn write_inputs(folder: &Path) -> Result<(), String> {
    let tenant = folder.join("tenant");
    let options = GenerateOptions { users: USERS, days: DAYS, seed: SEED, ..GenerateOptions::default() };
    generate(&options, &tenant).map_err(|error| error.to_string())?;
    let mut inputs: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for path in files_below(&tenant)? {
        let name = path.strip_prefix(&tenant).unwrap_or(&path).to_string_lossy().into_owned();
        let Some((_, format)) = FORMATS.iter().find(|(start, _)| name.starts_with(start)) else { continue };
        let input = inputs.entry(format).or_default();
        let content = content(&path)?;
        // A CSV file has one header.
        let header = if name.ends_with(".csv") && !input.is_empty() {
            content.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1)
        } else {
            0
        };
        input.extend_from_slice(&content[header..]);
    }
    for (format, content) in inputs {
        let repeats = if format.starts_with("sign-ins, diagnostic") { LEAST_BYTES / content.len() + 1 } else { 1 };
        let path = folder.join(format!("{format}.input"));
        fs::write(&path, content.repeat(repeats))
            .map_err(|error| format!("failed to write `{}`: {error}", path.display()))?;
    }
    fs::remove_dir_all(&tenant).map_err(|error| format!("failed to remove `{}`: {error}", tenant.display()))
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| format!("failed to list `{}`: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// The file's content, unpacked.
fn content(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("failed to read `{}`: {error}", path.display());
    let file = fs::File::open(path).map_err(failed)?;
    let mut content = Vec::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => flate2::read::GzDecoder::new(file).read_to_end(&mut content).map_err(failed)?,
        Some("zip") => {
            let mut archive = zip::ZipArchive::new(file).map_err(|error| format!("`{}`: {error}", path.display()))?;
            let mut member = archive.by_index(0).map_err(|error| format!("`{}`: {error}", path.display()))?;
            member.read_to_end(&mut content).map_err(failed)?
        }
        _ => fs::File::read_to_end(&mut { file }, &mut content).map_err(failed)?,
    };
    Ok(content)
}
