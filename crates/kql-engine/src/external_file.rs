//! What the engine asks of its catalog for `externaldata`, and what may come of it.

/// Most bytes of all files of one `externaldata`, decompressed, as in Azure Monitor
/// (<https://learn.microsoft.com/kusto/query/externaldata-operator>).
pub const MAX_EXTERNAL_BYTES: usize = 100 << 20;

/// A file that a query wants to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalRequest {
    /// As the query names it: `https://host/path`, or a path.
    pub uri: String,
    /// In an archive, only files whose name this matches (`*` stands for any run of characters).
    pub archive_pattern: Option<String>,
    /// Most bytes that it may have, decompressed.
    pub max_bytes: usize,
}

/// Why an external file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalError {
    /// Whether it was not tried, because it is not allowed.
    pub is_refusal: bool,
    /// Lower-case start, values in backticks, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ExternalError {
    /// The file may not be read; `hint` says how to allow it.
    pub fn refused(uri: &str, hint: &str) -> Self {
        let message = format!("reading `{}` is not allowed", shown(uri));
        Self { is_refusal: true, message, hint: Some(hint.to_owned()) }
    }

    /// The file could not be read.
    pub fn failed(uri: &str, why: &str) -> Self {
        Self { is_refusal: false, message: format!("failed to read `{}`: {why}", shown(uri)), hint: None }
    }

    /// The file has more bytes than a query may read.
    pub fn too_large(request: &ExternalRequest) -> Self {
        Self::failed(&request.uri, &format!("more than {} bytes", request.max_bytes))
    }
}

/// An address without what may be secret: keys follow a `?` or `;`.
fn shown(uri: &str) -> &str {
    uri.split(['?', ';']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_reach_messages() {
        let error = ExternalError::refused("https://a.example/x.csv?sig=secret", "ask");
        assert_eq!(error.message, "reading `https://a.example/x.csv` is not allowed");
        assert!(!ExternalError::failed("x.csv;key", "gone").message.contains("key"));
    }
}
