//! String literals: finding their end, and their value.

use super::Lexer;
use crate::codes;
use crate::token::TokenKind;

/// How a string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StringForm {
    /// Length of prefix and opening quotes.
    pub(crate) opening: usize,
    /// The closing quotes.
    pub(crate) closing: &'static str,
    /// How the inside is read.
    pub(crate) style: StringStyle,
}

/// How the inside of a string is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StringStyle {
    /// Backslash escapes; one line.
    Escaped,
    /// `@"…"`: doubled quotes; one line.
    Verbatim,
    /// Three back-ticks or tildes: raw, any number of lines.
    MultiLine,
}

/// The form of the string that `rest` begins with, if it does.
pub(crate) fn start(rest: &str) -> Option<StringForm> {
    let unhidden = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
    let bare = unhidden.strip_prefix('@').unwrap_or(unhidden);
    let prefix = rest.len() - bare.len();
    let is_verbatim = bare.len() < unhidden.len();
    let (quotes, closing, multi) = [("```", true), ("~~~", true), ("\"", false), ("'", false)]
        .into_iter()
        .find(|(quotes, _)| bare.starts_with(quotes))
        .map(|(quotes, multi)| (quotes.len(), quotes, multi))?;
    let style = match (multi, is_verbatim) {
        (true, true) => return None,
        (true, false) => StringStyle::MultiLine,
        (false, true) => StringStyle::Verbatim,
        (false, false) => StringStyle::Escaped,
    };
    Some(StringForm { opening: prefix + quotes, closing, style })
}

/// Lexes the string at the position.
pub(super) fn lex(lexer: &mut Lexer<'_>, form: StringForm) {
    let start = lexer.position;
    let (length, is_closed) = scan(lexer.rest(), form);
    lexer.position += length;
    if !is_closed {
        let place = if form.style == StringStyle::MultiLine { "the end of the query" } else { "the end of the line" };
        lexer.error(
            codes::UNTERMINATED_STRING,
            start,
            format!("expected `{}` at the end of the string, found {place}", form.closing),
        );
    }
    lexer.push(TokenKind::String, start);
}

/// Length of the string with its quotes, and whether it is closed.
fn scan(rest: &str, form: StringForm) -> (usize, bool) {
    let inside = &rest[form.opening..];
    if form.style == StringStyle::MultiLine {
        return match inside.find(form.closing) {
            Some(at) => (form.opening + at + form.closing.len(), true),
            None => (rest.len(), false),
        };
    }
    let mut chars = inside.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' | '\r' => return (form.opening + at, false),
            '\\' if form.style == StringStyle::Escaped => {
                chars.next_if(|(_, next)| !matches!(next, '\n' | '\r'));
            }
            _ if form.closing.starts_with(c) => {
                let is_doubled = form.style == StringStyle::Verbatim && inside[at + c.len_utf8()..].starts_with(c);
                if !is_doubled {
                    return (form.opening + at + c.len_utf8(), true);
                }
                chars.next();
            }
            _ => {}
        }
    }
    (rest.len(), false)
}

/// The value of a string literal, and the first bad escape with its byte offset.
pub(crate) fn value(literal: &str) -> (String, Option<(usize, String)>) {
    let Some(form) = start(literal) else { return (literal.to_owned(), None) };
    let inside = &literal[form.opening..];
    let inside = inside.strip_suffix(form.closing).unwrap_or(inside);
    match form.style {
        StringStyle::MultiLine => (inside.to_owned(), None),
        StringStyle::Verbatim => (inside.replace(&form.closing.repeat(2), form.closing), None),
        StringStyle::Escaped => {
            let (value, bad) = unescape(inside);
            (value, bad.map(|(at, escape)| (form.opening + at, escape)))
        }
    }
}

fn unescape(inside: &str) -> (String, Option<(usize, String)>) {
    let mut out = String::with_capacity(inside.len());
    let mut bad = None;
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (decoded, length) = decode_escape(escape);
        match decoded {
            Some(c) => out.push(c),
            None => {
                out.push_str(&escape[..length]);
                let offset = inside.len() - escape.len();
                bad.get_or_insert_with(|| (offset, escape[..length].to_owned()));
            }
        }
        rest = &escape[length..];
    }
    out.push_str(rest);
    (out, bad)
}

/// The character that the escape at the start of `escape` stands for, and its length.
fn decode_escape(escape: &str) -> (Option<char>, usize) {
    let Some(letter) = escape[1..].chars().next() else { return (None, 1) };
    let simple = match letter {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        '\\' | '\'' | '"' => Some(letter),
        _ => None,
    };
    if simple.is_some() {
        return (simple, 2);
    }
    match letter {
        'u' => hexadecimal(escape, 4).unwrap_or((None, 2)),
        'U' => hexadecimal(escape, 8).unwrap_or((None, 2)),
        'x' => hexadecimal(escape, 2).unwrap_or((None, 2)),
        '0'..='7' => octal(escape),
        other => (None, 1 + other.len_utf8()),
    }
}

fn hexadecimal(escape: &str, digits: usize) -> Option<(Option<char>, usize)> {
    let text = escape.get(2..2 + digits)?;
    let all_digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(text, 16).ok().filter(|_| all_digits)?;
    if (0xD800..0xDC00).contains(&code) && digits == 4 {
        return surrogate_pair(escape, code);
    }
    Some((Some(char::from_u32(code)?), 2 + digits))
}

fn surrogate_pair(escape: &str, high: u32) -> Option<(Option<char>, usize)> {
    let low = escape.get(6..)?.strip_prefix("\\u")?.get(..4)?;
    let low = u32::from_str_radix(low, 16).ok().filter(|low| (0xDC00..0xE000).contains(low))?;
    let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    Some((Some(char::from_u32(code)?), 12))
}

fn octal(escape: &str) -> (Option<char>, usize) {
    let digits: String = escape[1..].chars().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
    let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
    (char::from_u32(code), 1 + digits.len())
}
