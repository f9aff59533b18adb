//! `cargo xtask`: checks, fuzzing and benches that belong to the project, not to the product.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool of the project")]

mod bench;
mod chaos;
mod fuzz;
mod link_order;
mod load;
mod project;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  tidy                               crate arrows, file and function lengths, stray text
  chaos [--kills 200] [--postgres]   kills the service under load; what was acknowledged must be there, once
  fuzz [--seconds 60] [TARGET…]      runs each fuzz target for that long
  load [--seconds 300] [--peers]     MB/s and times of the service under load, beside DuckDB and chDB (builds a release)
  link-order                         which functions the linker lays next to each other (builds `dist`, needs valgrind)
  bench ingest [--peers]             MB/s of input per core by format, beside DuckDB and the bare evtx parser
  bench queries [--rows 2000000]     questions of detections, beside DuckDB, Polars, chDB and duckdb-kql
  bench rules [--users 500] [--days 3]
                                     processor time of all rules together and one by one, and of 300 variations
  bench sign-ins [--rows 1000000]    ingests sign-ins, times the top-failures query as a whole process
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("tidy") => tidy::tidy(),
        Some("chaos") => chaos::chaos(&args[1..]),
        Some("load") => load::load(&args[1..]),
        Some("fuzz") => fuzz::fuzz(&args[1..]),
        Some("link-order") => link_order::link_order(),
        Some("bench") => bench::bench(&args[1..]),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
