//! Runs the fuzz targets of `fuzz/` with libFuzzer on the stable toolchain.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::project::{self, cargo, root, run};

/// What `cargo fuzz` passes for coverage, without the address sanitizer, which stable Rust lacks.
const COVERAGE_FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";
const HOST: &str = "x86_64-unknown-linux-gnu";
/// One input, in bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;
/// Memory of one target; above it libFuzzer reports the input.
const MEMORY_MB_MAX: usize = 2048;
/// Time for one input; above it libFuzzer reports the input.
const INPUT_SECONDS_MAX: usize = 10;

/// `fuzz [--seconds N] [TARGET…]`: builds all targets once, then runs each.
pub(crate) fn fuzz(args: &[String]) -> Result<(), String> {
    let (seconds, wanted) = parse(args)?;
    let all = targets()?;
    for name in &wanted {
        if !all.contains(name) {
            return Err(format!("no fuzz target `{name}`\nhint: there are {}", all.join(", ")));
        }
    }
    let chosen = if wanted.is_empty() { all } else { wanted };
    build()?;
    let mut failed = Vec::new();
    for name in &chosen {
        println!("fuzz: {name} for {seconds} s");
        if let Err(error) = run_target(name, seconds) {
            eprintln!("{error}");
            failed.push(name.as_str());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("fuzz: a crash in {}", failed.join(", "))) }
}

fn parse(args: &[String]) -> Result<(u64, Vec<String>), String> {
    let mut seconds = 60;
    let mut wanted = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--seconds" {
            let value = rest.next().ok_or("`--seconds` needs a number")?;
            seconds = value.parse().map_err(|_| format!("`{value}` is no number of seconds"))?;
        } else {
            wanted.push(arg.clone());
        }
    }
    Ok((seconds, wanted))
}

/// The targets are the files of `fuzz/targets/`.
fn targets() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("failed to list `{}`: {error}", folder.display()))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    Ok(names)
}

fn target_dir() -> PathBuf {
    project::target_dir().join("fuzz")
}

fn build() -> Result<(), String> {
    run(cargo()
        .args(["build", "--release", "--bins", "--target", HOST, "--manifest-path"])
        .arg(root().join("fuzz/Cargo.toml"))
        .env("RUSTFLAGS", COVERAGE_FLAGS)
        .env("CARGO_TARGET_DIR", target_dir()))
}

fn run_target(name: &str, seconds: u64) -> Result<(), String> {
    let corpus = root().join("fuzz/corpus").join(name);
    let artifacts = root().join("fuzz/artifacts").join(name);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| format!("failed to create `{}`: {error}", folder.display()))?;
    }
    let seeds = root().join("fuzz/seeds").join(name);
    let mut command = Command::new(target_dir().join(HOST).join("release").join(name));
    command.arg(&corpus);
    if seeds.is_dir() {
        command.arg(&seeds);
    }
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-verbosity=0"]);
    run(&mut command)
}
