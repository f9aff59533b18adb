//! Syslog over TLS from rsyslog, while users ask.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{LoadOptions, LoadReport, dashboards};
use crate::{Access, HttpClient, Rsyslog, Service, ServiceOptions, Transport, free_port, set_up};

/// Messages a second.
const RATE: u64 = 1000;
/// Messages written at a time.
const BURST: u64 = 50;
/// Time for the last messages to arrive once all are sent.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether they have.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// Sends messages through rsyslog while users ask; notes what was dropped and how long the users waited.
pub(super) fn beside_users(options: &LoadOptions, time: Duration, report: &mut LoadReport) -> Result<(), String> {
    if !Rsyslog::is_installed() {
        report.add("syslog beside users", "skipped: rsyslog is not installed");
        return Ok(());
    }
    let mut service_options = ServiceOptions::new(&options.vedette, &options.folder.join("dashboards"));
    service_options.has_tls = true;
    let port = free_port()?;
    service_options.sections = format!("[syslog]\ntls = \"127.0.0.1:{port}\"\n");
    dashboards::fill(options, &service_options.workspace)?;
    let service = Service::start(&service_options)?;
    let access = set_up(&service)?;
    let rsyslog =
        Rsyslog::start(&options.folder.join("rsyslog"), &Rsyslog::forward(Transport::Tls(&service.ca_file()), port))?;
    let (sent, waited) = thread::scope(|scope| {
        let sender = scope.spawn(|| send(rsyslog.address, time));
        let waited = dashboards::ask(&service, &access, time);
        let sent = sender.join().map_err(|_| "the sender panicked".to_owned())?;
        Ok::<_, String>((sent?, waited?))
    })?;
    let stored = stored(&service, &access, sent)?;
    let missing = sent.saturating_sub(stored);
    report.add(
        format!("syslog over TLS from rsyslog, {RATE}/s for {} s: sent, missing", time.as_secs()),
        format!("{sent}, {missing}"),
    );
    let (mut waited, rows) = (waited, options.dashboard_rows);
    let count = waited.count();
    report.add(
        format!("{} users count by bin over a day of {rows} rows, p50 / p95 of {count}", dashboards::USERS),
        waited.describe(95),
    );
    if missing > 0 {
        Err(format!("{missing} of {sent} messages are missing\n{}", service.log()))
    } else {
        service.stop()
    }
}

fn send(address: SocketAddr, time: Duration) -> Result<u64, String> {
    let mut stream = TcpStream::connect(address).map_err(|error| format!("failed to reach rsyslog: {error}"))?;
    let (began, mut sent) = (Instant::now(), 0);
    while began.elapsed() < time {
        let due = Duration::from_secs_f64(sent as f64 / RATE as f64);
        thread::sleep(due.saturating_sub(began.elapsed()));
        let mut lines = String::new();
        for number in sent..sent + BURST {
            lines.push_str(&format!(
                "<134>1 2026-01-05T08:00:00Z host.example trial - - - message {number} of a trial\n"
            ));
        }
        stream.write_all(lines.as_bytes()).map_err(|error| format!("rsyslog broke off: {error}"))?;
        sent += BURST;
    }
    Ok(sent)
}

fn stored(service: &Service, access: &Access, sent: u64) -> Result<u64, String> {
    let mut client = HttpClient::new(service.http, Some(&access.reader));
    let body = json!({"query": "Syslog | where SyslogMessage has 'of a trial' | distinct SyslogMessage | count"});
    let (began, mut stored) = (Instant::now(), 0);
    while stored < sent && began.elapsed() < PATIENCE {
        thread::sleep(LOOK_PAUSE);
        let answer = client.post_json("/v1/workspaces/vedette/query", &body).map_err(|error| error.to_string())?;
        stored = answer.json()?["tables"][0]["rows"][0][0].as_u64().unwrap_or(0);
    }
    Ok(stored)
}
