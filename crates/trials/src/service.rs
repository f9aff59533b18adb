//! A `vedette serve` of one's own, and its end.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Time for a service to start; a debug build on a busy machine takes some seconds.
const START_TIME: Duration = Duration::from_secs(60);
/// Time for the set-up link to be printed once it answers.
const SETUP_TIME: Duration = Duration::from_secs(5);
/// Time for it to stop when asked.
const STOP_TIME: Duration = Duration::from_secs(60);
/// Between two looks at whether it stopped.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// How a service is started.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// The built `vedette`.
    pub vedette: PathBuf,
    /// Where the configuration, the log, certificates and (unless `workspace` names another place) the workspace lie.
    pub folder: PathBuf,
    /// The workspace.
    pub workspace: PathBuf,
    /// Further sections of the configuration, TOML.
    pub sections: String,
    /// Whether it listens with TLS too.
    pub has_tls: bool,
    /// Further variables of its environment.
    pub environment: Vec<(String, String)>,
}

impl ServiceOptions {
    /// The usual ones, in that folder.
    pub fn new(vedette: &Path, folder: &Path) -> Self {
        Self {
            vedette: vedette.to_owned(),
            folder: folder.to_owned(),
            workspace: folder.join("workspace"),
            sections: String::new(),
            has_tls: false,
            environment: Vec::new(),
        }
    }
}

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    options: ServiceOptions,
    /// Its plain address.
    pub http: SocketAddr,
    /// Its address with TLS.
    pub https: Option<SocketAddr>,
    /// How long it took until it answered.
    pub started_in: Duration,
    output: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Starts a service on ports that the system chooses and waits until `/readyz` says that it takes work.
    ///
    /// # Errors
    /// When it ends or does not answer in time; with the end of its log.
    pub fn start(options: &ServiceOptions) -> Result<Self, String> {
        fs::create_dir_all(&options.folder).map_err(|error| format!("failed to make the folder: {error}"))?;
        if options.has_tls {
            make_certificate(options)?;
        }
        let config = options.folder.join("vedette.toml");
        fs::write(&config, configuration(options))
            .map_err(|error| format!("failed to write the configuration: {error}"))?;
        let log = options.folder.join("service.log");
        let log = File::options().create(true).append(true).open(log);
        let log = log.map_err(|error| format!("failed to open the log: {error}"))?;
        let began = Instant::now();
        let mut child = Command::new(&options.vedette)
            .args(["serve", "--config"])
            .arg(&config)
            .env_remove("VEDETTE_WORKSPACE")
            .envs(options.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("failed to start `{}`: {error}", options.vedette.display()))?;
        let output = Arc::new(Mutex::new(Vec::new()));
        let addresses = match addresses(&mut child, &output) {
            Some(addresses) => addresses,
            None => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the service did not start:\n{}", end_of_log(&options.folder)));
            }
        };
        let of = |scheme: &str| addresses.iter().find_map(|address| address.strip_prefix(scheme)?.parse().ok());
        let http = of("http://").ok_or_else(|| format!("no http address among {addresses:?}"));
        let (http, https) = match http {
            Ok(http) => (http, of("https://")),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        let mut service = Self { child, options: options.clone(), http, https, started_in: Duration::ZERO, output };
        service.wait_until_ready(began)?;
        service.started_in = began.elapsed();
        Ok(service)
    }

    fn wait_until_ready(&mut self, began: Instant) -> Result<(), String> {
        while began.elapsed() < START_TIME {
            let answer = crate::HttpClient::new(self.http, None).get("/readyz");
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(LOOK_PAUSE);
        }
        Err(format!("the service was not ready in time:\n{}", self.log()))
    }

    /// Ends it without a warning (SIGKILL).
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop (SIGTERM) and waits.
    ///
    /// # Errors
    /// When it does not stop in time or ends with an error.
    pub fn stop(mut self) -> Result<(), String> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        asked.map_err(|error| format!("failed to run `kill`: {error}"))?;
        let began = Instant::now();
        while began.elapsed() < STOP_TIME {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the service ended with {status}:\n{}", self.log())),
                Ok(None) => thread::sleep(LOOK_PAUSE),
                Err(error) => return Err(format!("failed to wait for the service: {error}")),
            }
        }
        Err(format!("the service did not stop in time:\n{}", self.log()))
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its resident memory in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// The most resident memory that it has had, in bytes.
    pub fn peak_resident_bytes(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kibibytes| kibibytes << 10)
    }

    /// The secret of the set-up link that it printed.
    ///
    /// # Errors
    /// When it printed none in time.
    pub fn setup_secret(&self) -> Result<String, String> {
        let began = Instant::now();
        loop {
            let printed = self.output.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
            let text =
                printed + "\n" + &fs::read_to_string(self.options.folder.join("service.log")).unwrap_or_default();
            if let Some((_, secret)) = text.rsplit_once("/setup#") {
                let is_end = |letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter));
                return Ok(secret.split(is_end).next().unwrap_or_default().to_owned());
            }
            if began.elapsed() > SETUP_TIME {
                return Err(format!("no set-up link was printed:\n{}", self.log()));
            }
            thread::sleep(LOOK_PAUSE);
        }
    }

    /// How it was started.
    pub fn options(&self) -> &ServiceOptions {
        &self.options
    }

    /// The file of the authority that signed its certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.options.folder.join("tls/ca.pem")
    }

    /// The end of what it said.
    pub fn log(&self) -> String {
        end_of_log(&self.options.folder)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(options: &ServiceOptions) -> String {
    let text = |path: &Path| serde_json::Value::from(path.display().to_string()).to_string();
    let mut config = format!("[workspace]\npath = {}\n\n[http]\nlisten = \"127.0.0.1:0\"\n", text(&options.workspace));
    if options.has_tls {
        let tls = options.folder.join("tls");
        let (certificate, key) = (text(&tls.join("certificate.pem")), text(&tls.join("key.pem")));
        config.push_str(&format!("\n[https]\nlisten = \"127.0.0.1:0\"\ncertificate = {certificate}\nkey = {key}\n"));
    }
    format!("{config}\n{}", options.sections)
}

fn make_certificate(options: &ServiceOptions) -> Result<(), String> {
    let folder = options.folder.join("tls");
    if folder.join("ca.pem").exists() {
        return Ok(());
    }
    let output = Command::new(&options.vedette).args(["tls", "init", "--out"]).arg(&folder).output();
    let output = output.map_err(|error| format!("failed to run `vedette tls init`: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// What the service says that it listens on; its further output is read too, so that it never waits for us.
fn addresses(child: &mut Child, lines: &Arc<Mutex<Vec<String>>>) -> Option<Vec<String>> {
    let output = BufReader::new(child.stdout.take()?);
    let (sender, receiver) = mpsc::channel();
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let addresses = line.strip_prefix("listening on ");
            let addresses = addresses.map(|addresses| addresses.split_whitespace().map(str::to_owned).collect());
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            if let Some(addresses) = addresses {
                let _ = sender.send(addresses);
            }
        }
    });
    receiver.recv_timeout(START_TIME).ok()
}

fn end_of_log(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("service.log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
