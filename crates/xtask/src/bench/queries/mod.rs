//! The shapes of question that detections ask, beside DuckDB, Polars, chDB and duckdb-kql on the same rows.
//!
//! The queries and the scripts that run them lie in `benches/queries`.

mod sign_in_rows;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::project::{built_for_others, root, run, target_dir};

const USAGE: &str = "usage: cargo xtask bench queries [--rows N] [--rounds N] [--only NAME,..] [--vedette FILE]";
/// Packages of the peers, in a virtual environment of the bench's own.
const PEER_PACKAGES: [&str; 6] = ["duckdb", "polars", "chdb", "duckdb-kql", "pyarrow", "numpy"];

struct Options {
    rows: u64,
    rounds: String,
    only: String,
    /// A build that exists already.
    vedette: Option<PathBuf>,
}

/// `bench queries`: builds, generates and ingests the rows, writes them for the peers, compares.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    let options = parse(args)?;
    let vedette = match &options.vedette {
        Some(vedette) => vedette.clone(),
        None => built_for_others()?,
    };
    let folder = target_dir().join("bench-queries");
    let data = folder.join(options.rows.to_string());
    let python = peer_python(&folder)?;
    let scripts = root().join("benches/queries");
    let (workspace, parquet) = (data.join("workspace"), data.join("parquet"));
    ingest(&vedette, &data, options.rows)?;
    let table = workspace.join("tables/SigninLogs");
    remove(&parquet)?;
    let sizes = run_for_text(Command::new(&python).arg(scripts.join("parquet.py")).arg(&table).arg(&parquet))?;
    print_sizes(&sizes)?;
    run(Command::new(&python).arg(scripts.join("compare.py")).args([&vedette, &workspace, &parquet]).args([
        "--rounds",
        &options.rounds,
        "--only",
        &options.only,
    ]))
}

fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options { rows: 2_000_000, rounds: "5".to_owned(), only: String::new(), vedette: None };
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().ok_or(USAGE)?;
        match flag.as_str() {
            "--rows" => options.rows = value.parse().map_err(|_| format!("`{value}` is no number of rows"))?,
            "--rounds" => options.rounds.clone_from(value),
            "--only" => options.only.clone_from(value),
            "--vedette" => options.vedette = Some(PathBuf::from(value)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

/// A day at a time, so that the text of a day is all that lies about; anew for each run, as the form on disk is part of what is measured.
fn ingest(vedette: &Path, data: &Path, rows: u64) -> Result<(), String> {
    remove(data)?;
    fs::create_dir_all(data).map_err(|error| format!("failed to create `{}`: {error}", data.display()))?;
    let (mut bytes, mut seconds) = (0, 0.0);
    for day in 0..sign_in_rows::DAYS {
        let input = data.join("day.ndjson");
        let failed = |error| format!("failed to write `{}`: {error}", input.display());
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&input).map_err(failed)?);
        bytes += sign_in_rows::write_day(&mut out, day, rows)
            .and_then(|bytes| out.flush().map(|()| bytes))
            .map_err(failed)?;
        let started = Instant::now();
        run(Command::new(vedette)
            .arg("ingest")
            .arg(&input)
            .arg("--workspace")
            .arg(data.join("workspace"))
            .stdout(Stdio::null())
            .stderr(Stdio::null()))?;
        seconds += started.elapsed().as_secs_f64();
        remove(&input)?;
    }
    let megabytes = bytes as f64 / 1e6;
    println!(
        "ingest: {rows} sign-ins, {megabytes:.0} MB of text in {seconds:.1} s = {:.0} MB/s\n",
        megabytes / seconds
    );
    Ok(())
}

/// A workspace with so many sign-ins in that folder, made anew.
pub(crate) fn workspace_of(vedette: &Path, folder: &Path, rows: u64) -> Result<PathBuf, String> {
    ingest(vedette, folder, rows)?;
    Ok(folder.join("workspace"))
}

/// The files of the questions, sorted.
pub(crate) fn questions() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("benches/queries");
    let failed = |error| format!("failed to list `{}`: {error}", folder.display());
    let entries = fs::read_dir(&folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    Ok(files)
}

/// The KQL of a question.
pub(crate) fn question(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("failed to read `{}`: {error}", file.display()))?;
    let kql = text.split_once("kql = '''").and_then(|(_, rest)| rest.split_once("'''"));
    kql.map(|(kql, _)| kql.trim().to_owned()).ok_or_else(|| format!("`{}` has no `kql`", file.display()))
}

fn remove(path: &Path) -> Result<(), String> {
    let outcome = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("failed to remove `{}`: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn print_sizes(sizes: &str) -> Result<(), String> {
    let mut words = sizes.split_whitespace().map(str::parse::<f64>);
    let (Some(Ok(ours)), Some(Ok(theirs))) = (words.next(), words.next()) else {
        return Err(format!("`parquet.py` printed `{sizes}` where two sizes were expected"));
    };
    println!("on disk: {:.1} MB, the peers' Parquet {:.1} MB, ratio {:.2}\n", ours / 1e6, theirs / 1e6, ours / theirs);
    Ok(())
}

fn peer_python(folder: &Path) -> Result<PathBuf, String> {
    let environment = folder.join("peers");
    let python = environment.join("bin/python");
    let imports = PEER_PACKAGES.join(", ").replace('-', "_");
    let loads = Command::new(&python).args(["-c", &format!("import {imports}")]).output();
    if loads.is_ok_and(|output| output.status.success()) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEER_PACKAGES))?;
    Ok(python)
}

fn run_for_text(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("failed to start {command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
