//! Queries from standard input.

use std::io::Read;

use server::Error;

/// Longest query text, in bytes.
const QUERY_BYTES_MAX: u64 = 1 << 20;

/// The query on standard input.
pub(super) fn standard_input() -> Result<String, Error> {
    let mut text = String::new();
    std::io::stdin()
        .take(QUERY_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| Error::new(format!("failed to read the query from standard input: {error}")))?;
    if text.len() as u64 > QUERY_BYTES_MAX {
        return Err(Error::new(format!("query on standard input is longer than {QUERY_BYTES_MAX} bytes")));
    }
    Ok(text)
}
