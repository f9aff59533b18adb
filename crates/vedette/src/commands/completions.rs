//! `vedette completions`.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use server::Error;

use crate::{args, output};

pub(crate) fn run(shell: Shell) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::Args::command(), "vedette", &mut script);
    output::text(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
