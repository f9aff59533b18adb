//! Slow, endless and oversized requests.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use trials::read_answer;

use super::{Target, assert_clear};

/// In which the service lets go of a sender, with limits of some hundred milliseconds.
const LET_GO: Duration = Duration::from_secs(15);

fn connect(target: &Target) -> TcpStream {
    let stream = TcpStream::connect(target.service.http).expect("connects");
    stream.set_read_timeout(Some(LET_GO)).expect("set");
    stream.set_write_timeout(Some(LET_GO)).expect("set");
    stream
}

/// Reads until the service closes; fails where it does not.
fn closed(mut stream: TcpStream) -> Vec<u8> {
    let (began, mut said) = (Instant::now(), Vec::new());
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return said,
            Ok(read) => said.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return said,
            Err(error) => panic!("not closed after {:?}: {error}", began.elapsed()),
        }
    }
}

#[test]
fn slow_headers_are_let_go_while_others_are_served() {
    let mut target = Target::new("[limits]\nheader_time = \"300ms\"\n");
    let slow: Vec<TcpStream> = (0..50)
        .map(|number| {
            let mut stream = connect(&target);
            let begun: &[u8] = if number % 2 == 0 { b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-" } else { b"" };
            stream.write_all(begun).expect("written");
            stream
        })
        .collect();
    target.is_well();
    slow.into_iter().for_each(|stream| drop(closed(stream)));
    target.is_well();
}

#[test]
fn slow_bodies_are_let_go() {
    let mut target = Target::new("[limits]\nbody_time = \"300ms\"\n");
    let mut stream = connect(&target);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n[",
        Target::stream("Custom-Slow_CL"),
        target.access.ingest
    );
    stream.write_all(head.as_bytes()).expect("written");
    let answer = read_answer(&mut BufReader::new(stream)).expect("an answer");
    assert_eq!(answer.status, 408, "{}", answer.text());
    target.is_well();
}

#[test]
fn an_endless_body_ends_at_the_limit() {
    let mut target = Target::new("");
    let memory = target.service.resident_bytes();
    let mut stream = connect(&target);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        Target::stream("Custom-Endless_CL"),
        target.access.ingest
    );
    stream.write_all(head.as_bytes()).expect("written");
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    // A GiB, if it were let.
    let taken = (0..16_384).take_while(|_| stream.write_all(&chunk).is_ok()).count();
    assert!(taken < 1024, "{taken} chunks of 64 KiB were taken");
    let answer = read_answer(&mut BufReader::new(stream));
    if let Ok(answer) = answer {
        assert_eq!(answer.status, 413, "{}", answer.text());
    }
    target.is_well();
    let grown = target.service.peak_resident_bytes().saturating_sub(memory) >> 20;
    assert!(grown < 256, "{grown} MiB more");
}

#[test]
fn headers_and_tokens_have_a_size() {
    let mut target = Target::new("");
    let path = Target::stream("Custom-Sized_CL");
    let body = json!([{"Text": "x"}]).to_string();
    for size in [5_000, 20_000, 60_000, 1_000_000] {
        let token = "a".repeat(size);
        let mut client = target.client(&token);
        // The connection may be closed before all of it was sent.
        if let Ok(answer) = client.send("POST", &path, &[("content-type", "application/json")], body.as_bytes()) {
            assert!((400..500).contains(&answer.status), "a token of {size} bytes: {}", answer.status);
        }
    }
    let mut many = connect(&target);
    let headers: String = (0..1000).map(|number| format!("x-{number}: a\r\n")).collect();
    let _ = many.write_all(format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{headers}\r\n").as_bytes());
    let said = String::from_utf8_lossy(&closed(many)).into_owned();
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    target.is_well();
}

#[test]
fn what_is_no_http_is_answered_with_400_or_nothing() {
    let mut target = Target::new("[limits]\nheader_time = \"300ms\"\n");
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /_bulk HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"GET /%00%ff/../..//etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        let mut stream = connect(&target);
        stream.write_all(bytes).expect("written");
        let said = String::from_utf8_lossy(&closed(stream)).into_owned();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{bytes:?}: {said}");
    }
    target.is_well();
}

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let mut target = Target::new("");
    let mut stream = connect(&target);
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n",
        Target::stream("Custom-Large_CL"),
        target.access.ingest
    );
    stream.write_all(head.as_bytes()).expect("written");
    let answer = read_answer(&mut BufReader::new(stream)).expect("an answer");
    assert_clear(&answer, "an announced length");
    assert_eq!(answer.status, 413);
    target.is_well();
}
