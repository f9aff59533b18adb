//! The tags and texts of an event's XML, read one after another from its text. Lenient: events come with characters that XML does not
//! allow, and with entities that nobody defined; those stay as they are.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// A part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// `<name attributes>`.
    Start(StartTag<'a>),
    /// `</name>`, or the second half of `<name/>`.
    End,
    /// Text between tags, without its escapes.
    Text(Cow<'a, str>),
}

/// An opening tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTag<'a> {
    /// The element's name without its prefix.
    pub name: &'a str,
    attributes: &'a str,
}

impl<'a> StartTag<'a> {
    /// The value of this attribute, without its escapes.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.attributes;
        while let Some((key, value, after)) = next_attribute(rest) {
            if key == name {
                return Some(unescape(value));
            }
            rest = after;
        }
        None
    }
}

/// The first attribute of the text, its value as it stands, and what follows.
fn next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = split_at_byte(text.trim_start(), b'=')?;
    let rest = rest.trim_start();
    let quote = rest.bytes().next().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let (value, after) = split_at_byte(&rest[1..], quote)?;
    Some((key.trim_end(), value, after))
}

/// What stands before and after an ASCII character.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr(byte, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// Reads the tokens of a text.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// The tag just read was `<name/>`: its end comes next.
    ends: bool,
}

impl<'a> Tokens<'a> {
    /// At the start of the text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, ends: false }
    }

    /// The next token; `None` at the end of the text. Comments, declarations and processing instructions are left out.
    ///
    /// # Errors
    /// When a tag, comment or section is not ended.
    pub fn next(&mut self) -> Result<Option<Token<'a>>, &'static str> {
        if std::mem::take(&mut self.ends) {
            return Ok(Some(Token::End));
        }
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return Ok(None);
            }
            if !rest.starts_with('<') {
                let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.at += end;
                return Ok(Some(Token::Text(unescape(&rest[..end]))));
            }
            match rest.as_bytes().get(1) {
                Some(b'!') if rest.starts_with("<![CDATA[") => {
                    let end = rest.find("]]>").ok_or("a section of text is not ended")?;
                    self.at += end + 3;
                    return Ok(Some(Token::Text(Cow::Borrowed(&rest[9..end]))));
                }
                Some(b'!') if rest.starts_with("<!--") => self.skip(rest, "-->", "a comment is not ended")?,
                Some(b'!') => self.skip(rest, ">", "a declaration is not ended")?,
                Some(b'?') => self.skip(rest, "?>", "a processing instruction is not ended")?,
                Some(b'/') => {
                    self.at += memchr(b'>', rest.as_bytes()).ok_or("a tag is not ended")? + 1;
                    return Ok(Some(Token::End));
                }
                _ => return self.start_tag(rest).map(|tag| Some(Token::Start(tag))),
            }
        }
    }

    fn skip(&mut self, rest: &str, end: &str, otherwise: &'static str) -> Result<(), &'static str> {
        self.at += rest.find(end).ok_or(otherwise)? + end.len();
        Ok(())
    }

    fn start_tag(&mut self, rest: &'a str) -> Result<StartTag<'a>, &'static str> {
        let end = tag_end(rest).ok_or("a tag is not ended")?;
        self.at += end + 1;
        let inside = &rest[1..end];
        self.ends = inside.ends_with('/');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let name_end = inside.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        let prefix = name.bytes().position(|byte| byte == b':').map_or(0, |colon| colon + 1);
        Ok(StartTag { name: &name[prefix..], attributes })
    }

    /// Behind an opening tag: the text of the element, to its end. Elements inside it stay as they stand.
    ///
    /// # Errors
    /// When the element is not ended.
    pub fn element_text(&mut self) -> Result<Cow<'a, str>, &'static str> {
        let start = self.at;
        let mut text = Cow::Borrowed("");
        loop {
            match self.next()?.ok_or("an element is not ended")? {
                Token::End => return Ok(text),
                Token::Text(more) if text.is_empty() => text = more,
                Token::Text(more) => text.to_mut().push_str(&more),
                Token::Start(_) => {
                    self.skip_element()?;
                    let end = self.end_of_parent()?;
                    let raw = self.text[start..end].trim();
                    return Ok(Cow::Borrowed(raw));
                }
            }
        }
    }

    /// Reads on to the end of the element that is open, and gives where its closing tag begins.
    fn end_of_parent(&mut self) -> Result<usize, &'static str> {
        loop {
            let before = self.at;
            match self.next()?.ok_or("an element is not ended")? {
                Token::End => return Ok(before),
                Token::Start(_) => self.skip_element()?,
                Token::Text(_) => {}
            }
        }
    }

    /// Behind an opening tag: reads on behind the element's end.
    ///
    /// # Errors
    /// When the element is not ended.
    pub fn skip_element(&mut self) -> Result<(), &'static str> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()?.ok_or("an element is not ended")? {
                Token::Start(_) => depth += 1,
                Token::End => depth -= 1,
                Token::Text(_) => {}
            }
        }
        Ok(())
    }
}

