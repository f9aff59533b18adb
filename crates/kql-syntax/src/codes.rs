//! The stable codes of syntax diagnostics, one a constant.

/// The text is longer than [`crate::MAX_TEXT_BYTES`].
pub const TEXT_TOO_LONG: &str = "KQL001";
/// A character that begins no token.
pub const UNKNOWN_CHARACTER: &str = "KQL002";
/// A string without its closing quotes.
pub const UNTERMINATED_STRING: &str = "KQL003";
/// A backslash followed by something that is no escape.
pub const BAD_ESCAPE: &str = "KQL004";
/// A literal such as `datetime(` without its closing parenthesis.
pub const UNTERMINATED_LITERAL: &str = "KQL005";
/// A literal whose text does not fit its type, such as `int(abc)`.
pub const BAD_LITERAL: &str = "KQL006";
/// Something else was expected here.
pub const EXPECTED: &str = "KQL010";
/// Words after `|` that name no operator.
pub const UNKNOWN_OPERATOR: &str = "KQL011";
/// A type that KQL does not have.
pub const UNKNOWN_TYPE: &str = "KQL012";
/// Something left over after a complete operator or statement.
pub const UNEXPECTED: &str = "KQL013";
/// Brackets, calls and pipelines nested deeper than [`crate::MAX_NESTING`].
pub const TOO_DEEP: &str = "KQL014";
/// A chain of operators such as `a + b + c` with more than [`crate::MAX_CHAIN`] links.
pub const CHAIN_TOO_LONG: &str = "KQL015";
/// A management command, which begins with a dot.
pub const MANAGEMENT_COMMAND: &str = "KQL016";
/// Nothing but comments and white space.
pub const EMPTY_QUERY: &str = "KQL017";
/// The formatter would have changed the meaning or lost a comment, so it refuses.
pub const CANNOT_FORMAT: &str = "KQL018";
/// More diagnostics than [`crate::MAX_DIAGNOSTICS`]; the rest are left out.
pub const TOO_MANY: &str = "KQL019";
/// `where a = b`, which filters by `b` alone. A warning.
pub const ASSIGNED_CONDITION: &str = "KQL020";
/// A keyword where a name stands, such as `first`.
pub const RESERVED_NAME: &str = "KQL022";
/// A placeholder such as `{Computer}`, which workbooks fill in before a query runs.
pub const PLACEHOLDER: &str = "KQL021";
