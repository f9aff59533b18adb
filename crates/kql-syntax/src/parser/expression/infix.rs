//! Which infix operator stands here, and how tight it binds.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{BinaryOp, InOp};

/// How tight an operator binds, loosest first. Text operators bind tighter than arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Equality,
    Relational,
    Additive,
    Multiplicative,
    Text,
    Prefix,
}

impl Level {
    pub(super) fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Equality,
            Self::Equality => Self::Relational,
            Self::Relational => Self::Additive,
            Self::Additive => Self::Multiplicative,
            Self::Multiplicative => Self::Text,
            Self::Text | Self::Prefix => Self::Prefix,
        }
    }
}

/// An infix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    Binary(BinaryOp),
    In(InOp),
    Between { negated: bool },
}

impl Infix {
    pub(super) fn level(self) -> Level {
        match self {
            Self::In(_) | Self::Between { .. } => Level::Equality,
            Self::Binary(op) => match op {
                BinaryOp::Or => Level::Or,
                BinaryOp::And => Level::And,
                BinaryOp::Equal | BinaryOp::NotEqual => Level::Equality,
                BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
                    Level::Relational
                }
                BinaryOp::Add | BinaryOp::Subtract => Level::Additive,
                BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => Level::Multiplicative,
                _ => Level::Text,
            },
        }
    }
}

/// Whether the word is an operator between operands, so that it can begin none.
pub(in crate::parser) fn is_operator_word(word: &str) -> bool {
    word_operator(word).is_some()
}

fn word_operator(word: &str) -> Option<Infix> {
    use BinaryOp as B;
    Some(match word {
        "or" => Infix::Binary(B::Or),
        "and" => Infix::Binary(B::And),
        "in" => Infix::In(InOp::In),
        "has_any" => Infix::In(InOp::HasAny),
        "has_all" => Infix::In(InOp::HasAll),
        "between" => Infix::Between { negated: false },
        "has" => Infix::Binary(B::Has),
        "has_cs" => Infix::Binary(B::HasCs),
        "hasprefix" => Infix::Binary(B::HasPrefix),
        "hasprefix_cs" => Infix::Binary(B::HasPrefixCs),
        "hassuffix" => Infix::Binary(B::HasSuffix),
        "hassuffix_cs" => Infix::Binary(B::HasSuffixCs),
        "contains" => Infix::Binary(B::Contains),
        "contains_cs" | "containscs" => Infix::Binary(B::ContainsCs),
        "startswith" => Infix::Binary(B::StartsWith),
        "startswith_cs" => Infix::Binary(B::StartsWithCs),
        "endswith" => Infix::Binary(B::EndsWith),
        "endswith_cs" => Infix::Binary(B::EndsWithCs),
        "like" | "likecs" => Infix::Binary(B::Like),
        "notlike" | "notlikecs" => Infix::Binary(B::NotLike),
        "notcontains" => Infix::Binary(B::NotContains),
        "notcontainscs" => Infix::Binary(B::NotContainsCs),
        _ => return None,
    })
}

fn bang_operator(word: &str) -> Option<Infix> {
    use BinaryOp as B;
    Some(match word {
        "!in" => Infix::In(InOp::NotIn),
        "!has_any" => Infix::In(InOp::NotHasAny),
        "!between" => Infix::Between { negated: true },
        "!has" => Infix::Binary(B::NotHas),
        "!has_cs" => Infix::Binary(B::NotHasCs),
        "!hasprefix" => Infix::Binary(B::NotHasPrefix),
        "!hasprefix_cs" => Infix::Binary(B::NotHasPrefixCs),
        "!hassuffix" => Infix::Binary(B::NotHasSuffix),
        "!hassuffix_cs" => Infix::Binary(B::NotHasSuffixCs),
        "!contains" => Infix::Binary(B::NotContains),
        "!contains_cs" => Infix::Binary(B::NotContainsCs),
        "!startswith" => Infix::Binary(B::NotStartsWith),
        "!startswith_cs" => Infix::Binary(B::NotStartsWithCs),
        "!endswith" => Infix::Binary(B::NotEndsWith),
        "!endswith_cs" => Infix::Binary(B::NotEndsWithCs),
        _ => return None,
    })
}

fn sign_operator(kind: TokenKind) -> Option<BinaryOp> {
    use BinaryOp as B;
    Some(match kind {
        TokenKind::Equal => B::Equal,
        TokenKind::NotEqual | TokenKind::NotEqualOld => B::NotEqual,
        TokenKind::EqualTilde => B::EqualIgnoreCase,
        TokenKind::BangTilde => B::NotEqualIgnoreCase,
        TokenKind::Less => B::Less,
        TokenKind::LessOrEqual => B::LessOrEqual,
        TokenKind::Greater => B::Greater,
        TokenKind::GreaterOrEqual => B::GreaterOrEqual,
        TokenKind::Plus => B::Add,
        TokenKind::Minus => B::Subtract,
        TokenKind::Star => B::Multiply,
        TokenKind::Slash => B::Divide,
        TokenKind::Percent => B::Modulo,
        TokenKind::Colon => B::Colon,
        _ => return None,
    })
}

impl Parser<'_> {
    /// The infix operator here and its number of tokens.
    pub(super) fn peek_infix(&self) -> Option<(Infix, usize)> {
        let text = self.text_of(self.span());
        let found = match self.kind() {
            TokenKind::Ident if text == "matches" && self.word(1) == "regex" => {
                return Some((Infix::Binary(BinaryOp::MatchesRegex), 2));
            }
            TokenKind::Ident => word_operator(text)?,
            TokenKind::BangWord => bang_operator(text)?,
            TokenKind::Colon if !self.allows_colon => return None,
            kind => return Some((Infix::Binary(sign_operator(kind)?), 1)),
        };
        let has_tilde = self.token(1).kind == TokenKind::Tilde && self.is_adjacent(0);
        Some(match found {
            Infix::In(InOp::In) if has_tilde => (Infix::In(InOp::InIgnoreCase), 2),
            Infix::In(InOp::NotIn) if has_tilde => (Infix::In(InOp::NotInIgnoreCase), 2),
            other => (other, 1),
        })
    }
}
