//! The terms of a text, as KQL's `has` sees them: maximal runs of letters and digits, case set aside.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Shorter terms are in nearly every row group; they are neither kept nor asked for.
const MIN_TERM_BYTES: usize = 3;

/// Longer texts are kept by their terms only, not as a whole.
const MAX_WHOLE_BYTES: usize = 128;

/// Tells the hash of a whole text from that of a term.
const WHOLE_SEED: u64 = 1;

/// Calls back with the hash of each term of a text.
///
/// Operators compare letters beyond ASCII in the whole text's lower case, or not at all: such a text gives the terms of both forms.
pub(crate) fn each_term(text: &str, scratch: &mut Vec<u8>, mut found: impl FnMut(u64)) {
    if text.is_ascii() {
        return each_ascii_term(text.as_bytes(), scratch, found);
    }
    let mut keep = |term: &str| {
        if term.len() >= MIN_TERM_BYTES {
            found(xxh3_64(term.as_bytes()));
        }
    };
    let lower = text.to_lowercase();
    runs(&lower).for_each(&mut keep);
    runs(text).for_each(|run| keep(&run.to_lowercase()));
}

fn each_ascii_term(text: &[u8], scratch: &mut Vec<u8>, mut found: impl FnMut(u64)) {
    scratch.clear();
    scratch.extend_from_slice(text);
    scratch.make_ascii_lowercase();
    for term in scratch.split(|byte| !byte.is_ascii_alphanumeric()) {
        if term.len() >= MIN_TERM_BYTES {
            found(xxh3_64(term));
        }
    }
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty())
}

/// The hash of a text as a whole; `None` where none is kept.
pub(crate) fn whole(text: &str) -> Option<u64> {
    // Lower case takes at least a third of the bytes.
    if text.is_empty() || text.len() > 3 * MAX_WHOLE_BYTES {
        return None;
    }
    let lower = text.to_lowercase();
    (lower.len() <= MAX_WHOLE_BYTES).then(|| xxh3_64_with_seed(lower.as_bytes(), WHOLE_SEED))
}

/// A term that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoughtTerm {
    pub(crate) hash: u64,
    /// It may be (part of) a printed number.
    pub(crate) is_numeric: bool,
}

/// The terms that every text has in which `text` occurs, case set aside.
///
/// `starts_term` and `ends_term` say that no letter or digit may precede or follow it, so that its outermost runs are whole terms too.
pub(crate) fn sought_terms(text: &str, starts_term: bool, ends_term: bool) -> Vec<SoughtTerm> {
    let lower = text.to_lowercase();
    let folded: Vec<&str> = runs(&lower).collect();
    // Where lower case depends on the neighbors, operators that mind case and those that do not see different terms.
    if !text.is_ascii() && !runs(text).map(str::to_lowercase).eq(folded.iter().copied()) {
        return Vec::new();
    }
    let first = usize::from(!starts_term && lower.starts_with(char::is_alphanumeric));
    let last = folded.len() - usize::from(!ends_term && lower.ends_with(char::is_alphanumeric)).min(folded.len());
    let whole_terms = folded.get(first..last).unwrap_or_default();
    let long = whole_terms.iter().filter(|term| term.len() >= MIN_TERM_BYTES);
    long.map(|term| SoughtTerm { hash: xxh3_64(term.as_bytes()), is_numeric: is_numeric(term) }).collect()
}

/// Digits, with the `e` of an exponent.
fn is_numeric(term: &str) -> bool {
    term.bytes().all(|byte| byte.is_ascii_digit() || byte == b'e') && term.bytes().any(|byte| byte.is_ascii_digit())
}

/// What a JSON text can look like once it is read and printed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct JsonForms {
    /// With other terms than the text as it stands.
    pub(crate) others: Vec<String>,
    /// It has numbers that may be printed differently.
    pub(crate) has_reals: bool,
    /// It is no JSON: how it prints is not known.
    pub(crate) is_broken: bool,
}

impl JsonForms {
    pub(crate) fn of(json: &str) -> Self {
        let mut forms = JsonForms::default();
        let bytes = json.as_bytes();
        let (mut in_string, mut has_escape, mut has_code, mut at) = (false, false, false, 0);
        let mut token = Token::default();
        while at < bytes.len() {
            let byte = bytes[at];
            match byte {
                b'"' => {
                    in_string = !in_string;
                    token = Token::default();
                }
                b'\\' if in_string => {
                    has_escape = true;
                    has_code |= bytes.get(at + 1) == Some(&b'u');
                    at += 1;
                }
                _ if in_string => {}
                b'.' => forms.has_reals = true,
                b' ' | b'\t' | b'\n' | b'\r' => token.is_over = true,
                _ => {
                    forms.has_reals |= matches!(byte, b'e' | b'E') && token.last.is_ascii_digit();
                    forms.is_broken |= !token.goes_on_with(byte);
                    token = Token { last: byte, is_over: false };
                }
            }
            at += 1;
        }
        forms.is_broken |= in_string;
        if has_escape {
            forms.others.push(unescaped(json, false));
        }
        if has_code {
            forms.others.push(unescaped(json, true));
        }
        forms
    }
}

/// What comes before a place outside of strings.
#[derive(Default)]
struct Token {
    last: u8,
    /// Blanks follow, which a printer leaves out.
    is_over: bool,
}

