//! Damaged, disguised and compressed bodies.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Target, assert_clear};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[test]
fn gzip_bombs_end_at_the_limit() {
    let mut target = Target::new("");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..256 {
        encoder.write_all(&[b' '; 1 << 20]).expect("written");
    }
    let once = encoder.finish().expect("compressed");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&once).expect("written");
    let twice = encoder.finish().expect("compressed");
    let memory = target.service.resident_bytes();
    let mut sender = target.sender();
    for path in [
        Target::stream("Custom-Bomb_CL"),
        "/_bulk".to_owned(),
        "/v1/rest/ingest/vedette/Bomb_CL?streamFormat=json".to_owned(),
        "/v1/logs".to_owned(),
    ] {
        for (what, encoding, body) in [("once", "gzip", &once), ("twice", "gzip, gzip", &twice)] {
            let headers = [JSON[0], ("content-encoding", encoding)];
            let answer = sender.send("POST", &path, &headers, body).expect("an answer");
            assert_clear(&answer, &format!("{path}, compressed {what}"));
        }
    }
    let grown = target.service.peak_resident_bytes().saturating_sub(memory) >> 20;
    assert!(grown < 256, "{grown} MiB more");
    target.is_well();
}

#[test]
fn a_batch_that_is_damaged_at_any_byte_keeps_its_good_rows() {
    let mut target = Target::new("");
    let valid = br#"[{"Text":"one","Level":1},{"Text":"two","Level":2},{"Text":"three","Level":3}]"#;
    let mut sender = target.sender();
    let path = Target::stream("Custom-Damaged_CL");
    let mut stored = 0;
    for at in 0..valid.len() {
        let replaced = |byte: u8| [&valid[..at], &[byte], &valid[at + 1..]].concat();
        for body in [valid[..at].to_vec(), replaced(0), replaced(b'"'), replaced(0xff), replaced(b'}')] {
            if body == valid {
                continue;
            }
            let answer = sender.send("POST", &path, &JSON, &body).expect("an answer");
            let shown = String::from_utf8_lossy(&body).into_owned();
            match answer.status {
                204 => {
                    let rejected =
                        answer.header("x-vedette-rejected-records").and_then(|count| count.parse::<u64>().ok());
                    stored += 3 - rejected.unwrap_or(0);
                }
                400 => {
                    let said = answer.text();
                    let before = said.split(" records were stored").next().unwrap_or_default();
                    let count = before.rsplit(' ').next().and_then(|word| word.parse::<u64>().ok());
                    stored += count.unwrap_or_else(|| panic!("`{shown}` was refused without a count: {said}"));
                }
                status => panic!("`{shown}`: {status}: {}", answer.text()),
            }
        }
    }
    assert!(stored > 100, "{stored}");
    assert_eq!(target.number("Damaged_CL | count"), stored);
    target.is_well();
}

#[test]
fn bodies_that_are_something_else_are_refused() {
    let mut target = Target::new("");
    let path = Target::stream("Custom-Other_CL");
    let mut sender = target.sender();
    let mut reader = target.client(&target.access.reader);
    for kind in ["text/plain", "application/xml", "multipart/form-data; boundary=a", "", "application/json2"] {
        let answer = sender.send("POST", &path, &[("content-type", kind)], b"[{\"a\":1}]").expect("an answer");
        assert_clear(&answer, kind);
    }
    for body in [b"".as_slice(), b"{}", b"null", b"5", b"\"text\"", b"[1,2]", b"[[]]", b"<xml/>", b"\xff\xfe"] {
        let shown = String::from_utf8_lossy(body).into_owned();
        let answer = sender.send("POST", &path, &JSON, body).expect("an answer");
        assert!(
            answer.status == 204 || (400..500).contains(&answer.status),
            "{shown}: {}: {}",
            answer.status,
            answer.text()
        );
        for path in [
            "/v1/workspaces/vedette/query",
            "/v1/$batch",
            "/v2/rest/query",
            "/v1/rest/mgmt",
            "/v1.0/security/runHuntingQuery",
        ] {
            let answer = reader.send("POST", path, &JSON, body).expect("an answer");
            assert!((400..500).contains(&answer.status), "{path} `{shown}`: {}: {}", answer.status, answer.text());
        }
        let answer = sender.send("POST", "/_bulk", &JSON, body).expect("an answer");
        assert!(answer.status < 500, "_bulk `{shown}`: {}: {}", answer.status, answer.text());
        let answer = sender.send("POST", "/v1/logs", &JSON, body).expect("an answer");
        assert!(answer.status < 500, "logs `{shown}`: {}: {}", answer.status, answer.text());
    }
    assert_eq!(target.number("union isfuzzy=true (datatable(x:int)[]), Other_CL | count"), 0);
    let nested = format!("[{}{}]", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let answer = sender.send("POST", &path, &JSON, nested.as_bytes()).expect("an answer");
    assert!(answer.status < 500, "nested: {}: {}", answer.status, answer.text());
    target.is_well();
}
