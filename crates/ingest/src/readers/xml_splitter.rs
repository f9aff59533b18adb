//! Cuts a stream of XML into Windows events: `<Event>` elements one after another, whatever stands around them (`<Events>`, nothing,
//! the envelope of a subscription).

use memchr::{memchr, memchr2, memmem};

use crate::limits::Limits;
use crate::readers::Piece;

/// What an event begins and ends with; then white space, `>` or `/` follows.
const OPENING: &[u8] = b"<Event";
const CLOSING: &[u8] = b"</Event";
/// What a section of text begins with; between events it may hold events.
const SECTION: &[u8] = b"<![CDATA[";
/// Stretches of markup in which tags are no tags: what they begin and end with.
const OPAQUE: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (SECTION, b"]]>"), (b"<?", b"?>")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside of events.
    Between,
    /// In an event, which the buffer begins with.
    Event,
    /// In an event that was given up because it is too long.
    Skip,
}

/// The splitter: fed with bytes in pieces of any size, gives the same events whatever the sizes.
///
/// An event that does not end before the next one begins is damage, and costs only itself.
#[derive(Debug)]
pub struct XmlSplitter {
    record_bytes: usize,
    /// What was read and not yet let go of.
    buffer: Vec<u8>,
    /// Offset of the buffer's first byte.
    offset: u64,
    /// Bytes of the buffer before this were looked at.
    at: usize,
    state: State,
    /// Between events: text here is that of an element around them.
    in_element: bool,
    has_events: bool,
}

/// What stands at a `<`.
#[derive(Debug, Clone, Copy)]
enum Markup {
    Opening,
    /// The end of an event, of this length.
    Closing(usize),
    /// Anything else, of this length.
    Other(usize),
    /// More bytes are needed to tell.
    CutOff,
    /// Longer than a record may be, if it ends at all.
    TooLong,
}

impl XmlSplitter {
    /// A splitter that begins at this offset of a file.
    pub fn new(limits: &Limits, offset: u64) -> Self {
        Self {
            record_bytes: limits.record_bytes,
            buffer: Vec::new(),
            offset,
            at: 0,
            state: State::Between,
            in_element: false,
            has_events: false,
        }
    }

    /// Reads on, handing over each event or damage that ends in these bytes.
    pub fn feed(&mut self, input: &[u8], emit: &mut dyn FnMut(Piece)) {
        self.buffer.extend_from_slice(input);
        while match self.state {
            State::Between => self.between(emit),
            State::Event => self.event(emit),
            State::Skip => self.skip(),
        } {}
        if self.state != State::Event {
            self.let_go();
        }
    }

