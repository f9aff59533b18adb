//! Records of values separated by a byte.

use super::cells::Cells;
use super::mapping::Mapping;

/// Adds the records of a file; `skip` leaves out the first.
///
/// # Errors
/// What is wrong with the file. Records that are too short are not: values that are missing are absent.
pub(super) fn read(
    text: &str,
    (delimiter, quoted): (u8, bool),
    skip: bool,
    cells: &mut Cells<'_>,
    mut tick: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(skip)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoted)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        tick()?;
        cells.push(|mapping| match mapping {
            Mapping::Ordinal(at) => record.get(*at),
            _ => None,
        })?;
    }
    Ok(())
}
