//! The XML and the parameters of an event's data, as Log Analytics keeps them in text columns.

use super::event::{Payload, PayloadKind};

/// About what the markup of one field takes.
const FIELD_BYTES: usize = 24;
/// Namespace of the elements of every event.
const EVENT_NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

/// Appends `<EventData xmlns="…"><Data Name="…">…</Data></EventData>`, or `<UserData …>` for an event that has its data there; nothing when the
/// event has no data.
pub fn push_data_xml(xml: &mut String, data: &Payload) {
    if data.fields.is_empty() {
        return;
    }
    xml.reserve(data.fields.iter().map(|field| field.name.len() + field.value.len() + FIELD_BYTES).sum());
    match &data.kind {
        PayloadKind::EventData => event_data(xml, data),
        PayloadKind::UserData { element, namespace } => user_data(xml, data, element, namespace),
    }
}

/// Appends `<Param>…</Param>` for each value, in order, as the column ParameterXml of the table Event holds them.
pub fn push_parameter_xml(xml: &mut String, data: &Payload) {
    for field in &data.fields {
        xml.push_str("<Param>");
        escape_into(xml, &field.value);
        xml.push_str("</Param>");
    }
}

fn event_data(xml: &mut String, data: &Payload) {
    xml.push_str("<EventData xmlns=\"");
    xml.push_str(EVENT_NAMESPACE);
    xml.push_str("\">");
    for field in &data.fields {
        if field.name.is_empty() {
            xml.push_str("<Data>");
        } else {
            xml.push_str("<Data Name=\"");
            escape_attribute_into(xml, &field.name);
            xml.push_str("\">");
        }
        escape_into(xml, &field.value);
        xml.push_str("</Data>");
    }
    xml.push_str("</EventData>");
}

fn user_data(xml: &mut String, data: &Payload, element: &str, namespace: &str) {
    let element = element_name(element);
    xml.push_str("<UserData xmlns=\"");
    xml.push_str(EVENT_NAMESPACE);
    xml.push_str("\"><");
    xml.push_str(&element);
    if !namespace.is_empty() {
        xml.push_str(" xmlns=\"");
        escape_attribute_into(xml, namespace);
        xml.push('"');
    }
    xml.push('>');
    for field in &data.fields {
        let name = element_name(&field.name);
        xml.push('<');
        xml.push_str(&name);
        xml.push('>');
        escape_into(xml, &field.value);
        xml.push_str("</");
        xml.push_str(&name);
        xml.push('>');
    }
    xml.push_str("</");
    xml.push_str(&element);
    xml.push_str("></UserData>");
}

/// The name with every character that an element's name may not have made an underscore.
fn element_name(name: &str) -> String {
    let allowed = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut element: String = name.chars().map(|character| if allowed(character) { character } else { '_' }).collect();
    if !element.starts_with(|character: char| character.is_alphabetic() || character == '_') {
        element.insert(0, '_');
    }
    element
}

/// Appends text escaped for a quoted attribute.
fn escape_attribute_into(xml: &mut String, text: &str) {
    let start = xml.len();
    escape_into(xml, text);
    if memchr::memchr(b'"', text.as_bytes()).is_some() {
        let escaped = xml[start..].replace('"', "&quot;");
        xml.truncate(start);
        xml.push_str(&escaped);
    }
}

/// Appends text escaped for an element's content; quotation marks stay, as Windows writes them. XML has no way to write most control
/// characters: they become U+FFFD.
fn escape_into(xml: &mut String, text: &str) {
    let bytes = text.as_bytes();
    // Looked at as a whole, without a way out in the middle: compilers make that a few instructions for many bytes.
    let may_need = |byte: u8| (byte < b' ') | (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == 0xef);
    if !bytes.iter().fold(false, |found, byte| found | may_need(*byte)) {
        xml.push_str(text);
        return;
    }
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let (escaped, length) = match byte {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'\t' | b'\n' | b'\r' => continue,
            0..=0x1f => ("\u{fffd}", 1),
            // U+FFFE and U+FFFF.
            0xef if matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])) => ("\u{fffd}", 3),
            _ => continue,
        };
        xml.push_str(&text[start..at]);
        xml.push_str(escaped);
        start = at + length;
    }
    xml.push_str(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_xml(data: &Payload) -> String {
        let mut xml = String::new();
        push_data_xml(&mut xml, data);
        xml
    }

    fn parameter_xml(data: &Payload) -> String {
        let mut xml = String::new();
        push_parameter_xml(&mut xml, data);
        xml
    }

    fn payload(kind: PayloadKind<'static>, fields: &[(&'static str, &'static str)]) -> Payload<'static> {
        let mut data = Payload { kind, fields: Vec::new() };
        for (name, value) in fields {
            data.push(*name, *value);
        }
        data
    }

    #[test]
    fn named_and_unnamed_values_are_data_elements() {
        let data = payload(PayloadKind::EventData, &[("Command\"Line", "a <b> & \"c\""), ("", "x\u{1}y\r\n")]);
        assert_eq!(
            data_xml(&data),
            "<EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\
             <Data Name=\"Command&quot;Line\">a &lt;b&gt; &amp; \"c\"</Data><Data>x\u{fffd}y\r\n</Data></EventData>"
        );
        assert_eq!(parameter_xml(&data), "<Param>a &lt;b&gt; &amp; \"c\"</Param><Param>x\u{fffd}y\r\n</Param>");
    }

    #[test]
    fn user_data_has_elements_of_its_own() {
        let kind = PayloadKind::UserData { element: "LogFileCleared".into(), namespace: "urn:x".into() };
        assert_eq!(
            data_xml(&payload(kind, &[("SubjectUserName", "bob"), ("1 bad>", "")])),
            "<UserData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><LogFileCleared xmlns=\"urn:x\">\
             <SubjectUserName>bob</SubjectUserName><_1_bad_></_1_bad_></LogFileCleared></UserData>"
        );
    }

    #[test]
    fn no_data_is_no_text() {
        assert_eq!(data_xml(&Payload::default()), "");
        assert_eq!(parameter_xml(&Payload::default()), "");
    }
}
