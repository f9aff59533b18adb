//! From text to tokens.
//!
//! Keywords are not told from names here, and `project-away` is three tokens: the parser joins
//! them where an operator is expected, because `a-b` elsewhere is a subtraction.

mod number;
mod string;

pub(crate) use string::value as string_value;

use crate::token::{Token, TokenKind};
use crate::{Diagnostic, Span, codes};

/// What the lexer finds.
#[derive(Debug, Default)]
pub struct Lexed {
    /// Ends with one token of kind [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// Places of `//` comments, without the line end.
    pub comments: Vec<Span>,
    /// Unknown characters and unterminated strings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Names that make `name(…)` a literal whose parentheses hold raw text.
const TYPED_LITERALS: [&str; 16] = [
    "bool", "boolean", "int", "int32", "long", "int64", "real", "double", "decimal", "datetime", "date", "time",
    "timespan", "guid", "uuid", "uniqueid",
];

/// Splits `text` into tokens. Never fails.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { text, position: 0, out: Lexed::default() };
    while lexer.position < text.len() {
        lexer.next();
    }
    lexer.out.tokens.push(Token { kind: TokenKind::End, span: Span::new(text.len(), text.len()) });
    lexer.out
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
    out: Lexed,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.out.tokens.push(Token { kind, span: Span::new(start, self.position) });
    }

    fn error(&mut self, code: &'static str, start: usize, message: impl Into<String>) {
        self.out.diagnostics.push(Diagnostic::error(code, Span::new(start, self.position), message));
    }

    fn skip_while(&mut self, test: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.position += rest.find(|c| !test(c)).unwrap_or(rest.len());
    }

    fn next(&mut self) {
        let Some(first) = self.peek() else { return };
        if is_space(first) {
            self.skip_while(is_space);
        } else if self.rest().starts_with("//") {
            self.comment();
        } else if let Some(kind) = string::start(self.rest()) {
            string::lex(self, kind);
        } else if first.is_ascii_digit() {
            number::lex(self);
        } else if is_name_start(first) {
            self.word();
        } else {
            self.punctuation(first);
        }
    }

    fn comment(&mut self) {
        let start = self.position;
        let rest = self.rest();
        self.position += rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end = start + self.text[start..self.position].trim_end().len();
        self.out.comments.push(Span::new(start, end));
    }

    fn word(&mut self) {
        let start = self.position;
        self.position += self.peek().map_or(0, char::len_utf8);
        self.skip_while(is_name_part);
        let word = &self.text[start..self.position];
        if TYPED_LITERALS.contains(&word)
            && !self.follows_dot()
            && self.rest().trim_start_matches(is_space).starts_with('(')
        {
            self.typed_literal(start);
        } else {
            self.push(TokenKind::Ident, start);
        }
    }

    /// `a.time(…)` is no literal.
    fn follows_dot(&self) -> bool {
        self.out.tokens.last().is_some_and(|token| token.kind == TokenKind::Dot)
    }

    fn typed_literal(&mut self, start: usize) {
        let rest = self.rest();
        let close = closing_parenthesis(rest);
        self.position += close.unwrap_or_else(|| rest.find(['\n', '\r', '|', ';']).unwrap_or(rest.len()));
        if close.is_none() {
            self.error(
                codes::UNTERMINATED_LITERAL,
                start,
                "expected `)` at the end of the literal, found the end of its line",
            );
        }
        self.push(TokenKind::TypedLiteral, start);
    }

    fn punctuation(&mut self, first: char) {
        let start = self.position;
        let rest = self.rest();
        if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            self.position += sign.len();
            self.push(*kind, start);
        } else if first == '!' && rest[1..].starts_with(is_name_start) {
            self.position += 1;
            self.skip_while(is_name_part);
            self.push(TokenKind::BangWord, start);
        } else {
            self.unknown(start);
        }
    }

    /// A run of unknown characters is one token and one diagnostic.
    fn unknown(&mut self, start: usize) {
        let known = |c: char| {
            is_space(c)
                || is_name_part(c)
                || matches!(c, '"' | '\'' | '`' | '~')
                || SIGNS.iter().any(|(sign, _)| sign.starts_with(c))
        };
        self.position += self.peek().map_or(0, char::len_utf8);
        self.skip_while(|c| !known(c));
        let shown: String = self.text[start..self.position].chars().take(20).collect();
        let message = format!("`{shown}` is no part of the language");
        self.error(codes::UNKNOWN_CHARACTER, start, message);
        if shown.contains(['‘', '’', '“', '”'])
            && let Some(last) = self.out.diagnostics.last_mut()
        {
            last.hint = Some("strings stand in straight quotes: `'…'` or `\"…\"`".to_owned());
        }
        self.push(TokenKind::Unknown, start);
    }
}

/// Longest first where one begins another.
const SIGNS: [(&str, TokenKind); 31] = [
    ("..", TokenKind::DotDot),
    ("==", TokenKind::Equal),
    ("=~", TokenKind::EqualTilde),
    ("=>", TokenKind::FatArrow),
    ("!=", TokenKind::NotEqual),
    ("!~", TokenKind::BangTilde),
    ("<>", TokenKind::NotEqualOld),
    ("<=", TokenKind::LessOrEqual),
    (">=", TokenKind::GreaterOrEqual),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
    ("=", TokenKind::Assign),
    ("|", TokenKind::Pipe),
    (",", TokenKind::Comma),
    (";", TokenKind::Semicolon),
    (".", TokenKind::Dot),
    (":", TokenKind::Colon),
    ("(", TokenKind::OpenParen),
    (")", TokenKind::CloseParen),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
    ("~", TokenKind::Tilde),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("%", TokenKind::Percent),
    ("@", TokenKind::At),
    ("?", TokenKind::Question),
];

pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

pub(crate) fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$') || (!c.is_ascii() && c.is_alphabetic())
}

pub(crate) fn is_name_part(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit()
}

/// Offset just past the `)` that closes the first `(` of `text`, quotes respected.
fn closing_parenthesis(text: &str) -> Option<usize> {
    let open = text.find('(')?;
    let mut quote = None;
    for (offset, c) in text[open..].char_indices() {
        match (quote, c) {
            (None, ')') => return Some(open + offset + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '\n' | '\r' | '|' | ';') => return None,
            (_, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
