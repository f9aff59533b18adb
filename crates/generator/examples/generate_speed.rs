//! How fast a tenant is generated: `generate_speed USERS DAYS [THREADS]` writes to nowhere and prints megabytes, seconds and
//! the peak of memory.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool of the project")]

use std::fs;
use std::time::Instant;

use generator::{GenerateOptions, NullSink, generate_into};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<usize> = std::env::args().skip(1).map(|arg| arg.parse()).collect::<Result<_, _>>()?;
    let &[users, days, ref rest @ ..] = args.as_slice() else {
        return Err("usage: generate_speed USERS DAYS [THREADS]".into());
    };
    let threads = rest.first().copied().unwrap_or(1);
    let options = GenerateOptions { users: users as u32, days: days as u32, threads, ..GenerateOptions::default() };
    let started = Instant::now();
    let truth = generate_into(&options, &NullSink)?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes: u64 = truth.files.iter().map(|file| file.bytes).sum();
    let records: u64 = truth.files.iter().map(|file| file.records).sum();
    let megabytes = bytes as f64 / 1e6;
    println!("{records} records, {megabytes:.0} MB in {seconds:.2} s: {:.0} MB/s", megabytes / seconds);
    for (log, count) in &truth.counts {
        println!("  {count:>9} {log}");
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{peak}");
    }
    Ok(())
}