    /// Ends the stream. Whether it had any event, whole or not.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Piece)) -> bool {
        let end = self.buffer.len();
        match self.state {
            State::Event => self.hand_over(end, Some("file ends inside an event"), emit),
            State::Between if !self.buffer.is_empty() => {
                let reason = if self.buffer.contains(&b'<') { "file ends inside XML markup" } else { STRAY };
                self.hand_over(end, Some(reason), emit);
            }
            State::Between | State::Skip => {}
        }
        self.has_events
    }

    /// One step between events. False when more bytes are needed.
    fn between(&mut self, emit: &mut dyn FnMut(Piece)) -> bool {
        self.let_go();
        self.at = self.buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.let_go();
        let tag = memchr(b'<', &self.buffer);
        let text = tag.unwrap_or(self.buffer.len());
        if self.in_element {
            self.at = text;
            self.let_go();
        } else if text >= self.record_bytes || (text > 0 && tag.is_some()) {
            self.hand_over(text.min(self.record_bytes), Some(STRAY), emit);
            return true;
        }
        if tag.is_none() {
            return false;
        }
        match markup(&self.buffer, self.record_bytes) {
            Markup::Opening => {
                self.state = State::Event;
                self.has_events = true;
                self.at = OPENING.len();
            }
            Markup::Closing(end) => self.hand_over(end, Some("end of an event that did not begin"), emit),
            _ if self.buffer.starts_with(SECTION) => self.at = SECTION.len(),
            Markup::Other(end) => {
                self.in_element = is_in_element(&self.buffer[..end], self.in_element);
                self.at = end;
            }
            Markup::TooLong => {
                self.hand_over(self.record_bytes, Some("XML is not valid: markup that is not ended"), emit);
            }
            Markup::CutOff => return false,
        }
        true
    }

    /// One step in an event. False when more bytes are needed.
    fn event(&mut self, emit: &mut dyn FnMut(Piece)) -> bool {
        let tag = memchr(b'<', &self.buffer[self.at..]).map(|tag| self.at + tag);
        self.at = tag.unwrap_or(self.buffer.len());
        if self.at > self.record_bytes {
            self.give_up(emit);
            return true;
        }
        if tag.is_none() {
            return false;
        }
        match markup(&self.buffer[self.at..], self.record_bytes) {
            Markup::Opening => {
                self.hand_over(self.at, Some("event that does not end before the next one begins"), emit)
            }
            Markup::Closing(length) => self.hand_over(self.at + length, None, emit),
            Markup::Other(length) => self.at += length,
            Markup::TooLong => self.give_up(emit),
            Markup::CutOff => return false,
        }
        true
    }

    /// One step in an event that was given up. False when more bytes are needed.
    fn skip(&mut self) -> bool {
        self.let_go();
        let tag = memchr(b'<', &self.buffer);
        self.at = tag.unwrap_or(self.buffer.len());
        self.let_go();
        if tag.is_none() {
            return false;
        }
        match markup(&self.buffer, self.record_bytes) {
            Markup::Opening => self.state = State::Between,
            Markup::Closing(length) => {
                self.at = length;
                self.state = State::Between;
            }
            Markup::Other(length) => self.at = length,
            // Markup that long is none: behind its beginning the event's end is looked for all the same.
            Markup::TooLong => self.at = 1,
            Markup::CutOff => return false,
        }
        true
    }

    /// Hands the beginning of an event over that is too long, and passes over the rest of it.
    fn give_up(&mut self, emit: &mut dyn FnMut(Piece)) {
        let text = text_of(&self.buffer[..self.record_bytes]);
        let damage = Some(format!("record longer than {} bytes", self.record_bytes));
        emit(Piece { offset: self.offset.cast_signed(), text, damage, found: None });
        self.state = State::Skip;
    }

    /// Hands over what the buffer holds up to here, and goes on between events.
    fn hand_over(&mut self, end: usize, damage: Option<&str>, emit: &mut dyn FnMut(Piece)) {
        let text = text_of(&self.buffer[..end]);
        emit(Piece { offset: self.offset.cast_signed(), text, damage: damage.map(ToOwned::to_owned), found: None });
        self.state = State::Between;
        self.at = end;
        self.let_go();
    }

    /// Lets go of what was looked at.
    fn let_go(&mut self) {
        self.buffer.drain(..self.at);
        self.offset += self.at as u64;
        self.at = 0;
    }
}

/// What stands between events and should not.
const STRAY: &str = "text that is no event, between events";

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What markup stands at the start of these bytes, if it is no longer than this.
fn markup(bytes: &[u8], limit: usize) -> Markup {
    let within = &bytes[..bytes.len().min(limit)];
    let unknown = if bytes.len() > limit { Markup::TooLong } else { Markup::CutOff };
    for (begin, end) in OPAQUE {
        if bytes.starts_with(begin) {
            return memmem::find(within, end).map_or(unknown, |at| Markup::Other(at + end.len()));
        }
    }
    let is_named = |name: &[u8]| {
        let next = bytes.strip_prefix(name).and_then(<[u8]>::first);
        next.is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'))
    };
    if is_named(OPENING) {
        return Markup::Opening;
    }
    // A tag that another begins in was cut off.
    match memchr2(b'<', b'>', within.get(1..).unwrap_or_default()).map(|end| end + 1) {
        Some(end) if within[end] == b'<' => Markup::Other(end),
        Some(end) if is_named(CLOSING) => Markup::Closing(end + 1),
        Some(end) => Markup::Other(end + 1),
        None => unknown,
    }
}

