//! `parse_xml`: elements as properties, attributes as `@name`, text beside either as `#text`.

use std::borrow::Cow;

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, MAX_DEPTH, write_quoted};
use crate::signature::fixed;

/// Longest input in bytes that Kusto reads.
const MAX_LENGTH: usize = 1 << 20;

pub(super) static PARSE_XML: Definition = Definition::new(
    "parse_xml",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some((name, json)) = parse(texts.text(row)) else { return false };
            let mut bag = BagWriter::new(out);
            bag.push(name, &json);
            bag.end();
            true
        })
    },
);

/// The root element's name and JSON; `None` when the text is no XML.
fn parse(text: &str) -> Option<(&str, String)> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut reader = Reader { rest: text.trim() };
    reader.skip_misc()?;
    let root = reader.element(MAX_DEPTH)?;
    reader.skip_misc()?;
    reader.rest.is_empty().then_some(root)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Goes over declarations, comments and blanks outside of the root.
    fn skip_misc(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            let (opening, closing) = match self.rest {
                rest if rest.starts_with("<?") => ("<?", "?>"),
                rest if rest.starts_with("<!--") => ("<!--", "-->"),
                rest if rest.starts_with("<!DOCTYPE") => ("<!DOCTYPE", ">"),
                _ => return Some(()),
            };
            self.skip(opening, closing)?;
        }
    }

    fn skip(&mut self, opening: &str, closing: &str) -> Option<&'a str> {
        let (inner, rest) = self.rest.strip_prefix(opening)?.split_once(closing)?;
        self.rest = rest;
        Some(inner)
    }

    /// An element from its `<`: its name and JSON.
    fn element(&mut self, depth: usize) -> Option<(&'a str, String)> {
        self.rest = self.rest.strip_prefix('<')?;
        let name = self.name()?;
        let mut element = Element::default();
        if !self.attributes(&mut element)? {
            self.content(name, &mut element, depth.checked_sub(1)?)?;
        }
        Some((name, element.into_json()))
    }

    fn name(&mut self) -> Option<&'a str> {
        let is_end = |character: char| character.is_whitespace() || matches!(character, '=' | '>' | '/' | '<');
        let (name, rest) = self.rest.split_at(self.rest.find(is_end)?);
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    /// Attributes up to the end of the tag; true when the element ends there.
    fn attributes(&mut self, element: &mut Element<'a>) -> Option<bool> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                return Some(true);
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Some(false);
            }
            let name = self.name()?;
            self.rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, rest) = self.rest[1..].split_once(quote)?;
            self.rest = rest;
            let mut json = String::new();
            write_quoted(&mut json, &unescaped(value)?);
            element.children.push((Cow::Owned(format!("@{name}")), vec![json]));
        }
    }

    /// Text and elements up to the closing tag.
    fn content(&mut self, name: &str, element: &mut Element<'a>, depth: usize) -> Option<()> {
        loop {
            let (text, rest) = self.rest.split_at(self.rest.find('<')?);
            element.text.push_str(&unescaped(text)?);
            self.rest = rest;
            if let Some(rest) = rest.strip_prefix("</") {
                self.rest = rest.strip_prefix(name)?.trim_start().strip_prefix('>')?;
                return Some(());
            }
            if rest.starts_with("<![CDATA[") {
                element.text.push_str(self.skip("<![CDATA[", "]]>")?);
            } else if rest.starts_with("<!--") {
                self.skip("<!--", "-->")?;
            } else if rest.starts_with("<?") {
                self.skip("<?", "?>")?;
            } else {
                let (child, json) = self.element(depth)?;
                element.add(child, json);
            }
        }
    }
}

#[derive(Default)]
struct Element<'a> {
    text: String,
    /// Attributes and elements by name, in the order of their first; several elements of a name make an array.
    children: Vec<(Cow<'a, str>, Vec<String>)>,
}

impl<'a> Element<'a> {
    fn add(&mut self, name: &'a str, json: String) {
        match self.children.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(json),
            None => self.children.push((Cow::Borrowed(name), vec![json])),
        }
    }

    fn into_json(self) -> String {
        let mut out = String::new();
        let text = self.text.trim();
        let mut quoted = String::new();
        write_quoted(&mut quoted, text);
        if self.children.is_empty() {
            return if text.is_empty() { "null".to_owned() } else { quoted };
        }
        let mut bag = BagWriter::new(&mut out);
        // Text stands after the attributes and before the elements.
        let attributes = self.children.iter().take_while(|(name, _)| name.starts_with('@')).count();
        for (index, (name, values)) in self.children.iter().enumerate() {
            if index == attributes && !text.is_empty() {
                bag.push("#text", &quoted);
            }
            match values.as_slice() {
                [value] => bag.push(name, value),
                values => bag.push(name, &format!("[{}]", values.join(","))),
            }
        }
        if attributes == self.children.len() && !text.is_empty() {
            bag.push("#text", &quoted);
        }
        bag.end();
        out
    }
}

/// Text with its entities replaced; `None` for an entity that XML does not define.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('&') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, tail) = after.split_once(';')?;
        out.push_str(before);
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = entity.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        rest = tail;
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn elements_become_properties() {
        for (xml, expected) in [
            ("<e/>", r#"{"e":null}"#),
            ("<e>text</e>", r#"{"e":"text"}"#),
            (r#"<e name="value" />"#, r#"{"e":{"@name":"value"}}"#),
            (r#"<e name="value">text</e>"#, r##"{"e":{"@name":"value","#text":"text"}}"##),
            ("<e> <a>text</a> <b>text</b> </e>", r#"{"e":{"a":"text","b":"text"}}"#),
            ("<e> <a>x</a> <a>y</a> </e>", r#"{"e":{"a":["x","y"]}}"#),
            ("<e> text <a>text</a> </e>", r##"{"e":{"#text":"text","a":"text"}}"##),
            (
                "<?xml version=\"1.0\"?><!-- c --><Event xmlns='u'><Data Name='A'>1 &lt; 2</Data><Data Name='B'/></Event>",
                r##"{"Event":{"@xmlns":"u","Data":[{"@Name":"A","#text":"1 < 2"},{"@Name":"B"}]}}"##,
            ),
            ("<e><![CDATA[<x>]]></e>", r#"{"e":"<x>"}"#),
        ] {
            check("parse_xml", &[text(xml)], json(expected));
        }
    }

    #[test]
    fn other_texts_are_null() {
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        for xml in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a>&nope;</a>", "<a", "</a>", &deep] {
            check("parse_xml", &[text(xml)], Value::Null(Type::Dynamic));
        }
    }
}
