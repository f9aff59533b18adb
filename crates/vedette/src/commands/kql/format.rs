//! `vedette kql format`.

use std::process::ExitCode;

use server::{Error, KqlSource, format_source};

use super::sources;
use crate::args::KqlFormat;
use crate::{exit, output};

pub(super) fn run(args: &KqlFormat) -> Result<ExitCode, Error> {
    let found = sources(&args.sources)?;
    found.unreadable.iter().for_each(output::error);
    let (mut wrong, mut changed) = (0, 0);
    for source in found.sources.iter().filter(|source| is_own(source)) {
        let formatted = match format_source(source) {
            Ok(formatted) => formatted,
            Err(error) => {
                output::error(&error);
                wrong += 1;
                continue;
            }
        };
        changed += usize::from(formatted.changed);
        match (&source.file, args) {
            (_, KqlFormat { check: true, .. }) if formatted.changed => output::text(&format!("{}\n", source.name))?,
            (_, KqlFormat { check: true, .. }) => {}
            (Some(file), KqlFormat { write: true, .. }) if formatted.changed => {
                std::fs::write(file, &formatted.text)
                    .map_err(|error| Error::new(format!("failed to write `{}`: {error}", file.display())))?;
            }
            (Some(_), KqlFormat { write: true, .. }) => {}
            _ => output::text(&formatted.text)?,
        }
    }
    Ok(if !found.unreadable.is_empty() {
        exit::UNREADABLE_FILES.into()
    } else if wrong > 0 || args.check && changed > 0 {
        exit::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Queries inside of YAML are left as they are.
fn is_own(source: &KqlSource) -> bool {
    source.file.is_some() || ["query", "standard input"].contains(&source.name.as_str())
}
