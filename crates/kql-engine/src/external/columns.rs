//! From the bytes of external files to columns.

use std::cell::Cell;

use arrow::array::ArrayRef;

use super::cells::Cells;
use super::{ExternalQuestion, Format, delimited, json_records};
use crate::binder::Stop;
use crate::computed::Watch;

/// Records between two looks at the clock.
const RECORDS_PER_LOOK: usize = 4096;

/// What stopped the reading of a file.
pub(super) enum Problem {
    /// What is wrong with it.
    Damaged(String),
    /// The query's time is over.
    Stopped(Stop),
}

/// One file as columns.
pub(super) fn columns(
    question: &ExternalQuestion,
    format: Format,
    bytes: &[u8],
    watch: Watch<'_>,
) -> Result<Vec<ArrayRef>, Problem> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let is_json = format == Format::Json;
    let mappings = question.mappings(format).map_err(Problem::Damaged)?;
    let mut cells = Cells::new(&question.columns, &mappings);
    let count = Cell::new(0_usize);
    let stopped = Cell::new(None);
    let tick = || {
        count.set(count.get() + 1);
        if count.get().is_multiple_of(RECORDS_PER_LOOK)
            && let Err(stop) = watch.check()
        {
            stopped.set(Some(stop));
            return Err("out of time".to_owned());
        }
        Ok(())
    };
    let skip = question.skip_first;
    let outcome = match format {
        Format::Delimited { delimiter, quoted } => delimited::read(&text, (delimiter, quoted), skip, &mut cells, tick),
        Format::Json => json_records::read(&text, &mut cells, tick),
        Format::Lines => lines(&text, skip, &mut cells, tick),
        Format::Whole => cells.push(|_| Some(&text)),
    };
    match (outcome, stopped.take()) {
        (_, Some(stop)) => Err(Problem::Stopped(stop)),
        (Err(problem), None) => Err(Problem::Damaged(problem)),
        (Ok(()), None) => Ok(cells.finish(is_json)),
    }
}

/// One value a line; empty lines are none.
fn lines(
    text: &str,
    skip: bool,
    cells: &mut Cells<'_>,
    mut tick: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    for line in text.lines().filter(|line| !line.is_empty()).skip(usize::from(skip)) {
        tick()?;
        cells.push(|mapping| matches!(mapping, super::Mapping::Ordinal(0)).then_some(line))?;
    }
    Ok(())
}
