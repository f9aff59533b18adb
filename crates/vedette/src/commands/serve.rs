//! `vedette serve`.

use std::process::ExitCode;

use server::{Config, Error, serve};

use crate::args::Serve;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: Serve) -> Result<ExitCode, Error> {
    let config = Config::load(args.config.as_deref(), args.workspace).map_err(|error| Error::new(error.to_string()))?;
    if args.check {
        output::text("the configuration can be used\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    serve(config, |addresses, setup| {
        // Whoever started it may not read what it says.
        let _ = output::text(&format!("listening on {}\n", addresses.join(" ")));
        if let Some(link) = setup {
            let _ = output::text(&format!("make the first administrator within an hour, once: {link}\n"));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
