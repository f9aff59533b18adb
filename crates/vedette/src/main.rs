//! The `vedette` command: parses its arguments, calls `server`, prints.

mod args;
mod commands;
mod exit;
mod output;
mod progress;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::of_process();
    match commands::run(args.command) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            exit::FAILURE
        }
    }
}
