//! Reads an event from its XML, as the Event Viewer, `wevtutil` and collectors write it.

use std::borrow::Cow;

use super::event::{Payload, PayloadKind, WindowsEvent};
use super::json_fields::keyword_mask_of;
use super::xml_tokens::{StartTag, Token, Tokens};
use crate::decoder::Reject;
use crate::json::JsonValue;
use crate::time::parse_time;

/// Bytes that a classic event carries beside its values; no value of its own.
const BINARY: &str = "Binary";
/// The forms in which Windows writes data that do not fit the provider's definition of the event.
const RAW_DATA: [&str; 3] = ["ProcessingErrorData", "DebugData", "BinaryEventData"];
/// Parts of the message as the collector rendered it that repeat a number of the head in words, or the head itself.
const RENDERED_HEAD: [&str; 3] = ["Channel", "Provider", "Level"];

/// What a damaged event is rejected with.
fn damaged(reason: &str) -> Reject {
    Reject::new(format!("event XML is not valid: {reason}"))
}

/// Reads the XML of one event.
///
/// # Errors
/// When the XML is damaged, or the event has no time or event id.
pub fn read_event_xml(text: &str) -> Result<WindowsEvent<'_>, Reject> {
    let mut tokens = Tokens::new(text);
    let mut reader = EventReader::default();
    loop {
        match tokens.next().map_err(damaged)? {
            Some(Token::Start(tag)) if tag.name == "Event" => break,
            Some(Token::Start(tag)) => return Err(Reject::new(format!("XML element `{}` is no event", tag.name))),
            Some(_) => {}
            None => return Err(Reject::new("XML without an event")),
        }
    }
    reader.event(&mut tokens).map_err(damaged)?;
    reader.finish()
}

/// The fields of an XML payload alone: `<EventData>…`, `<UserData>…`, or either within `<DataItem>`, as Log Analytics keeps them.
pub fn read_data_xml(text: &str) -> Option<Payload<'_>> {
    let mut tokens = Tokens::new(text);
    let mut data = Payload::default();
    loop {
        match tokens.next().ok()?? {
            Token::Start(tag) if tag.name == "EventData" => event_data(&mut tokens, &mut data, &mut None).ok()?,
            Token::Start(tag) if tag.name == "UserData" => user_data(&mut tokens, &mut data).ok()?,
            Token::Start(tag) if tag.name == "DataItem" => continue,
            Token::Start(_) | Token::End => return None,
            Token::Text(_) => continue,
        }
        return Some(data);
    }
}

/// The parts read so far.
#[derive(Default)]
struct EventReader<'a> {
    time: Option<Cow<'a, str>>,
    event_id: Option<Cow<'a, str>>,
    channel: Cow<'a, str>,
    provider: Cow<'a, str>,
    computer: Cow<'a, str>,
    version: Option<i64>,
    level: Option<i64>,
    task: Option<i64>,
    opcode: Option<i64>,
    keywords: Cow<'a, str>,
    record_id: Option<i64>,
    activity_id: Cow<'a, str>,
    process_id: Option<i64>,
    thread_id: Option<i64>,
    user_sid: Cow<'a, str>,
    data: Payload<'a>,
    message: Cow<'a, str>,
    binary: Option<Cow<'a, str>>,
    envelope: Vec<(Cow<'a, str>, JsonValue<'a>)>,
}

