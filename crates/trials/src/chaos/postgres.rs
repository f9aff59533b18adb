//! A PostgreSQL of Debian's package that is restarted while senders send.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::senders::{BATCH, Sender, Whereabouts};
use super::{ChaosReport, kills};
use crate::{Access, Service};

/// The variable in which the service finds the URL.
pub(super) const URL: &str = "TRIAL_DATABASE_URL";
/// Senders while it restarts.
const SENDERS: u64 = 2;
/// The first sender's number.
const FIRST: u64 = 50;
/// How long senders send before, while and after it is away.
const WHILE: Duration = Duration::from_millis(500);

/// A running server, reached by a socket in its folder; stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
}

impl Postgres {
    /// Makes and starts one.
    ///
    /// # Errors
    /// Where PostgreSQL is not installed or does not start.
    pub fn start(folder: &Path) -> Result<Self, String> {
        let programs = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let programs = programs.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
        let programs = programs.ok_or("no PostgreSQL is installed\nhint: `scripts/install` installs it")?;
        fs::create_dir_all(folder).map_err(|error| format!("failed to make `{}`: {error}", folder.display()))?;
        if let Some((user, group)) = unprivileged() {
            chown(folder, Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
        let server = Self { folder: folder.to_owned(), programs };
        let data = server.folder.join("data").display().to_string();
        server
            .run("initdb", &["-D", &data, "-U", "vedette", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])?;
        server.resume()?;
        server.run("createdb", &["-h", &server.folder.display().to_string(), "-U", "vedette", "vedette"])?;
        Ok(server)
    }

    /// Where the service reaches it.
    pub fn url(&self) -> String {
        format!("postgres://vedette@localhost/vedette?host={}", self.folder.display())
    }

    fn resume(&self) -> Result<(), String> {
        let (data, log) =
            (self.folder.join("data").display().to_string(), self.folder.join("log").display().to_string());
        let options = format!("-k {} -c listen_addresses=''", self.folder.display());
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"])
    }

    fn stop(&self) -> Result<(), String> {
        let data = self.folder.join("data").display().to_string();
        self.run("pg_ctl", &["-D", &data, "-m", "fast", "-w", "stop"])
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let path = self.programs.join(program);
        let mut command = match unprivileged() {
            None => Command::new(path),
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups", "--"])
                    .arg(path);
                command
            }
        };
        // Its output goes nowhere: a server that is left behind would keep a pipe open.
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{program}` ended with {status}")),
            Err(error) => Err(format!("failed to start `{program}`: {error}")),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Senders send while the database goes away and comes back: nothing acknowledged is lost, and they come through again.
pub(super) fn restarted(
    postgres: &Postgres,
    service: Service,
    access: &Access,
    report: &mut ChaosReport,
) -> Result<Service, String> {
    let whereabouts = Arc::new(Whereabouts::default());
    let start = |number| Sender::start(FIRST + number, &access.ingest, Arc::clone(&whereabouts));
    let senders: Vec<Sender> = (0..SENDERS).map(start).collect();
    whereabouts.set(Some(service.http));
    let pause = || std::thread::sleep(WHILE);
    pause();
    postgres.stop()?;
    pause();
    postgres.resume()?;
    let before: Vec<u64> = senders.iter().map(|sender| sender.sent().acknowledged).collect();
    pause();
    whereabouts.end();
    let mut sent = Vec::new();
    for (sender, before) in senders.into_iter().zip(before) {
        let known = sender.join()?;
        if known.complaint.is_none() && known.acknowledged < before + BATCH {
            return Err("senders did not come through after the database was back".to_owned());
        }
        report.acknowledged += known.acknowledged;
        report.retries += known.retries;
        sent.push(known);
    }
    kills::check(&service, access, &sent, 0)?;
    report.trials.push("PostgreSQL restarted while senders sent".to_owned());
    Ok(service)
}

/// Whom the server runs as where this process is root, which PostgreSQL refuses.
fn unprivileged() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let fields =
        accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == "postgres")?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
