//! Users who look at dashboards: counts by time over a day.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::LoadOptions;
use super::latencies::Latencies;
use super::sign_ins::time_before_now;
use crate::{Access, HttpClient, Random, Service};

/// Users at a time.
pub(super) const USERS: usize = 10;
/// How long a user looks at an answer before the next question.
const LOOK: Duration = Duration::from_millis(1000);
/// Milliseconds of the day that is asked about.
const DAY: u64 = 86_400_000;
/// What they ask, in turn.
const QUESTIONS: [&str; 3] = [
    "SigninLogs | where TimeGenerated > ago(1d) | summarize count() by bin(TimeGenerated, 1h)",
    "SigninLogs | where TimeGenerated > ago(1d) | summarize count() by bin(TimeGenerated, 15m), ResultType",
    "SigninLogs | where TimeGenerated > ago(1d) and ResultType != '0' | summarize count() by bin(TimeGenerated, 1h)",
];

/// Puts a day of sign-ins into a workspace, a part at a time.
pub(super) fn fill(options: &LoadOptions, workspace: &Path) -> Result<(), String> {
    const PART: u64 = 1_000_000;
    let path = options.folder.join("day.ndjson");
    let mut random = Random::new(5);
    let (mut row, rows) = (0, options.dashboard_rows);
    while row < rows {
        let end = (row + PART).min(rows);
        let failed = |error: std::io::Error| format!("failed to write `{}`: {error}", path.display());
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(failed)?);
        for row in row..end {
            let line = line(row, DAY - (row * DAY / rows.max(1)), &mut random);
            out.write_all(line.as_bytes()).map_err(failed)?;
        }
        out.flush().map_err(failed)?;
        drop(out);
        let output = Command::new(&options.vedette).arg("ingest").arg(&path).arg("--workspace").arg(workspace).output();
        let output = output.map_err(|error| format!("failed to run `vedette ingest`: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        row = end;
    }
    fs::remove_file(&path).map_err(|error| error.to_string())
}

fn line(row: u64, before_now: u64, random: &mut Random) -> String {
    let time = time_before_now(before_now);
    let (user, code) = (random.between(0, 5000), if random.draw().is_multiple_of(12) { 50126 } else { 0 });
    format!(
        concat!(
            r#"{{"time":"{time}","operationName":"Sign-in activity","category":"SignInLogs","resultType":"{code}","#,
            r#""properties":{{"id":"00000000-0000-4000-8000-{row:012}","createdDateTime":"{time}","userPrincipalName":"user{user}@contoso.com","appDisplayName":"Azure Portal","ipAddress":"203.0.113.{host}","status":{{"errorCode":{code}}}}}}}"#,
            "\n"
        ),
        time = time,
        code = code,
        row = row,
        user = user,
        host = user % 250,
    )
}

/// Has the users ask for the given time; gives how long they waited.
pub(super) fn ask(service: &Service, access: &Access, time: Duration) -> Result<Latencies, String> {
    let began = Instant::now();
    thread::scope(|scope| {
        let users: Vec<_> = (0..USERS)
            .map(|user| {
                scope.spawn(move || {
                    let mut client = HttpClient::new(service.http, Some(&access.reader));
                    let mut latencies = Latencies::default();
                    // Not all at one moment.
                    thread::sleep(LOOK.mul_f64(user as f64 / USERS as f64));
                    for question in QUESTIONS.iter().cycle().skip(user) {
                        if began.elapsed() >= time {
                            break;
                        }
                        let asked = Instant::now();
                        let body = json!({"query": question});
                        let answer = client.post_json("/v1/workspaces/vedette/query", &body);
                        let answer = answer.map_err(|error| error.to_string())?;
                        if answer.status != 200 {
                            return Err(format!("a user was answered with {}: {}", answer.status, answer.text()));
                        }
                        latencies.add(asked.elapsed());
                        thread::sleep(LOOK);
                    }
                    Ok(latencies)
                })
            })
            .collect();
        let mut all = Latencies::default();
        for user in users {
            all.extend(user.join().map_err(|_| "a user panicked".to_owned())??);
        }
        Ok(all)
    })
}
