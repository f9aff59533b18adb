//! Records posted to an address, in the order in which they come.

use std::time::Duration;

use generator::{FileAbout, GenerateError, Receiver};
use tokio::runtime::Runtime;
use url::Url;

use crate::Error;

/// Longest time until a connection stands.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Longest time for a request with its answer.
const REQUEST_TIME: Duration = Duration::from_secs(120);
/// A body is sent when it has that many bytes, or when the next record is due later.
const BODY_BYTES: usize = 1 << 20;

/// Posts records to an address. A body holds records of one kind: JSON objects of any logs, one a line (`application/x-ndjson`); lines
/// of text of one log (`text/plain`); or rows of one table under its header (`text/csv`). Each request is answered before the next is
/// sent, so that the receiver sees the records in order.
pub(super) struct HttpReceiver {
    runtime: Runtime,
    client: reqwest::Client,
    address: Url,
    body: Body,
}

/// What is to be sent next.
#[derive(Default)]
struct Body {
    content_type: &'static str,
    /// The file whose records are in it; empty when records of any are.
    file: String,
    text: String,
}

impl HttpReceiver {
    /// A receiver at this address, `http` or `https`.
    pub(super) fn new(address: &str) -> Result<Self, Error> {
        let url = Url::parse(address).map_err(|error| Error::new(format!("`{address}` is no address: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::new(format!("`{address}` is neither an `http` nor an `https` address")));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(REQUEST_TIME)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::new(format!("failed to prepare requests: {error}")))?;
        Ok(Self { runtime, client, address: url, body: Body::default() })
    }

    fn post(&mut self) -> Result<(), GenerateError> {
        let body = std::mem::take(&mut self.body);
        if body.text.is_empty() {
            return Ok(());
        }
        let request = self.client.post(self.address.clone()).header("content-type", body.content_type).body(body.text);
        let answer = self.runtime.block_on(async { request.send().await });
        let failed = |reason: String| GenerateError::Receiver { to: self.address.to_string(), reason };
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(failed(format!("it answers {}", answer.status()))),
            Err(error) => Err(failed(causes(&error.without_url()))),
        }
    }
}

impl Receiver for HttpReceiver {
    fn record(&mut self, file: &FileAbout, record: &str) -> Result<(), GenerateError> {
        let content_type = content_type(file);
        let name = if content_type == NDJSON { "" } else { file.path.as_str() };
        if self.body.content_type != content_type || self.body.file != name || self.body.text.len() >= BODY_BYTES {
            self.post()?;
            self.body = Body { content_type, file: name.to_owned(), text: file.framing.open.clone() };
        }
        self.body.text.push_str(record);
        if !file.framing.is_table() {
            self.body.text.push('\n');
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), GenerateError> {
        self.post()
    }

    fn end(&mut self, _: &FileAbout) -> Result<(), GenerateError> {
        Ok(())
    }
}

/// Content type of JSON objects, one a line.
const NDJSON: &str = "application/x-ndjson";

fn content_type(file: &FileAbout) -> &'static str {
    if file.framing.is_table() {
        "text/csv"
    } else if file.path.ends_with(".ndjson") {
        NDJSON
    } else {
        "text/plain"
    }
}

/// An error with what caused it, outermost first.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    use generator::Framing;

    use super::*;

    /// Answers that many requests with this status line; gives content type and body of each.
    fn answer(
        listener: TcpListener,
        requests: usize,
        status: &'static str,
    ) -> std::thread::JoinHandle<Vec<(String, String)>> {
        std::thread::spawn(move || {
            let mut seen = Vec::new();
            while seen.len() < requests {
                let (stream, _) = listener.accept().expect("a connection");
                let mut reader = BufReader::new(stream);
                let (mut content_type, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).expect("a header");
                    let line = line.trim_end().to_lowercase();
                    if let Some(value) = line.strip_prefix("content-type: ") {
                        content_type = value.to_owned();
                    }
                    if let Some(value) = line.strip_prefix("content-length: ") {
                        length = value.parse().expect("a number");
                    }
                    if line.is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).expect("a body");
                seen.push((content_type, String::from_utf8(body).expect("UTF-8")));
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                reader.get_mut().write_all(answer.as_bytes()).expect("answered");
            }
            seen
        })
    }

    fn file(path: &str, open: &str, between: &'static str) -> FileAbout {
        FileAbout { path: path.into(), framing: Framing { open: open.into(), between, close: "" } }
    }

    fn receiver(
        status: &'static str,
        requests: usize,
    ) -> (HttpReceiver, std::thread::JoinHandle<Vec<(String, String)>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/logs", listener.local_addr().expect("an address"));
        (HttpReceiver::new(&address).expect("an address"), answer(listener, requests, status))
    }

    #[test]
    fn records_are_posted_in_order_and_by_kind() {
        let (mut receiver, server) = receiver("204 No Content", 3);
        let (sign_ins, audit) = (file("entra/signins.ndjson", "", "\n"), file("entra/audit.ndjson", "", "\n"));
        let table = file("entra/SigninLogs.csv", "a,b\r\n", "");
        for (file, record) in
            [(&sign_ins, "{\"n\":1}"), (&audit, "{\"n\":2}"), (&table, "3,4\r\n"), (&sign_ins, "{\"n\":5}")]
        {
            receiver.record(file, record).expect("taken");
        }
        receiver.flush().expect("sent");
        receiver.flush().expect("nothing to send");
        let seen = server.join().expect("served");
        let expected = [(NDJSON, "{\"n\":1}\n{\"n\":2}\n"), ("text/csv", "a,b\r\n3,4\r\n"), (NDJSON, "{\"n\":5}\n")];
        assert_eq!(seen, expected.map(|(kind, body)| (kind.to_owned(), body.to_owned())));
    }

    #[test]
    fn an_answer_that_is_no_success_ends_the_play() {
        let (mut receiver, server) = receiver("503 Service Unavailable", 1);
        receiver.record(&file("a.ndjson", "", "\n"), "{}").expect("taken");
        let error = receiver.flush().expect_err("refused").to_string();
        assert!(error.ends_with("it answers 503 Service Unavailable"), "{error}");
        server.join().expect("served");
    }

    #[test]
    fn other_addresses_are_refused() {
        for address in ["ftp://192.0.2.1/", "logs"] {
            assert!(HttpReceiver::new(address).is_err(), "{address}");
        }
    }
}