impl<'a> EventReader<'a> {
    fn event(&mut self, tokens: &mut Tokens<'a>) -> Result<(), &'static str> {
        loop {
            match tokens.next()?.ok_or("the event is not ended")? {
                Token::End => return Ok(()),
                Token::Text(_) => {}
                Token::Start(tag) => match tag.name {
                    "System" => self.system(tokens)?,
                    "EventData" => event_data(tokens, &mut self.data, &mut self.binary)?,
                    "UserData" => user_data(tokens, &mut self.data)?,
                    "RenderingInfo" => self.rendering(tokens)?,
                    name if RAW_DATA.contains(&name) => {
                        self.data.kind =
                            PayloadKind::UserData { element: Cow::Borrowed(name), namespace: Cow::Borrowed("") };
                        fields(tokens, &mut self.data)?;
                    }
                    name => {
                        let text = tokens.element_text()?;
                        self.extra(name, text);
                    }
                },
            }
        }
    }

    fn extra(&mut self, name: &'a str, text: Cow<'a, str>) {
        if !text.trim().is_empty() {
            self.envelope.push((Cow::Borrowed(name), JsonValue::Text(text)));
        }
    }

    fn attribute(&mut self, tag: &StartTag<'a>, attribute: &str, name: &'a str) {
        self.extra(name, tag.attribute(attribute).unwrap_or_default());
    }

    fn system(&mut self, tokens: &mut Tokens<'a>) -> Result<(), &'static str> {
        loop {
            let tag = match tokens.next()?.ok_or("the head of the event is not ended")? {
                Token::End => return Ok(()),
                Token::Text(_) => continue,
                Token::Start(tag) => tag,
            };
            let text = tokens.element_text()?;
            let number = || text.trim().parse::<i64>().ok();
            let attribute = |name: &str| tag.attribute(name).unwrap_or_default();
            let attribute_number = |name: &str| tag.attribute(name).and_then(|text| text.trim().parse().ok());
            match tag.name {
                "Provider" => {
                    self.provider = attribute("Name");
                    self.attribute(&tag, "Guid", "ProviderGuid");
                    self.attribute(&tag, "EventSourceName", "EventSourceName");
                }
                "EventID" => {
                    self.event_id = Some(text);
                    self.attribute(&tag, "Qualifiers", "Qualifiers");
                }
                "Version" => self.version = number(),
                "Level" => self.level = number(),
                "Task" => self.task = number(),
                "Opcode" => self.opcode = number(),
                "Keywords" => self.keywords = keyword_mask_of(text),
                "TimeCreated" => self.time = tag.attribute("SystemTime").or(Some(text)),
                "EventRecordID" => self.record_id = number(),
                "Correlation" => {
                    self.activity_id = attribute("ActivityID");
                    self.attribute(&tag, "RelatedActivityID", "RelatedActivityID");
                }
                "Execution" => {
                    self.process_id = attribute_number("ProcessID");
                    self.thread_id = attribute_number("ThreadID");
                }
                "Channel" => self.channel = text,
                "Computer" => self.computer = text,
                "Security" => self.user_sid = attribute("UserID"),
                name => self.extra(name, text),
            }
        }
    }

    /// What the collector rendered: the message, and the words for the numbers of the head.
    fn rendering(&mut self, tokens: &mut Tokens<'a>) -> Result<(), &'static str> {
        loop {
            match tokens.next()?.ok_or("the rendered message is not ended")? {
                Token::End => return Ok(()),
                Token::Text(_) => {}
                Token::Start(tag) if tag.name == "Keywords" => {
                    let mut keywords = Payload::default();
                    fields(tokens, &mut keywords)?;
                    let words: Vec<&str> = keywords.fields.iter().map(|field| field.value.as_ref()).collect();
                    self.extra("RenderingInfo.Keywords", Cow::Owned(words.join(",")));
                }
                Token::Start(tag) => {
                    let text = tokens.element_text()?;
                    match tag.name {
                        "Message" => self.message = text,
                        "Task" => self.extra("RenderingInfo.Task", text),
                        "Opcode" => self.extra("RenderingInfo.Opcode", text),
                        name if RENDERED_HEAD.contains(&name) => {}
                        name => self.extra(name, text),
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Result<WindowsEvent<'a>, Reject> {
        let time = self.time.as_deref().and_then(parse_time);
        let event_id = self.event_id.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
        if let Some(binary) = self.binary.take() {
            self.extra(BINARY, binary);
        }
        Ok(WindowsEvent {
            time: time.ok_or_else(|| Reject::new("Windows event without a time"))?,
            event_id: event_id.ok_or_else(|| Reject::new("Windows event without an event id"))?,
            channel: self.channel,
            provider: self.provider,
            computer: self.computer,
            version: self.version,
            level: self.level,
            task: self.task,
            opcode: self.opcode,
            keywords: self.keywords,
            record_id: self.record_id,
            activity_id: self.activity_id,
            process_id: self.process_id,
            thread_id: self.thread_id,
            user_sid: self.user_sid,
            user_name: Cow::Borrowed(""),
            data: self.data,
            message: self.message,
            envelope: self.envelope,
        })
    }
}

/// `<Data Name="…">value</Data>`, and elements of other names, to the end of `EventData`.
fn event_data<'a>(
    tokens: &mut Tokens<'a>,
    data: &mut Payload<'a>,
    binary: &mut Option<Cow<'a, str>>,
) -> Result<(), &'static str> {
    loop {
        match tokens.next()?.ok_or("the data of the event are not ended")? {
            Token::End => return Ok(()),
            Token::Text(_) => {}
            Token::Start(tag) => {
                let text = tokens.element_text()?;
                match tag.name {
                    BINARY => *binary = Some(text),
                    "Data" | "ComplexData" => data.push(tag.attribute("Name").unwrap_or_default(), text),
                    name => data.push(name, text),
                }
            }
        }
    }
}

/// `<UserData><Element xmlns="…"><Field>value</Field>…`, to the end of `UserData`.
fn user_data<'a>(tokens: &mut Tokens<'a>, data: &mut Payload<'a>) -> Result<(), &'static str> {
    loop {
        match tokens.next()?.ok_or("the data of the event are not ended")? {
            Token::End => return Ok(()),
            Token::Text(_) => {}
            Token::Start(tag) => {
                let namespace = tag.attribute("xmlns").unwrap_or_default();
                data.kind = PayloadKind::UserData { element: Cow::Borrowed(tag.name), namespace };
                fields(tokens, data)?;
            }
        }
    }
}

/// `<Field>value</Field>`, to the end of the element around them; its own text is a value without a name.
fn fields<'a>(tokens: &mut Tokens<'a>, data: &mut Payload<'a>) -> Result<(), &'static str> {
    loop {
        match tokens.next()?.ok_or("the data of the event are not ended")? {
            Token::End => return Ok(()),
            Token::Text(text) if text.trim().is_empty() => {}
            Token::Text(text) => data.push("", text),
            Token::Start(tag) => {
                let text = tokens.element_text()?;
                data.push(tag.attribute("Name").unwrap_or(Cow::Borrowed(tag.name)), text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_alone_is_read_in_every_writing() {
        let inner = "<EventData xmlns=\"x\"><Data Name='A'>1 &amp; 2</Data><Data>y</Data><Data Name='A'/></EventData>";
        for text in [inner.to_owned(), format!("<DataItem type='System.XmlData'>{inner}</DataItem>")] {
            let data = read_data_xml(&text).unwrap();
            let found: Vec<_> = data.fields.iter().map(|field| (field.name.as_ref(), field.value.as_ref())).collect();
            assert_eq!(found, [("A", "1 & 2"), ("", "y"), ("A", "")]);
        }
        assert!(read_data_xml("<Objs><S>x</S></Objs>").is_none());
        assert!(read_data_xml("[\"x\"]").is_none());
    }

    #[test]
    fn what_is_no_event_says_what_it_is() {
        for (text, reason) in [
            ("<Objs/>", "XML element `Objs` is no event"),
            ("text", "XML without an event"),
            ("<Event><System>", "event XML is not valid: the head of the event is not ended"),
            ("<Event><System><EventID>1</EventID></System></Event>", "Windows event without a time"),
            (
                "<Event><System><TimeCreated SystemTime='2024-01-01T00:00:00Z'/></System></Event>",
                "Windows event without an event id",
            ),
        ] {
            assert_eq!(read_event_xml(text).err(), Some(Reject::new(reason)), "{text}");
        }
    }
}
