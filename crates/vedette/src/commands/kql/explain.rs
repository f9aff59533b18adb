//! `vedette kql explain`.

use std::process::ExitCode;

use server::{Error, KqlChecker};

use super::{options, sources};
use crate::args::{KqlExplain, ReportFormat};
use crate::output;

pub(super) fn run(args: &KqlExplain) -> Result<ExitCode, Error> {
    let mut found = sources(args.source.as_slice())?;
    if let Some(error) = found.unreadable.pop() {
        return Err(error);
    }
    let [source] = found.sources.as_slice() else {
        return Err(Error::new("`explain` takes one query").with_hint("name one file, not a folder"));
    };
    let plans = KqlChecker::new(&options(&args.against))?.explain(source)?;
    if args.format == ReportFormat::Json {
        output::json(&plans)?;
    } else {
        output::text(&format!(
            "Logical plan\n{}\n\nPhysical plan\n{}\n",
            plans.logical.trim_end(),
            plans.physical.trim_end()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
