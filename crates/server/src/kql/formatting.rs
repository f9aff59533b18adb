//! Lays queries out.

use super::source::KqlSource;
use crate::Error;

/// A query, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The text, with a line end at its end.
    pub text: String,
    /// Whether it differs from what was there.
    pub changed: bool,
}

/// Lays a query out.
///
/// # Errors
/// What is wrong with it, with the place.
pub fn format_source(source: &KqlSource) -> Result<Formatted, Error> {
    match kql_syntax::format(&source.text) {
        Ok(text) => {
            let text = format!("{}\n", text.trim_end_matches(['\n', '\r']));
            Ok(Formatted { changed: text != source.text, text })
        }
        Err(found) => {
            let rendered: Vec<String> = found.iter().map(|found| source.render(found)).collect();
            Err(Error::new(format!("`{}` cannot be formatted\n{}", source.name, rendered.join("\n"))))
        }
    }
}
