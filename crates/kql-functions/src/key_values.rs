//! Keys and values in texts, as the operator `parse-kv` reads them.

use std::borrow::Cow;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// Opening and closing quotes and what escapes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Quoting {
    /// Pairs of opening and closing quotes; often the same.
    pub quotes: Vec<(char, char)>,
    /// Inside of quotes, each takes the character after it as it is.
    pub escapes: Vec<char>,
}

/// How keys and values stand in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PairSyntax {
    /// `key` `between` `value`, and `pair` between pairs.
    Delimited {
        /// Between two pairs.
        pair: String,
        /// Between a key and its value.
        between: String,
        /// A value goes on to the next key instead of the next delimiter.
        is_greedy: bool,
        /// Around keys and values.
        quoting: Quoting,
    },
    /// Everything but letters and digits separates; the word after a key is its value.
    Words(Quoting),
    /// A regular expression whose first group is a key and whose second is its value.
    Regex(String),
}

/// Reads the values of some keys in texts.
#[derive(Debug)]
pub struct PairReader {
    syntax: PairSyntax,
    regex: Option<Regex>,
    keys: Vec<String>,
}

impl PairReader {
    /// A reader of these keys. An error where the syntax has a regular expression that is none, or without two groups.
    pub fn new(syntax: PairSyntax, keys: Vec<String>) -> Result<Self, String> {
        let regex = match &syntax {
            PairSyntax::Regex(text) => Some(crate::pattern::compile(text).map_err(|error| error.to_string())?),
            _ => None,
        };
        // The whole match counts as a group.
        if regex.as_ref().is_some_and(|regex| regex.captures_len() != 3) {
            return Err("it has not two groups, one for keys and one for values".to_owned());
        }
        Ok(Self { syntax, regex, keys })
    }

    /// What it was made of.
    pub fn parts(&self) -> (&PairSyntax, &[String]) {
        (&self.syntax, &self.keys)
    }

    /// The values of the keys, the first of each; blanks around them are taken off.
    pub fn values(&self, text: &str) -> Vec<Option<String>> {
        let keys = &self.keys;
        let mut found: Vec<Option<String>> = vec![None; keys.len()];
        let mut take = |key: &str, value: &str| {
            if let Some(at) = keys.iter().position(|wanted| wanted == key)
                && found[at].is_none()
            {
                found[at] = Some(value.to_owned());
            }
        };
        match &self.syntax {
            PairSyntax::Delimited { pair, between, is_greedy, quoting } => {
                let reader = Delimited { pair, between, is_greedy: *is_greedy, quoting };
                reader.read(text, &mut take);
            }
            PairSyntax::Words(quoting) => read_words(text, quoting, keys, &mut take),
            PairSyntax::Regex(_) => {
                for groups in self.regex.iter().flat_map(|regex| regex.captures_iter(text)) {
                    if let (Some(key), Some(value)) = (groups.get(1), groups.get(2)) {
                        take(key.as_str().trim(), value.as_str().trim());
                    }
                }
            }
        }
        found
    }
}

impl Quoting {
    /// The quoted text at the beginning, without its quotes and escapes, and its length with them.
    fn quoted<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, usize)> {
        let first = text.chars().next()?;
        let (_, close) = self.quotes.iter().find(|(open, _)| *open == first)?;
        let inside = &text[first.len_utf8()..];
        let mut unescaped = String::new();
        let mut plain_from = 0;
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            if self.escapes.contains(&c) {
                unescaped.push_str(&inside[plain_from..at]);
                let (next_at, next) = chars.next()?;
                unescaped.push(next);
                plain_from = next_at + next.len_utf8();
            } else if c == *close {
                let length = first.len_utf8() + at + c.len_utf8();
                if unescaped.is_empty() && plain_from == 0 {
                    return Some((Cow::Borrowed(&inside[..at]), length));
                }
                unescaped.push_str(&inside[plain_from..at]);
                return Some((Cow::Owned(unescaped), length));
            }
        }
        None
    }
}

/// Reads pairs between delimiters.
struct Delimited<'a> {
    pair: &'a str,
    between: &'a str,
    is_greedy: bool,
    quoting: &'a Quoting,
}

