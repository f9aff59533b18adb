//! Printing: results to standard output, errors to standard error.

pub(crate) mod investigation;
pub(crate) mod junit;
pub(crate) mod rows;
pub(crate) mod table;
pub(crate) mod tenant;
mod wide_pipe;

use std::io::{self, Write};

use serde::Serialize;
use server::Error;

/// Prints an error and its hint.
pub(crate) fn error(error: &Error) {
    // Nothing can be done where standard error is closed.
    let _ = writeln!(io::stderr(), "error: {error}");
}

/// Prints what is likely not meant, beside the result.
pub(crate) fn warning(rendered: &str) {
    let _ = write!(io::stderr(), "{rendered}");
}

/// Writes text to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn text(text: &str) -> Result<(), Error> {
    done(io::stdout().write_all(text.as_bytes()))
}

/// Writes one JSON value.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(format!("failed to write the result as JSON: {error}")))?;
    self::text(&format!("{text}\n"))
}

/// Turns the outcome of writing to standard output into ours.
pub(crate) fn done(outcome: io::Result<()>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(format!("failed to write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
