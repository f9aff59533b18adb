//! Records of JSON.

use kql_functions::dynamic::{Kind, elements, get_path, kind};
use serde_json::value::RawValue;

use super::cells::Cells;
use super::mapping::Mapping;

/// Adds the records of a file: JSON values one after the other, arrays standing for their elements.
///
/// # Errors
/// What is wrong with the file: it is not read by half.
pub(super) fn read(
    text: &str,
    cells: &mut Cells<'_>,
    mut tick: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let value = value.map_err(|error| format!("no JSON: {error}"))?.get();
        match kind(value) {
            Kind::Array => {
                for element in elements(value) {
                    tick()?;
                    push(element, cells)?;
                }
            }
            _ => {
                tick()?;
                push(value, cells)?;
            }
        }
    }
    Ok(())
}

fn push(record: &str, cells: &mut Cells<'_>) -> Result<(), String> {
    cells.push(|mapping| match mapping {
        Mapping::Path(path) => get_path(record, path).filter(|value| *value != "null"),
        _ => None,
    })
}
