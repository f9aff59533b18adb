//! The binder's messages: their codes, and names that may have been meant.

use kql_syntax::{Diagnostic, Span};

/// A name that is no column, table, function or parameter here.
pub(crate) const UNKNOWN_NAME: &str = "KQL101";
/// A table that does not exist.
pub(crate) const UNKNOWN_TABLE: &str = "KQL102";
/// A function that does not exist.
pub(crate) const UNKNOWN_FUNCTION: &str = "KQL103";
/// Wrong number of arguments.
pub(crate) const ARGUMENT_COUNT: &str = "KQL104";
/// An operand or argument of a type that does not fit.
pub(crate) const TYPE_MISMATCH: &str = "KQL105";
/// A tabular expression where a scalar is needed, or the other way around.
pub(crate) const WRONG_KIND: &str = "KQL106";
/// A value that must be constant is not.
pub(crate) const NOT_CONSTANT: &str = "KQL107";
/// A name that is given twice.
pub(crate) const DUPLICATE_NAME: &str = "KQL108";
/// A literal that cannot be read as its type.
pub(crate) const BAD_LITERAL: &str = "KQL109";
/// A use that the operator or function does not allow.
pub(crate) const INVALID_USE: &str = "KQL110";
/// A stored function that calls itself.
pub(crate) const RECURSION: &str = "KQL111";
/// A watchlist that does not exist. A warning: it has no rows.
pub(crate) const UNKNOWN_WATCHLIST: &str = "KQL112";
/// A stored function or watchlist whose text is wrong.
pub(crate) const BAD_DEFINITION: &str = "KQL113";
/// An argument that Microsoft's language service refuses and the engine takes.
pub(crate) const TOLERATED_ARGUMENT: &str = "KQL114";
/// The plan was refused; a defect of this crate, reported without stopping the program.
pub(crate) const PLAN: &str = "KQL199";
/// An operator that is not supported yet.
pub(crate) const UNSUPPORTED_OPERATOR: &str = "KQL201";
/// A function or plugin that is not supported yet.
pub(crate) const UNSUPPORTED_FUNCTION: &str = "KQL202";
/// A statement that is not supported yet.
pub(crate) const UNSUPPORTED_STATEMENT: &str = "KQL203";
/// A parameter or form of an operator that is not supported yet.
pub(crate) const UNSUPPORTED_FORM: &str = "KQL204";
/// A function reads something that the engine was not given.
pub(crate) const MISSING_RESOURCE: &str = "KQL205";
/// Nested too deep.
pub(crate) const TOO_DEEP: &str = "KQL301";
/// More columns, rows or states than a plugin makes.
pub(crate) const TOO_MANY: &str = "KQL302";

/// An external file that the query may not read.
pub(crate) const EXTERNAL_REFUSED: &str = "KQL401";
/// An external file that cannot be read.
pub(crate) const EXTERNAL_FAILED: &str = "KQL402";

/// "`X` is not supported yet".
pub(crate) fn unsupported(code: &'static str, span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(code, span, format!("`{what}` is not supported yet"))
}

/// An unknown name, with the nearest of `known` as a hint.
pub(crate) fn unknown<'a>(
    code: &'static str,
    span: Span,
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(code, span, format!("no {what} is named `{name}`"));
    match nearest(name, known) {
        Some(near) => diagnostic.with_hint(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// The most alike name, if alike enough: at most a third of its letters differ, or only the case.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let distance = edit_distance(&lower, &candidate.to_lowercase());
            (distance <= name.chars().count() / 3).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Longest name that suggestions are looked for, in characters.
const MAX_COMPARED: usize = 128;

/// Levenshtein's distance, in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(MAX_COMPARED).collect();
    let b: Vec<char> = b.chars().take(MAX_COMPARED).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_when_near_enough() {
        let known = ["SigninLogs", "AuditLogs", "OfficeActivity"];
        assert_eq!(nearest("SignInLogs", known), Some("SigninLogs"));
        assert_eq!(nearest("AuditLog", known), Some("AuditLogs"));
        assert_eq!(nearest("Nothing", known), None);
    }
}
