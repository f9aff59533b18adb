//! Tokens.

use crate::Span;

/// A token with its place; its text is the slice of the query at the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
}

/// The kinds of token. Keywords are identifiers: what is one depends on the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "punctuation is named after its sign")]
pub enum TokenKind {
    /// `Name`, `$left`, `_x`, `where`.
    Ident,
    /// `!in`, `!has_any`: the sign and the word.
    BangWord,
    /// Any form of string.
    String,
    /// `5`, `0x1F`.
    Long,
    /// `1.5`, `1e3`.
    Real,
    /// `2h`.
    TimeSpan,
    /// `datetime(…)` and its kin, up to the closing parenthesis.
    TypedLiteral,
    Pipe,
    Comma,
    Semicolon,
    Dot,
    DotDot,
    Colon,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Assign,
    Equal,
    NotEqual,
    EqualTilde,
    BangTilde,
    Tilde,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    NotEqualOld,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    FatArrow,
    At,
    Question,
    /// A character that begins no token; reported by the lexer.
    Unknown,
    /// The end of the text.
    End,
}

impl TokenKind {
    /// The sign of a punctuation, or the name of the kind.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Ident => "a name",
            Self::BangWord => "an operator",
            Self::String => "a string",
            Self::Long | Self::Real => "a number",
            Self::TimeSpan => "a timespan",
            Self::TypedLiteral => "a literal",
            Self::Pipe => "`|`",
            Self::Comma => "`,`",
            Self::Semicolon => "`;`",
            Self::Dot => "`.`",
            Self::DotDot => "`..`",
            Self::Colon => "`:`",
            Self::OpenParen => "`(`",
            Self::CloseParen => "`)`",
            Self::OpenBracket => "`[`",
            Self::CloseBracket => "`]`",
            Self::OpenBrace => "`{`",
            Self::CloseBrace => "`}`",
            Self::Assign => "`=`",
            Self::Equal => "`==`",
            Self::NotEqual => "`!=`",
            Self::NotEqualOld => "`<>`",
            Self::EqualTilde => "`=~`",
            Self::BangTilde => "`!~`",
            Self::Tilde => "`~`",
            Self::Less => "`<`",
            Self::LessOrEqual => "`<=`",
            Self::Greater => "`>`",
            Self::GreaterOrEqual => "`>=`",
            Self::Plus => "`+`",
            Self::Minus => "`-`",
            Self::Star => "`*`",
            Self::Slash => "`/`",
            Self::Percent => "`%`",
            Self::FatArrow => "`=>`",
            Self::At => "`@`",
            Self::Question => "`?`",
            Self::Unknown => "an unknown character",
            Self::End => "the end of the query",
        }
    }
}
