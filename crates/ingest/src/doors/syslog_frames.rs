//! Syslog over TCP: messages counted in octets, and messages that end with a line, on one connection.
//!
//! <https://www.rfc-editor.org/rfc/rfc6587#section-3.4>

use std::borrow::Cow;

use crate::syslog::LogLine;

/// Longest message that is taken whole: what rsyslog takes by default is an eighth of it, and events of Windows in JSON need more.
pub const MESSAGE_BYTES: usize = 64 << 10;

/// Digits of an octet count; a longer one is none.
const COUNT_DIGITS: usize = 9;

/// The facility and severity of a message without them: `user.notice` (RFC 3164, section 4.3.3).
const DEFAULT_PRIORITY: &str = "<13>";

/// A message cut out of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its text, up to the longest that is taken. What is no UTF-8 is replaced.
    pub text: String,
    /// Bytes of it that were left out.
    pub cut: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a message.
    Between,
    /// In the digits of a count, which are kept as text in case they are none.
    Count,
    /// So many bytes of a counted message are left.
    Counted(u64),
    /// In a message that ends with a line feed or a zero byte.
    Line,
}

/// Cuts the bytes of a connection into messages, in pieces of any size. Each message is told by its first byte: a digit begins a count.
#[derive(Debug)]
pub struct FrameSplitter {
    state: State,
    text: Vec<u8>,
    cut: u64,
    most: usize,
}

impl Default for FrameSplitter {
    fn default() -> Self {
        Self::new(MESSAGE_BYTES)
    }
}

impl FrameSplitter {
    /// A splitter at the begin of a connection that takes messages of at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self { state: State::Between, text: Vec::new(), cut: 0, most }
    }

    /// Reads on, handing over each message that ends in these bytes.
    pub fn feed(&mut self, mut input: &[u8], emit: &mut dyn FnMut(Frame)) {
        while let Some(&first) = input.first() {
            match self.state {
                State::Between => match first {
                    b'\n' | b'\r' | b'\0' | b' ' => input = &input[1..],
                    b'1'..=b'9' => self.state = State::Count,
                    _ => self.state = State::Line,
                },
                State::Count => {
                    input = &input[1..];
                    self.count_byte(first);
                }
                State::Counted(left) => {
                    let take = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    self.store(&input[..take]);
                    input = &input[take..];
                    self.state = State::Counted(left - take as u64);
                    if left == take as u64 {
                        self.end(emit);
                    }
                }
                State::Line => {
                    let end = memchr::memchr2(b'\n', b'\0', input);
                    let take = end.unwrap_or(input.len());
                    self.store(&input[..take]);
                    input = &input[(take + 1).min(input.len())..];
                    if end.is_some() {
                        self.end(emit);
                    }
                }
            }
        }
    }

    /// Ends the connection. A line without its end is a message; a counted one that is not complete is handed over as far as it came.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Frame)) {
        if self.state != State::Between {
            self.end(emit);
        }
    }

    fn count_byte(&mut self, byte: u8) {
        match byte {
            b'0'..=b'9' if self.text.len() < COUNT_DIGITS => self.text.push(byte),
            b' ' => {
                let count = std::str::from_utf8(&self.text).ok().and_then(|digits| digits.parse().ok());
                self.text.clear();
                self.state = count.map_or(State::Between, State::Counted);
            }
            // No count after all: a line that begins with digits.
            other => {
                self.state = State::Line;
                if other == b'\n' {
                    self.text.clear();
                    self.state = State::Between;
                } else {
                    self.store(&[other]);
                }
            }
        }
    }

    fn store(&mut self, bytes: &[u8]) {
        let room = self.most.saturating_sub(self.text.len()).min(bytes.len());
        self.text.extend_from_slice(&bytes[..room]);
        self.cut += (bytes.len() - room) as u64;
    }

    fn end(&mut self, emit: &mut dyn FnMut(Frame)) {
        self.state = State::Between;
        let text = String::from_utf8_lossy(&self.text);
        let text = text.trim_end_matches(['\r', '\n', '\0']).to_owned();
        let cut = std::mem::take(&mut self.cut);
        self.text.clear();
        if !text.is_empty() || cut > 0 {
            emit(Frame { text, cut });
        }
    }
}

/// A message as a record. What comes to a syslog port is syslog, whatever it looks like (RFC 3164, section 4.3.3): a message without a
/// header gets a priority.
pub fn message_record(text: &str) -> Cow<'_, str> {
    let is_json = text.trim_start().starts_with('{');
    if is_json || LogLine::parse(text).is_some() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{DEFAULT_PRIORITY}{text}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_in(bytes: &[u8], size: usize) -> Vec<(String, u64)> {
        let mut splitter = FrameSplitter::new(16);
        let mut frames = Vec::new();
        for part in bytes.chunks(size) {
            splitter.feed(part, &mut |frame| frames.push((frame.text, frame.cut)));
        }
        splitter.finish(&mut |frame| frames.push((frame.text, frame.cut)));
        frames
    }

    fn split(text: &str) -> Vec<String> {
        split_in(text.as_bytes(), usize::MAX).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn counted_messages_and_lines_come_on_one_connection() {
        assert_eq!(split("7 <1>a\nb\n<2>c\r\n5 <3>de<4>f\0<5>g"), ["<1>a\nb", "<2>c", "<3>de", "<4>f", "<5>g"]);
    }

    #[test]
    fn digits_without_a_space_are_no_count() {
        assert_eq!(split("2024-01-01 x\n12345678901 y\n7\n<1>a\n"), ["2024-01-01 x", "12345678901 y", "<1>a"]);
    }

    #[test]
    fn a_long_message_is_cut_and_costs_no_other() {
        let text = format!("<1>{}\n40 <2>{}<3>b\n", "x".repeat(20), "y".repeat(37));
        let frames = split_in(text.as_bytes(), 7);
        assert_eq!(frames[0], (format!("<1>{}", "x".repeat(13)), 7));
        assert_eq!(frames[1], (format!("<2>{}", "y".repeat(13)), 24));
        assert_eq!(frames[2], ("<3>b".to_owned(), 0));
    }

    #[test]
    fn a_message_without_a_header_is_syslog_too() {
        assert_eq!(message_record("just text"), "<13>just text");
        assert_eq!(message_record("<34>1 2024-01-01T00:00:00Z h a - - - x"), "<34>1 2024-01-01T00:00:00Z h a - - - x");
        assert!(LogLine::parse(&message_record("just text")).is_some());
        assert_eq!(message_record("{\"a\":1}"), "{\"a\":1}");
    }

    proptest! {
        #[test]
        fn messages_are_the_same_whatever_the_sizes(text in "[0-9<>a\n\r \0é]{0,80}", size in 1usize..9) {
            prop_assert_eq!(split_in(text.as_bytes(), size), split_in(text.as_bytes(), usize::MAX));
        }

        #[test]
        fn any_message_becomes_a_line(text in "\\PC{1,60}") {
            let record = message_record(&text);
            let is_read = record.trim_start().starts_with('{') || LogLine::parse(&record).is_some();
            prop_assert!(is_read);
        }
    }
}
