//! What functions of plans do with documents, told by whoever brings the functions.

use datafusion::logical_expr::ScalarUDF;
use json_text::Step;

/// A function of one document: JSON text, null where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentFunction {
    /// The value at a path, as JSON text; null where [`json_text::get_path`] finds nothing or `null`.
    Path(Vec<Step>),
    /// The document itself.
    Same,
    /// The document that a text is, by [`json_text::parse`]; a text that is none becomes a JSON string or null.
    Parse,
    /// A document as text: the text of a JSON string, other documents without blanks, `""` for null.
    Text,
    /// A whole number within 64 bits.
    Long,
    /// A whole number within 32 bits, null beyond.
    Int,
    /// `true` or `false`.
    Bool,
}

/// Recognizes the functions of plans that read documents. Values of other kinds than the function's own may come out as anything:
/// leaf columns stand in only for values of exactly that kind.
pub type DocumentFunctions = fn(&ScalarUDF) -> Option<DocumentFunction>;
