//! A small reader of HTML as our pages write it: every element is closed, every attribute quoted.

/// An element that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) attributes: Vec<(String, String)>,
}

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// All elements in order, or where the page is not well-formed.
pub(crate) fn elements(page: &str) -> Result<Vec<Element>, String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no document type")?;
    let (mut found, mut open): (Vec<Element>, Vec<String>) = (Vec::new(), Vec::new());
    while let Some((text, tail)) = rest.split_once('<') {
        if open.last().is_none_or(|name| name != "style") && text.contains('>') {
            return Err(format!("a bare `>` in {text:?}"));
        }
        let (tag, tail) = split_tag(tail)?;
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(opened) if opened == name => continue,
                other => return Err(format!("`</{name}>` closes {other:?}")),
            }
        }
        let element = parse(tag)?;
        if !VOID.contains(&element.name.as_str()) {
            open.push(element.name.clone());
        }
        found.push(element);
    }
    if open.is_empty() { Ok(found) } else { Err(format!("never closed: {open:?}")) }
}

/// The tag up to its `>`, which may not stand in a quoted value.
fn split_tag(text: &str) -> Result<(&str, &str), String> {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '>' if !quoted => return Ok((&text[..at], &text[at + 1..])),
            '<' => return Err(format!("`<` in a tag: {:?}", text.chars().take(60).collect::<String>())),
            _ => {}
        }
    }
    Err("a tag that never ends".to_owned())
}

fn parse(tag: &str) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(format!("no element's name: {name:?}"));
    }
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (attribute, tail) =
            rest.trim_start().split_once("=\"").ok_or(format!("an attribute without a value: {rest:?}"))?;
        if !attribute.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
            return Err(format!("no attribute's name: {attribute:?}"));
        }
        let (value, tail) = tail.split_once('"').ok_or("a value without an end")?;
        attributes.push((attribute.to_owned(), value.to_owned()));
        rest = tail;
    }
    let id = attributes.iter().find(|(name, _)| name == "id").map(|(_, id)| id.clone()).unwrap_or_default();
    Ok(Element { name: name.to_owned(), id, attributes })
}

/// The text of the page's body without markup.
pub(crate) fn text_of(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let mut text = String::new();
    let mut inside = false;
    for letter in body.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