/// Whether text behind this markup is that of an element around the events.
fn is_in_element(markup: &[u8], before: bool) -> bool {
    match markup.get(1) {
        Some(b'?' | b'!') => before,
        Some(b'/') => false,
        _ => !markup.ends_with(b"/>") && !markup.starts_with(b"<Events"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_in(text: &[u8], sizes: &[usize]) -> (Vec<Piece>, bool) {
        let mut pieces = Vec::new();
        let mut splitter = XmlSplitter::new(&Limits { record_bytes: 60, ..Limits::default() }, 0);
        let (mut rest, mut sizes) = (text, sizes.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(sizes.next().copied().unwrap_or(usize::MAX).max(1)));
            splitter.feed(now, &mut |piece| pieces.push(piece));
            rest = later;
        }
        let has_events = splitter.finish(&mut |piece| pieces.push(piece));
        (pieces, has_events)
    }

    /// The events as `offset:text`, damage as `offset!reason`.
    fn split(text: &str) -> Vec<String> {
        let found = split_in(text.as_bytes(), &[usize::MAX]).0.into_iter().map(|piece| match piece.damage {
            Some(reason) => format!("{}!{reason}", piece.offset),
            None => format!("{}:{}", piece.offset, piece.text),
        });
        found.collect()
    }

    #[test]
    fn every_envelope_gives_its_events() {
        let cases: &[(&str, &[&str])] = &[
            (
                "<?xml version=\"1.0\"?>\r\n<Events><Event a='1'><x/></Event>\n<Event>2</Event ></Events>",
                &["31:<Event a='1'><x/></Event>", "57:<Event>2</Event >"],
            ),
            ("<Event>1</Event><Event>2</Event>", &["0:<Event>1</Event>", "16:<Event>2</Event>"]),
            (
                "<e:Body><w:Action>do</w:Action><w:Event><![CDATA[<Event>1</Event>]]></w:Event></e:Body>",
                &["49:<Event>1</Event>"],
            ),
            ("<Event><!-- </Event> --><EventData/></Event>", &["0:<Event><!-- </Event> --><EventData/></Event>"]),
            ("<Events></Events>", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text}");
        }
    }

    #[test]
    fn damage_costs_only_itself() {
        let cases: &[(&str, &[&str])] = &[
            (
                "<Event><x a='1<Event>2</Event>",
                &["0!event that does not end before the next one begins", "14:<Event>2</Event>"],
            ),
            (
                "<Event><x>1<Event>2</Event>",
                &["0!event that does not end before the next one begins", "11:<Event>2</Event>"],
            ),
            (
                "<Event>1</Event> x <Event>2</Event>",
                &["0:<Event>1</Event>", "17!text that is no event, between events", "19:<Event>2</Event>"],
            ),
            ("</Event><Event>2</Event>", &["0!end of an event that did not begin", "8:<Event>2</Event>"]),
            ("<Event>1</Event><Event>2", &["0:<Event>1</Event>", "16!file ends inside an event"]),
            ("<Event>1</Event><!-- 2", &["0:<Event>1</Event>", "16!file ends inside XML markup"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text}");
        }
        let long = format!("<Event>{}</Event><Event>2</Event>", "<y/>".repeat(20));
        assert_eq!(split(&long), ["0!record longer than 60 bytes", "95:<Event>2</Event>"]);
    }

    #[test]
    fn xml_of_other_kinds_has_no_events() {
        assert_eq!(split_in(b"<Objs><S>text</S></Objs>", &[usize::MAX]), (Vec::new(), false));
        assert!(split_in(b"<Event/>", &[usize::MAX]).1);
    }

    proptest! {
        #[test]
        fn events_are_the_same_whatever_the_chunk_boundaries(
            text in proptest::collection::vec(
                prop_oneof![
                    Just("<Event>"), Just("</Event>"), Just("<Events>"), Just("</Events>"), Just("<Event a='b'>"), Just("<x>"), Just("</x>"),
                    Just("<!--"), Just("-->"), Just("<![CDATA["), Just("]]>"), Just("<?"), Just("?>"), Just("<"), Just(">"), Just(" "),
                    Just("x"), Just("é"), Just("0123456789"), Just("<Event"), Just("</Event")
                ],
                0..40
            ),
            sizes in proptest::collection::vec(1usize..9, 1..6)
        ) {
            let text = text.concat();
            prop_assert_eq!(split_in(text.as_bytes(), &sizes), split_in(text.as_bytes(), &[usize::MAX]));
        }
    }
}
