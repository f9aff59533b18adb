//! What the engine's errors are on the wire: Kusto's codes and words.

use std::time::Duration;

use api::{Failure, FailureKind, Place};
use kql_engine::QueryError;
use kql_syntax::{Diagnostic, Position, Severity};

/// Kusto's code of texts that do not parse.
const SYNTAX: &str = "SYN0002";
/// Kusto's code of names that do not resolve, and of what cannot run for other reasons.
const SEMANTIC: &str = "SEM0100";
/// Kusto's code of functions that do not exist.
const UNKNOWN_FUNCTION: &str = "SEM0260";

/// The failure of a query with this text.
pub(super) fn failure_of(error: QueryError, text: &str, limit: Duration) -> Failure {
    let message = error.to_string();
    match error {
        QueryError::Invalid(diagnostics) => {
            let worst = diagnostics.iter().find(|found| found.severity == Severity::Error).or(diagnostics.first());
            match worst {
                Some(diagnostic) => of_diagnostic(diagnostic, text),
                None => Failure::bad_request(message),
            }
        }
        QueryError::Limit { unit: "seconds", .. } => Failure::new(FailureKind::Timeout { limit }, message),
        QueryError::Limit { .. } => Failure::new(FailureKind::OutOfMemory, message),
        QueryError::Cancelled => Failure::new(FailureKind::Cancelled, message),
        QueryError::Execution(_) => Failure::new(FailureKind::Internal, message),
    }
}

fn of_diagnostic(diagnostic: &Diagnostic, text: &str) -> Failure {
    let position = Position::of(text, diagnostic.span.start);
    let token = text.get(diagnostic.span.start..diagnostic.span.end).unwrap_or_default();
    let token: String = token.chars().take(MAX_TOKEN_CHARACTERS).collect();
    let place = Place { line: position.line, position: position.column, token: token.clone() };
    let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    // Codes of the engine's language: see `kql_syntax::codes` and `kql_engine`'s diagnostics.
    let (is_syntax, code, message) = match diagnostic.code {
        code if code.starts_with("KQL0") => {
            let message = format!("A recognition error occurred: {}", diagnostic.message);
            (true, SYNTAX, format!("{message} ({code})"))
        }
        "KQL101" => (false, SEMANTIC, format!("Failed to resolve scalar expression named '{token}'")),
        "KQL102" => (false, SEMANTIC, format!("'table' operator: Failed to resolve table expression named '{token}'")),
        "KQL103" => {
            (false, UNKNOWN_FUNCTION, format!("Unknown function: '{}'", token.split('(').next().unwrap_or_default()))
        }
        code => (false, SEMANTIC, format!("{} ({code})", diagnostic.message)),
    };
    let kind = if is_syntax { FailureKind::Syntax { code, place } } else { FailureKind::Semantic { code, place } };
    Failure::new(kind, message + &hint)
}

/// Longest part of a query that an error repeats as its token.
const MAX_TOKEN_CHARACTERS: usize = 200;

#[cfg(test)]
mod tests {
    use kql_syntax::Span;

    use super::*;

    #[test]
    fn names_that_do_not_resolve_are_told_in_kustos_words_with_their_place() {
        let text = "T\n| where Foo == 1";
        let at = text.find("Foo").unwrap();
        let diagnostic = Diagnostic::error("KQL101", Span::new(at, at + 3), "no column is named `Foo`");
        let failure = of_diagnostic(&diagnostic.with_hint("did you mean `Fool`?"), text);
        assert_eq!(failure.message, "Failed to resolve scalar expression named 'Foo' (did you mean `Fool`?)");
        let place = Place { line: 2, position: 9, token: "Foo".to_owned() };
        assert_eq!(failure.kind, FailureKind::Semantic { code: "SEM0100", place });
    }

    #[test]
    fn limits_tell_time_from_memory() {
        let limit = |unit| failure_of(QueryError::Limit { limit: 5, unit }, "", Duration::from_secs(5)).status();
        assert_eq!((limit("seconds"), limit("bytes of memory")), (504, 400));
        let invalid = failure_of(QueryError::Invalid(Vec::new()), "", Duration::ZERO);
        assert_eq!(invalid.status(), 400);
    }
}