/// Where the `>` of a tag stands: not inside a quoted value.
fn tag_end(tag: &str) -> Option<usize> {
    let bytes = tag.as_bytes();
    let mut at = 0;
    loop {
        let found = at + memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[found] == b'>' {
            return Some(found);
        }
        at = found + 1 + memchr(bytes[found], &bytes[found + 1..])? + 1;
    }
}

/// Takes the escapes out of a text; what is none stays.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(escape) = rest.strip_prefix('&') {
        let character = escape.find(';').and_then(|end| Some((named(&escape[..end])?, end + 1)));
        let after = match character {
            Some((character, used)) => {
                plain.push(character);
                &escape[used..]
            }
            None => {
                plain.push('&');
                escape
            }
        };
        let next = memchr(b'&', after.as_bytes()).unwrap_or(after.len());
        plain.push_str(&after[..next]);
        rest = &after[next..];
    }
    Cow::Owned(plain)
}

/// The character of an escape, from what stands between `&` and `;`.
fn named(escape: &str) -> Option<char> {
    Some(match escape {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = escape.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<String>, &'static str> {
        let mut tokens = Tokens::new(text);
        let mut found = Vec::new();
        while let Some(token) = tokens.next()? {
            found.push(match token {
                Token::Start(tag) => format!("+{}", tag.name),
                Token::End => "-".to_owned(),
                Token::Text(text) => format!("={text}"),
            });
        }
        Ok(found)
    }

    #[test]
    fn tags_texts_and_sections_are_read_and_comments_left_out() {
        let text = "<?xml version='1.0'?><!DOCTYPE x><e:a x='1>2'><!-- <b> -->t&lt;<c/><![CDATA[<d>&amp;]]></e:a >";
        assert_eq!(all(text).unwrap(), ["+a", "=t<", "+c", "-", "=<d>&amp;", "-"]);
    }

    #[test]
    fn attributes_are_found_in_either_quotes() {
        let mut tokens = Tokens::new("<a b = 'x \"y\"' c=\"&quot;&#x41;&#66;\"/>");
        let Ok(Some(Token::Start(tag))) = tokens.next() else { panic!("a tag") };
        assert_eq!(tag.attribute("b").as_deref(), Some("x \"y\""));
        assert_eq!(tag.attribute("c").as_deref(), Some("\"AB"));
        assert_eq!(tag.attribute("d"), None);
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(unescape("a & b &nope; &#x110000; &amp;&"), "a & b &nope; &#x110000; &&");
        assert!(matches!(unescape("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_text_of_an_element_keeps_what_is_nested_in_it() {
        for (xml, text) in [
            ("<a>x<![CDATA[<y>]]>z</a>", "x<y>z"),
            ("<a> <b>1</b>t<c/> </a>", "<b>1</b>t<c/>"),
            ("<a/>", ""),
            ("<a></a>", ""),
        ] {
            let mut tokens = Tokens::new(xml);
            assert!(matches!(tokens.next(), Ok(Some(Token::Start(_)))));
            assert_eq!(tokens.element_text().unwrap(), text, "{xml}");
            assert_eq!(tokens.next(), Ok(None), "{xml}");
        }
    }

    #[test]
    fn what_is_not_ended_is_an_error() {
        for text in ["<a", "<!-- x", "<![CDATA[ x", "<?xml", "</a"] {
            assert!(all(text).is_err(), "{text}");
        }
        let mut tokens = Tokens::new("<a><b>");
        assert!(tokens.next().is_ok() && tokens.element_text().is_err());
    }
}
