//! How fast live bodies are decoded: `intake_speed [SECONDS]`, in the release profile.
//!
//! Bodies of about 1 MiB of records of about 2 KB are decoded on one thread, from the bytes of the body to Arrow batches; speeds are
//! per second of processor time.
#![allow(clippy::print_stdout, reason = "a command-line tool of the project")]

use std::fs;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ingest::doors::JsonArray;
use ingest::{Intake, IntakeSource, Target, Way};

/// Bytes of a body: what clients of the Logs Ingestion API send.
const BODY_BYTES: usize = 1 << 20;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let now = DateTime::from_timestamp(1_715_342_400, 0).unwrap_or(DateTime::UNIX_EPOCH);
    let intake = Intake::new(&[]);
    let sign_in = Target::Recognized;
    let declared = schema::table("SecurityEvent").map_or(Target::Recognized, Target::Table);
    let custom = Target::RecognizedOr("Load_CL".to_owned());
    for (name, record, target) in [
        ("sign-ins, raw", raw_sign_in as Record, sign_in),
        ("SecurityEvent by name", event_row, declared),
        ("custom table", custom_row, custom),
    ] {
        measure(name, &intake, record, &target, now, Duration::from_secs(seconds));
    }
}

type Record = fn(usize) -> String;

fn measure(name: &str, intake: &Intake, record: Record, target: &Target, now: DateTime<Utc>, time: Duration) {
    let mut body = String::from("[");
    let mut count = 0;
    while body.len() < BODY_BYTES {
        body.push_str(if count > 0 { "," } else { "" });
        body.push_str(&record(count));
        count += 1;
    }
    body.push(']');
    let source = IntakeSource::new(Way::LogsIngestion, "speed");
    let (started, before, mut bodies, mut rows) = (Instant::now(), thread_time(), 0_u32, 0);
    while started.elapsed() < time {
        let array = JsonArray::parse(body.as_bytes());
        match intake.decode(&array.records, &source, target, now) {
            Ok(decoded) => rows += decoded.event_rows(),
            Err(error) => println!("{error}"),
        }
        bodies += 1;
    }
    let megabytes = f64::from(bodies) * body.len() as f64 / 1e6;
    let spent = match (before, thread_time()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    let speed = megabytes / spent.as_secs_f64();
    println!("{name}: {speed:.0} MB/s, {} bytes a record, {} rows a body", body.len() / count, rows / bodies as usize);
}

/// Processor time of this thread, which other processes do not disturb; Linux only.
fn thread_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn raw_sign_in(number: usize) -> String {
    let filler = "x".repeat(900);
    format!(
        r#"{{"time":"2024-05-10T11:59:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"SignInLogs","tenantId":"8f1e7a0c-1111-4222-8333-123456789abc","resultType":"0","resultSignature":"None","durationMs":0,"callerIpAddress":"192.0.2.7","correlationId":"c-{number}","identity":"User {number}","Level":4,"location":"DE","properties":{{"id":"id-{number}","createdDateTime":"2024-05-10T11:58:00Z","userDisplayName":"User {number}","userPrincipalName":"user{number}@example.com","userId":"u-{number}","appId":"00000002-0000-0ff1-ce00-000000000000","appDisplayName":"Office 365 Exchange Online","ipAddress":"192.0.2.7","status":{{"errorCode":0,"additionalDetails":"{filler}"}},"clientAppUsed":"Browser","deviceDetail":{{"deviceId":"","operatingSystem":"Windows 10","browser":"Edge"}},"location":{{"city":"Berlin","state":"Berlin","countryOrRegion":"DE","geoCoordinates":{{"latitude":52.5,"longitude":13.4}}}},"conditionalAccessStatus":"success","isInteractive":true,"riskDetail":"none","riskLevelAggregated":"none","riskState":"none"}}}}"#
    )
}

fn event_row(number: usize) -> String {
    let filler = "x".repeat(1400);
    format!(
        r#"{{"TimeGenerated":"2024-05-10T11:58:00.{number:07}Z","EventID":4624,"Activity":"4624 - An account was successfully logged on.","Computer":"DC{number}","Account":"CORP\\user{number}","LogonType":3,"IpAddress":"192.0.2.7","SubjectUserSid":"S-1-5-18","TargetUserName":"user{number}","TargetDomainName":"CORP","EventData":"{filler}"}}"#
    )
}

fn custom_row(number: usize) -> String {
    let filler = "x".repeat(1600);
    format!(
        r#"{{"TimeGenerated":"2024-05-10T11:58:00.{number:07}Z","User":"user{number}","Count":{number},"Ok":true,"Details":{{"a":[1,2,3],"b":"{filler}"}},"Host":"host{number}"}}"#
    )
}