impl Token {
    /// Whether JSON can go on with this byte: else a printer may put together what were two terms, or cut one.
    fn goes_on_with(&self, next: u8) -> bool {
        let is_letter = |byte: u8| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E');
        let changes = is_letter(next) && self.last.is_ascii_digit() || next.is_ascii_digit() && is_letter(self.last);
        let joins = self.is_over && next.is_ascii_alphanumeric() && self.last.is_ascii_alphanumeric();
        next.is_ascii() && !changes && !joins
    }
}

/// The text with its escapes decoded; where `only_codes`, just those of `\uXXXX`, as a printer leaves the others.
fn unescaped(json: &str, only_codes: bool) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let mut after = rest[at + 1..].chars();
        match after.next() {
            Some('u') => rest = push_code(&mut out, &rest[at + 2..], only_codes),
            Some(other) => {
                // All other escapes stand for characters that end a term.
                out.push('\\');
                if only_codes || !matches!(other, 'n' | 't' | 'r' | 'b' | 'f') {
                    out.push(other);
                }
                rest = after.as_str();
            }
            None => rest = "",
        }
    }
    out.push_str(rest);
    out
}

/// Appends the character of a code and returns what follows it; what is no code stays as it is.
fn push_code<'a>(out: &mut String, after: &'a str, only_codes: bool) -> &'a str {
    let code = |text: &str| text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(first) = code(after) else {
        out.push_str("\\u");
        return after;
    };
    let low = after.get(4..6).filter(|next| *next == "\\u").and_then(|_| after.get(6..)).and_then(code);
    let (value, length) = match (first, low) {
        (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => (0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00), 10),
        _ => (first, 4),
    };
    match char::from_u32(value) {
        Some(c) if only_codes && c.is_ascii_control() => {
            // A printer has short forms for some of them.
            out.push('\\');
            match c {
                '\n' => out.push('n'),
                '\r' => out.push('r'),
                '\t' => out.push('t'),
                '\u{8}' => out.push('b'),
                '\u{c}' => out.push('f'),
                _ => out.push_str(&format!("u{value:04x}")),
            }
        }
        Some(c) => out.push(c),
        None => {
            out.push_str("\\u");
            return after;
        }
    }
    &after[length..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u64> {
        let mut found = Vec::new();
        each_term(text, &mut Vec::new(), |hash| found.push(hash));
        found
    }

    fn hash(term: &str) -> u64 {
        xxh3_64(term.as_bytes())
    }

    #[test]
    fn terms_are_runs_of_letters_and_digits_without_case() {
        assert_eq!(hashes("Python-urllib/3.10 a_TEST"), [hash("python"), hash("urllib"), hash("test")]);
        assert!(hashes("Übung macht").contains(&hash("übung")));
        assert!(hashes("").is_empty());
    }

    #[test]
    fn only_whole_terms_of_a_text_are_sought() {
        let sought = |text, starts, ends| -> Vec<u64> {
            sought_terms(text, starts, ends).iter().map(|term| term.hash).collect()
        };
        assert_eq!(sought("foo.bar.baz", true, true), [hash("foo"), hash("bar"), hash("baz")]);
        assert_eq!(sought("foo.bar.baz", false, false), [hash("bar")]);
        assert_eq!(sought(".bar.", false, false), [hash("bar")]);
        assert_eq!(sought("word", false, true), [0u64; 0]);
        assert_eq!(sought("word", false, false), [0u64; 0]);
        assert_eq!(sought("", false, false), [0u64; 0]);
        assert_eq!(sought("ab c", true, true), [0u64; 0]);
        assert_eq!(sought("Ö-ÜBER", true, true), [hash("über")]);
        // Σ is ς at the end of a word.
        assert_eq!(sought("ΑΣΣ", true, true), [hash("ασς")]);
    }

    #[test]
    fn json_is_looked_at_as_it_may_be_printed() {
        assert_eq!(JsonForms::of(r#"{"a":12,"b":"x.y"}"#), JsonForms::default());
        assert!(JsonForms::of(r#"{"a":1.50}"#).has_reals);
        assert!(JsonForms::of(r#"{"a":1e5}"#).has_reals);
        assert!(!JsonForms::of(r#"{"a":true,"b":"1.5"}"#).has_reals);
        for broken in [r#"{"a":"b"#, "a b", "12ab", "é", "[1 2]"] {
            assert!(JsonForms::of(broken).is_broken, "{broken}");
        }
        for json in ["[1, -2, true , null]", r#" {"a" : [false,{"b":"é 1 2"}]} "#, "", "\"a\""] {
            assert!(!JsonForms::of(json).is_broken, "{json}");
        }
        let forms = |json: &str| JsonForms::of(json).others;
        assert_eq!(forms(r#""a\nbc\\d""#), [r#""a\bc\\d""#]);
        assert_eq!(forms(r#""x\u00e9\nb""#), [r#""xé\b""#, r#""xé\nb""#]);
        assert_eq!(forms(r#""\ud835\udc00\u000azz""#), ["\"\u{1d400}\nzz\"", "\"\u{1d400}\\nzz\""]);
        assert_eq!(forms(r#""\ud835x""#)[0], r#""\ud835x""#);
    }
}
