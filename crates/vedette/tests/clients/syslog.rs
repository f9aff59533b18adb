//! rsyslog and syslog-ng, over UDP, TCP and TLS.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use trials::{Access, Daemon, HttpClient, Rsyslog, Service, ServiceOptions, SyslogNg, Transport, free_port, set_up};

use super::environments::syslog_ng;
use super::root;

/// Messages of each daemon and transport.
const MESSAGES: usize = 50;
/// Time for them to arrive: rsyslog tries again each second where a listener was not there.
const PATIENCE: Duration = Duration::from_secs(30);

/// The block of that name of `docs/senders.md`, with its variables in place.
fn block(name: &str, ca: &Path, port: u16) -> String {
    let page = fs::read_to_string(root().join("docs/senders.md")).expect("a page");
    let (_, rest) = page.split_once(&format!(" name={name}\n")).expect("a block");
    let (text, _) = rest.split_once("```").expect("an end");
    text.replace("$VEDETTE_CA", &ca.display().to_string()).replace("$VEDETTE_SYSLOG_TLS_PORT", &port.to_string())
}

/// Has the daemon send messages that bear this word, and waits until all are there.
fn sends_all(daemon: &Daemon, word: &str, service: &Service, access: &Access) {
    let mut stream = TcpStream::connect(daemon.address).expect("connects");
    for number in 0..MESSAGES {
        let line = format!(
            "<38>1 2026-01-05T08:00:00.123456Z dc1.tailwind.example sshd 4711 - - {word} failed password {number}\n"
        );
        stream.write_all(line.as_bytes()).expect("written");
    }
    drop(stream);
    let mut reader = HttpClient::new(service.http, Some(&access.reader));
    let query = format!(
        "Syslog | where SyslogMessage has '{word}' and Facility == 'auth' and ProcessName == 'sshd' | distinct SyslogMessage | count"
    );
    let began = Instant::now();
    loop {
        let answer = reader.post_json("/v1/workspaces/vedette/query", &json!({"query": query})).expect("an answer");
        let stored = answer.json().expect("JSON")["tables"][0]["rows"][0][0].as_u64();
        if stored == Some(MESSAGES as u64) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{word}: {stored:?} of {MESSAGES}: {}\n{}", answer.text(), service.log());
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn rsyslog_and_syslog_ng_are_heard_over_udp_tcp_and_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = ServiceOptions::new(Path::new(env!("CARGO_BIN_EXE_vedette")), &folder.path().join("service"));
    options.has_tls = true;
    let ports = [(); 3].map(|()| free_port().expect("a port"));
    let [udp, tcp, tls] = ports;
    options.sections =
        format!("[syslog]\nudp = \"127.0.0.1:{udp}\"\ntcp = \"127.0.0.1:{tcp}\"\ntls = \"127.0.0.1:{tls}\"\n");
    let service = Service::start(&options).expect("starts");
    let access = set_up(&service).expect("set up");
    let ca = service.ca_file();
    if Rsyslog::is_installed() {
        for (word, conf) in [
            ("rsyslogudp", Rsyslog::forward(Transport::Udp, udp)),
            ("rsyslogtcp", Rsyslog::forward(Transport::Tcp, tcp)),
            ("rsyslogtls", block("rsyslog", &ca, tls)),
        ] {
            let daemon = Rsyslog::start(&folder.path().join(word), &conf).expect("rsyslog starts");
            sends_all(&daemon, word, &service, &access);
        }
    } else {
        let _ = writeln!(std::io::stderr(), "skipped: rsyslog is not installed (scripts/install installs it)");
    }
    if let Some(root) = syslog_ng() {
        let syslog_ng = SyslogNg { root };
        for (word, conf) in [
            ("syslogngudp", SyslogNg::forward(Transport::Udp, udp)),
            ("syslogngtcp", SyslogNg::forward(Transport::Tcp, tcp)),
            ("syslogngtls", block("syslog-ng", &ca, tls)),
        ] {
            let daemon = syslog_ng.start(&folder.path().join(word), &conf).expect("syslog-ng starts");
            sends_all(&daemon, word, &service, &access);
        }
    }
}