impl Delimited<'_> {
    fn read(&self, text: &str, take: &mut impl FnMut(&str, &str)) {
        let mut at = 0;
        while at < text.len() {
            at = self.skip_blanks(text, at);
            let rest = &text[at..];
            if rest.starts_with(self.pair) {
                at += self.pair.len();
                continue;
            }
            let Some((key, length)) = self.key(rest) else {
                match rest.find(self.pair) {
                    Some(end) => at += end + self.pair.len(),
                    None => return,
                }
                continue;
            };
            at += length;
            let (value, length) = self.value(&text[at..]);
            take(key.as_ref(), value.as_ref());
            at += length;
        }
    }

    /// Blanks that do not begin a delimiter of pairs.
    fn skip_blanks(&self, text: &str, mut at: usize) -> usize {
        while let Some(c) = text[at..].chars().next() {
            if !c.is_whitespace() || text[at..].starts_with(self.pair) {
                break;
            }
            at += c.len_utf8();
        }
        at
    }

    /// The key at the beginning and the length up to its value.
    fn key<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, usize)> {
        if let Some((key, length)) = self.quoting.quoted(text) {
            let rest = &text[length..];
            if rest.starts_with(self.between) {
                return Some((key, length + self.between.len()));
            }
            let trimmed = rest.trim_start();
            let blanks = rest.len() - trimmed.len();
            return trimmed.starts_with(self.between).then_some((key, length + blanks + self.between.len()));
        }
        let end = text.find(self.between)?;
        match text.find(self.pair) {
            Some(pair) if pair < end => None,
            _ => Some((Cow::Borrowed(text[..end].trim()), end + self.between.len())),
        }
    }

    /// The value at the beginning and the length up to the next pair.
    fn value<'t>(&self, text: &'t str) -> (Cow<'t, str>, usize) {
        let start = self.skip_blanks(text, 0);
        let rest = &text[start..];
        if let Some((value, length)) = self.quoting.quoted(rest) {
            let after = rest[length..].find(self.pair).map_or(rest.len(), |end| length + end);
            return (value, start + after);
        }
        let mut end = rest.find(self.pair).unwrap_or(rest.len());
        while self.is_greedy && end < rest.len() {
            let next = end + self.pair.len();
            if self.key(&rest[self.skip_blanks(rest, next)..]).is_some() {
                break;
            }
            end = rest[next..].find(self.pair).map_or(rest.len(), |more| next + more);
        }
        (Cow::Borrowed(rest[..end].trim()), start + end)
    }
}

/// Words of letters and digits, and quoted texts; the one after a key is its value.
fn read_words(text: &str, quoting: &Quoting, keys: &[String], take: &mut impl FnMut(&str, &str)) {
    let mut at = 0;
    let mut key: Option<String> = None;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (word, length) = match quoting.quoted(rest) {
            Some(quoted) => quoted,
            None if first.is_alphanumeric() => {
                let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..length]), length)
            }
            None => {
                at += first.len_utf8();
                continue;
            }
        };
        at += length;
        match key.take() {
            Some(key) => take(&key, word.as_ref()),
            None => key = keys.iter().any(|wanted| *wanted == word).then(|| word.into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimited(pair: &str, between: &str, is_greedy: bool, quoting: Quoting) -> PairSyntax {
        PairSyntax::Delimited { pair: pair.to_owned(), between: between.to_owned(), is_greedy, quoting }
    }

    fn read(syntax: &PairSyntax, text: &str, keys: &[&str]) -> Vec<String> {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let reader = PairReader::new(syntax.clone(), keys).unwrap();
        reader.values(text).into_iter().map(|value| value.unwrap_or_else(|| "-".to_owned())).collect()
    }

    #[test]
    fn the_first_of_a_key_counts_and_blanks_are_taken_off() {
        let syntax = delimited(";", "=", false, Quoting::default());
        assert_eq!(read(&syntax, " a = 1 ;b=x y; a=3;c=", &["a", "b", "c", "d"]), ["1", "x y", "", "-"]);
    }

    #[test]
    fn the_first_delimiter_ends_the_key() {
        let syntax = delimited(" ", "=", false, Quoting::default());
        assert_eq!(read(&syntax, "a==b c=d=e", &["a", "c"]), ["=b", "d=e"]);
        let brackets = delimited("][", "=", false, Quoting::default());
        assert_eq!(read(&brackets, "[a=1][b=2]", &["a", "b"]), ["-", "2]"]);
    }

    #[test]
    fn greedy_values_go_on_to_the_next_key() {
        let syntax = delimited(" ", "=", true, Quoting::default());
        assert_eq!(read(&syntax, "name=Ann B. Lee city=New York", &["name", "city"]), ["Ann B. Lee", "New York"]);
    }

    #[test]
    fn quotes_hide_delimiters_and_escapes_hide_quotes() {
        let quoting = Quoting { quotes: vec![('"', '"'), ('(', ')')], escapes: vec!['\\'] };
        let syntax = delimited(" ", "=", false, quoting);
        assert_eq!(
            read(&syntax, r#"a="x \"y\" z" (b c)=(d e) f="open"#, &["a", "b c", "f"]),
            [r#"x "y" z"#, "d e", "\"open"]
        );
    }

    #[test]
    fn words_take_the_word_after_the_key() {
        let syntax = PairSyntax::Words(Quoting { quotes: vec![('\'', '\'')], escapes: vec![] });
        assert_eq!(read(&syntax, "[INFO] id:7, text: 'is up'; é: ü", &["id", "text", "é"]), ["7", "is up", "ü"]);
    }

    #[test]
    fn no_text_makes_it_fail() {
        let quoting = Quoting { quotes: vec![('"', '"')], escapes: vec!['\\'] };
        for syntax in [delimited(" ", "=", true, quoting.clone()), PairSyntax::Words(quoting)] {
            for text in ["", "=", "\"", "\"\\", "a=\"\\", "   ", "é=ü é", "= = ="] {
                let _ = read(&syntax, text, &["a", "é", ""]);
            }
        }
    }
}
