//! A small HTTP/1.1 client on a blocking socket.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Time for an answer, at most; a service that takes longer counts as gone.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// Bytes of an answer's headers and of one chunk's head, at most: ours have a few hundred.
const HEAD_BYTES: u64 = 64 << 10;
/// Bytes of an answer's body, at most.
const BODY_BYTES: usize = 256 << 20;

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<serde_json::Value, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("no JSON: {error}: `{}`", self.text()))
    }
}

/// A connection that is kept, and made anew when it broke.
#[derive(Debug)]
pub struct HttpClient {
    address: SocketAddr,
    token: Option<String>,
    connection: Option<BufReader<TcpStream>>,
}

impl HttpClient {
    /// A client of that address, which sends this bearer token.
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self { address, token: token.map(str::to_owned), connection: None }
    }

    /// Sends a request and reads its answer. Whether an error means that the request did nothing cannot be known, as with every sender.
    ///
    /// # Errors
    /// When the connection breaks or the answer is none.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.address, body.len());
        if let Some(token) = &self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let was_open = self.connection.is_some();
        let mut answer = self.exchange(head.as_bytes(), body);
        // A kept connection may have been closed since, as after a refusal before the body was read. Every client then tries anew, once.
        if was_open && answer.as_ref().is_err_and(is_closed) {
            self.connection = None;
            answer = self.exchange(head.as_bytes(), body);
        }
        let stays = answer.as_ref().is_ok_and(|answer| answer.header("connection") != Some("close"));
        if !stays {
            self.connection = None;
        }
        answer
    }

    /// Sends JSON by POST.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub fn post_json(&mut self, path: &str, body: &serde_json::Value) -> io::Result<Answer> {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Asks by GET.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, &[], b"")
    }

    fn exchange(&mut self, head: &[u8], body: &[u8]) -> io::Result<Answer> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect_timeout(&self.address, ANSWER_TIME)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(ANSWER_TIME))?;
                stream.set_write_timeout(Some(ANSWER_TIME))?;
                self.connection.insert(BufReader::new(stream))
            }
        };
        connection.get_mut().write_all(head)?;
        connection.get_mut().write_all(body)?;
        read_answer(connection)
    }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// Reads one answer.
///
/// # Errors
/// When the connection ends before, or what comes is no HTTP/1.1.
pub fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let status_line = line(stream)?;
    let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| wrong(format!("no status line: `{status_line}`")))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong(format!("no header: `{line}`")))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if status == 100 {
        return read_answer(stream);
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if answer.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
        answer.body = chunks(stream)?;
    } else if let Some(length) = answer.header("content-length").and_then(|length| length.parse().ok()) {
        answer.body = exactly(stream, length)?;
    }
    Ok(answer)
}

fn chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = line(stream)?;
        let length = usize::from_str_radix(head.split(';').next().unwrap_or_default().trim(), 16);
        let length = length.map_err(|_| wrong(format!("no length of a chunk: `{head}`")))?;
        body.extend(exactly(stream, length)?);
        if body.len() > BODY_BYTES {
            return Err(wrong("an answer of too many bytes".to_owned()));
        }
        line(stream)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

fn exactly(stream: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    if length > BODY_BYTES {
        return Err(wrong("an answer of too many bytes".to_owned()));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    stream.take(HEAD_BYTES).read_until(b'\n', &mut line)?;
    if !line.ends_with(b"\n") {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended within an answer"));
    }
    Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}

fn wrong(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_with_a_length_and_in_chunks_are_read() {
        let mut text: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 429 Too Many\r\nTransfer-Encoding: chunked\r\nRetry-After: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let first = read_answer(&mut text).expect("an answer");
        assert_eq!((first.status, first.body.as_slice()), (200, b"{}".as_slice()));
        let second = read_answer(&mut text).expect("an answer");
        assert_eq!((second.status, second.text().as_str(), second.header("retry-after")), (429, "abc", Some("3")));
        assert!(read_answer(&mut text).is_err());
    }
}
