//! Expressions and literals.

use super::{ColumnDeclaration, Ident, Pipeline};
use crate::Span;

/// An expression, scalar or tabular.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A column, table, `let` name or `$left`/`$right`.
    Name(String),
    /// `a.b`, also `a.['b c']`.
    Member {
        /// `a`.
        base: Box<Expr>,
        /// `b`.
        name: Ident,
    },
    /// `a[0]`, `a["b"]`.
    Index {
        /// `a`.
        base: Box<Expr>,
        /// What is in the brackets.
        index: Box<Expr>,
    },
    /// `f(x, y=z)`; also `database("x").T` as `Member` of a call. In `cluster("c").database("d")`
    /// the second call has the first as its first argument, named [`crate::QUALIFIER`].
    Call {
        /// `f`.
        name: Ident,
        /// In the order written.
        args: Vec<Argument>,
    },
    /// `-x`, `+x`.
    Unary {
        /// Which.
        op: UnaryOp,
        /// `x`.
        operand: Box<Expr>,
    },
    /// `a + b`, `a has b`, `a and b`, …
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// `a`.
        left: Box<Expr>,
        /// `b`.
        right: Box<Expr>,
    },
    /// `a in (b, c)`, `a has_any (list)`, …
    In {
        /// Which.
        op: InOp,
        /// `a`.
        value: Box<Expr>,
        /// What is in the parentheses, in order; a tabular expression is one item.
        items: Vec<Expr>,
    },
    /// `x between (a .. b)`.
    Between {
        /// `!between`.
        negated: bool,
        /// `x`.
        value: Box<Expr>,
        /// `a`, inclusive.
        low: Box<Expr>,
        /// `b`, inclusive.
        high: Box<Expr>,
    },
    /// `*` as an argument or in `where * has "x"`.
    Star,
    /// `typeof(long)`; in some calls `typeof(a:long, b:string)`.
    TypeOf(Vec<ColumnDeclaration>),
    /// `source | op | op`.
    Pipeline(Pipeline),
    /// `(name, name)` at the left of `=` or in `on`, and other bracketed lists: only where the grammar allows.
    List(Vec<Expr>),
    /// What could not be parsed; a diagnostic says why.
    Error,
}

/// What stands in a JSON string before `datetime TEXT` or `timespan TEXT`, a member of a dynamic literal that is no text: whoever
/// knows these types brings it into the form in which they are printed.
pub const TYPED_MEMBER: char = '\u{1}';

/// A literal with its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `true`, `bool(null)` as `None`.
    Bool(Option<bool>),
    /// `int(5)`.
    Int(Option<String>),
    /// `5`, `0x1F`, `long(5)`.
    Long(Option<String>),
    /// `1.5`, `1e3`, `real(nan)`.
    Real(Option<String>),
    /// `decimal(1.5)`.
    Decimal(Option<String>),
    /// Adjacent literals are already joined, escapes resolved.
    String(String),
    /// `datetime(2024-01-01)`: what is in the parentheses, trimmed, quotes taken off.
    DateTime(Option<String>),
    /// `2h`, `1tick`, `time(1.00:00:00)`, `timespan(2)`: the text without the wrapper.
    TimeSpan(Option<String>),
    /// `guid(…)`.
    Guid(Option<String>),
    /// `dynamic(…)`: valid JSON text; `None` for `dynamic(null)`. KQL's own literals inside (`datetime(..)`, `1d`) are kept as strings.
    Dynamic(Option<String>),
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `name=`, where given.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `+`.
    Plus,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the KQL operator of its name; `Not…` is the `!` form, `…Cs` the `_cs` form")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `=~`.
    EqualIgnoreCase,
    /// `!~`.
    NotEqualIgnoreCase,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Has,
    NotHas,
    HasCs,
    NotHasCs,
    HasPrefix,
    NotHasPrefix,
    HasPrefixCs,
    NotHasPrefixCs,
    HasSuffix,
    NotHasSuffix,
    HasSuffixCs,
    NotHasSuffixCs,
    Contains,
    NotContains,
    ContainsCs,
    NotContainsCs,
    StartsWith,
    NotStartsWith,
    StartsWithCs,
    NotStartsWithCs,
    EndsWith,
    NotEndsWith,
    EndsWithCs,
    NotEndsWithCs,
    MatchesRegex,
    /// `a like b` (old SQL form).
    Like,
    NotLike,
    /// `col : "text"` of `search`: has, case-insensitive.
    Colon,
}

/// Operators with a list at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(
    missing_docs,
    reason = "each is the KQL operator of its name; `Not…` is the `!` form, `IgnoreCase` the `~` form"
)]
pub enum InOp {
    In,
    NotIn,
    InIgnoreCase,
    NotInIgnoreCase,
    HasAny,
    NotHasAny,
    HasAll,
}
