//! How fast files are decoded into Arrow batches: megabytes of input per second of processor time on one thread, by format; sign-ins
//! beside DuckDB, EVTX beside the parser alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{cargo, root, run, target_dir};

const USAGE: &str = "usage: cargo xtask bench ingest [--rounds N] [--peers] [--evtx FOLDER]\nhint: EVTX files are measured where \
    `--evtx` or VEDETTE_SAMPLES names a folder that has some";
/// Rounds of each measurement; the median counts.
const ROUNDS: usize = 7;
/// EVTX files are read again and again until there are that many bytes, so that a round takes a while.
const LEAST_EVTX_BYTES: u64 = 128 << 20;
/// The input that DuckDB reads too.
const SIGN_INS: &str = "sign-ins, diagnostic settings";
/// The peer of sign-ins: reads the columns that records of diagnostic settings have, nested ones as JSON text, as our dynamic columns
/// are; counts a column of each so that nothing is left unread, and prints the processor time of one thread.
const DUCKDB: &str = r#"
import sys, time, duckdb
con = duckdb.connect(); con.execute("set threads to 1"); con.execute("set enable_progress_bar to false")
outer = ["time","resourceId","operationName","operationVersion","category","tenantId","resultType","resultSignature",
         "resultDescription","callerIpAddress","correlationId","identity","location"]
columns = {name: "VARCHAR" for name in outer}
columns.update({"durationMs": "BIGINT", "Level": "BIGINT"})
strings = sys.argv[2].split(",")
nested = sys.argv[3].split(",")
inner = ", ".join([f'"{name}" VARCHAR' for name in strings] + [f'"{name}" JSON' for name in nested])
columns["properties"] = f"STRUCT({inner})"
spec = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items()) + "}"
before = time.process_time()
reader = con.execute(f"select * exclude properties, unnest(properties) from read_json('{sys.argv[1]}', "
                     f"format='newline_delimited', columns={spec})")
# Its name before version 2 of DuckDB and since.
reader = (reader.to_arrow_reader if hasattr(reader, "to_arrow_reader") else reader.fetch_record_batch)(8192)
rows = sum(batch.num_rows for batch in reader)
print(f"{time.process_time() - before:.6f} {rows}")
"#;
/// Packages of the peer.
const PEER_PACKAGES: [&str; 2] = ["duckdb", "pyarrow"];

struct Options {
    rounds: usize,
    peers: bool,
    evtx: Option<PathBuf>,
}

/// One line of the table.
struct Line {
    name: String,
    bytes: u64,
    ours: f64,
    records: u64,
    peer: Option<(&'static str, f64)>,
}

/// `bench ingest [--rounds N] [--peers] [--evtx FOLDER]`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    let options = parse(args)?;
    run(cargo()
        .args(["build", "--release", "--locked", "--package", "ingest", "--example", "decode_speed"])
        .current_dir(root()))?;
    let program = target_dir().join("release/examples/decode_speed");
    let folder = target_dir().join("bench-ingest");
    let inputs = inputs(&program, &folder)?;
    let python = peer_python(&folder, options.peers)?;
    let mut lines = Vec::new();
    for input in inputs {
        let name = input.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let ours = || time(Command::new(&program).arg("ours").arg(&input));
        let mut line = Line { name, bytes: size(&input)?, ours: 0.0, records: 0, peer: None };
        match python.as_ref().filter(|_| line.name == SIGN_INS) {
            Some(python) => {
                let (strings, nested) = property_names(&input)?;
                let peer = || time(Command::new(python).args(["-c", DUCKDB]).arg(&input).args([&strings, &nested]));
                measure(&mut line, options.rounds, &ours, Some(("DuckDB", &peer)))?;
            }
            None => measure(&mut line, options.rounds, &ours, None)?,
        }
        lines.push(line);
    }
    match evtx_files(&options)? {
        files if files.is_empty() => println!("EVTX: no files; `--evtx FOLDER` names some"),
        files => {
            let bytes = files.iter().map(|file| size(file)).sum::<Result<u64, String>>()?;
            let repeats = usize::try_from(LEAST_EVTX_BYTES.div_ceil(bytes.max(1))).unwrap_or(1);
            let (bytes, files) = (bytes * repeats as u64, vec![files; repeats].concat());
            let mut line = Line { name: "Windows, EVTX".to_owned(), bytes, ours: 0.0, records: 0, peer: None };
            let ours = || time(Command::new(&program).arg("ours").args(&files));
            let peer = || time(Command::new(&program).arg("evtx").args(&files));
            measure(&mut line, options.rounds, &ours, Some(("evtx to JSON", &peer)))?;
            lines.push(line);
        }
    }
    print(&lines);
    if python.is_none() {
        println!(
            "DuckDB is not there, so there is no ratio for sign-ins; `--peers` makes a virtual environment with it"
        );
    }
    Ok(())
}

fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options { rounds: ROUNDS, peers: false, evtx: None };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--peers" => options.peers = true,
            "--rounds" => {
                let value = rest.next().ok_or(USAGE)?;
                options.rounds = value
                    .parse()
                    .ok()
                    .filter(|rounds| *rounds > 0)
                    .ok_or_else(|| format!("`{value}` is no number of rounds"))?;
            }
            "--evtx" => options.evtx = Some(PathBuf::from(rest.next().ok_or(USAGE)?)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

/// The inputs, generated once for each build of the generator.
fn inputs(program: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = list(folder, "input");
    let built = fs::metadata(program).and_then(|program| program.modified()).ok();
    let generated = found.first().and_then(|input| fs::metadata(input).and_then(|input| input.modified()).ok());
    if generated.is_none() || generated < built {
        fs::create_dir_all(folder).map_err(|error| format!("failed to create `{}`: {error}", folder.display()))?;
        run(Command::new(program).arg("generate").arg(folder))?;
        found = list(folder, "input");
    }
    Ok(found)
}

/// Files below the folder with this extension, in order.
fn list(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn evtx_files(options: &Options) -> Result<Vec<PathBuf>, String> {
    let samples = std::env::var_os("VEDETTE_SAMPLES").map(|root| PathBuf::from(root).join("windows"));
    let Some(folder) = options.evtx.clone().or(samples) else { return Ok(Vec::new()) };
    let found = list(&folder, "evtx");
    if found.is_empty() { Err(format!("no EVTX files below `{}`", folder.display())) } else { Ok(found) }
}

/// Python with the peer's packages, in a virtual environment that is made when asked for.
fn peer_python(folder: &Path, make: bool) -> Result<Option<PathBuf>, String> {
    let environment = folder.join("peers");
    let python = environment.join("bin/python");
    let has_packages = || {
        let imports = PEER_PACKAGES.join(", ");
        Command::new(&python)
            .args(["-c", &format!("import {imports}")])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if has_packages() {
        return Ok(Some(python));
    }
    if !make {
        return Ok(None);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEER_PACKAGES))?;
    if has_packages() { Ok(Some(python)) } else { Err("the peer's packages do not load".to_owned()) }
}

/// The names of the properties of sign-ins: those with text or numbers, and those with objects or arrays.
fn property_names(input: &Path) -> Result<(String, String), String> {
    let text = fs::read_to_string(input).map_err(|error| format!("failed to read `{}`: {error}", input.display()))?;
    let (mut plain, mut nested) = (Vec::<String>::new(), Vec::<String>::new());
    for line in text.lines().take(1000) {
        let record: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        for (name, value) in record["properties"].as_object().into_iter().flatten() {
            let names = if value.is_object() || value.is_array() { &mut nested } else { &mut plain };
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    // Names of columns do not differ by case alone, and a name counts once.
    plain.retain(|name| !nested.contains(name) && !name.eq_ignore_ascii_case("correlationId"));
    nested.retain(|name| !name.eq_ignore_ascii_case("location"));
    Ok((plain.join(","), nested.join(",")))
}

type Timing<'t> = &'t dyn Fn() -> Result<(f64, u64), String>;

/// Rounds of ours and the peer in turn.
fn measure(line: &mut Line, rounds: usize, ours: Timing, peer: Option<(&'static str, Timing)>) -> Result<(), String> {
    let (mut our_times, mut peer_times) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (seconds, records) = ours()?;
        our_times.push(seconds);
        line.records = records;
        if let Some((name, peer)) = peer {
            let (seconds, records) = peer()?;
            if records != line.records {
                return Err(format!("{name} found {records} records of {}, not {}", line.name, line.records));
            }
            peer_times.push(seconds);
        }
    }
    line.ours = median(our_times);
    line.peer = peer.map(|(name, _)| (name, median(peer_times)));
    Ok(())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Runs a program that prints `seconds records`.
fn time(command: &mut Command) -> Result<(f64, u64), String> {
    let output = command.output().map_err(|error| format!("failed to start {command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    let parsed = words.next().and_then(|word| word.parse().ok()).zip(words.next().and_then(|word| word.parse().ok()));
    match parsed.filter(|_| output.status.success()) {
        Some(timing) => Ok(timing),
        None => Err(format!("a round failed: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn size(path: &Path) -> Result<u64, String> {
    fs::metadata(path).map(|file| file.len()).map_err(|error| format!("failed to read `{}`: {error}", path.display()))
}

fn print(lines: &[Line]) {
    println!("| format | MB | records | MB/s | records/s | peer MB/s | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for line in lines {
        let megabytes = line.bytes as f64 / 1e6;
        let peer = line.peer.map_or_else(String::new, |(name, seconds)| format!("{:.0} ({name})", megabytes / seconds));
        let ratio = line.peer.map_or_else(String::new, |(_, seconds)| format!("{:.2}", seconds / line.ours));
        println!(
            "| {} | {megabytes:.1} | {} | {:.0} | {:.0} | {peer} | {ratio} |",
            line.name,
            line.records,
            megabytes / line.ours,
            line.records as f64 / line.ours,
        );
    }
}
