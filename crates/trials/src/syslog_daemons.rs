//! rsyslog and syslog-ng of Debian's packages, each in a folder of its own, sending to a service.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Time for a daemon to listen.
const START_TIME: Duration = Duration::from_secs(20);
/// Between two looks at whether it does.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
const RSYSLOG: &str = "/usr/sbin/rsyslogd";

/// How messages are carried.
#[derive(Debug, Clone, Copy)]
pub enum Transport<'t> {
    /// Datagrams.
    Udp,
    /// Lines or counted octets.
    Tcp,
    /// Over TLS, trusting this authority.
    Tls(&'t Path),
}

/// A running daemon that takes lines over TCP and forwards them; ended when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    /// Where it takes lines.
    pub address: SocketAddr,
}

/// rsyslog.
pub struct Rsyslog;

/// syslog-ng, unpacked beside rsyslog, with which its package conflicts.
pub struct SyslogNg {
    /// Where its packages were unpacked.
    pub root: PathBuf,
}

/// A port that was free a moment ago.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

impl Rsyslog {
    /// Whether it is there.
    pub fn is_installed() -> bool {
        Path::new(RSYSLOG).exists()
    }

    /// Its configuration for forwarding to a port of this machine, as RFC 5424.
    pub fn forward(transport: Transport, port: u16) -> String {
        let (ca, action) = match transport {
            Transport::Udp => (String::new(), r#"protocol="udp""#.to_owned()),
            Transport::Tcp => (String::new(), r#"protocol="tcp" tcp_framing="octet-counted""#.to_owned()),
            Transport::Tls(ca) => (
                format!("global(defaultNetstreamDriverCAFile=\"{}\")\n", ca.display()),
                concat!(
                    r#"protocol="tcp" tcp_framing="octet-counted" streamDriver="gtls" streamDriverMode="1" "#,
                    r#"streamDriverAuthMode="x509/name" streamDriverPermittedPeers="localhost""#
                )
                .to_owned(),
            ),
        };
        format!(
            r#"{ca}action(type="omfwd" target="127.0.0.1" port="{port}" {action} template="RSYSLOG_SyslogProtocol23Format"
       action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="200000")
"#
        )
    }

    /// Starts one that takes lines and does with them what this part of a configuration says.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(folder: &Path, forward: &str) -> Result<Daemon, String> {
        let listens = free_port()?;
        let conf = format!(
            r#"global(workDirectory="{}")
module(load="imptcp")
input(type="imptcp" address="127.0.0.1" port="{listens}")
{forward}
"#,
            folder.display()
        );
        Daemon::start(folder, listens, &conf, |folder, conf| {
            let mut command = Command::new(RSYSLOG);
            command.arg("-n").arg("-f").arg(conf).arg("-i").arg(folder.join("pid"));
            command
        })
    }
}

impl SyslogNg {
    /// Its configuration for forwarding to a port of this machine, as RFC 5424 with its own framing: a destination `vedette`.
    pub fn forward(transport: Transport, port: u16) -> String {
        let sends = match transport {
            Transport::Udp => r#"transport("udp")"#.to_owned(),
            Transport::Tcp => r#"transport("tcp")"#.to_owned(),
            Transport::Tls(ca) => format!(r#"transport("tls") tls(ca-file("{}") peer-verify(yes))"#, ca.display()),
        };
        format!("destination vedette {{ syslog(\"localhost\" port({port}) {sends}); }};\n")
    }

    /// Starts one that takes lines and sends them to the destination `vedette` of this part of a configuration.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, folder: &Path, forward: &str) -> Result<Daemon, String> {
        let listens = free_port()?;
        let conf = format!(
            r#"@version: 3.38
source lines {{ network(ip("127.0.0.1") port({listens}) transport("tcp") flags(syslog-protocol)); }};
{forward}
log {{ source(lines); destination(vedette); flags(flow-control); }};
"#
        );
        Daemon::start(folder, listens, &conf, |folder, conf| {
            let modules = find_folder(&self.root, "libaffile.so").unwrap_or_else(|| self.root.clone());
            // Its own libraries and those that its packages bring lie in several folders.
            let libraries = ["libivykis.so.0", "libpcre.so.3", "libnet.so.1"]
                .iter()
                .filter_map(|name| find_folder(&self.root, name));
            let own = modules.parent().map(Path::to_owned).into_iter();
            let paths: Vec<String> = own.chain(libraries).map(|path| path.display().to_string()).collect();
            let mut command = Command::new(self.root.join("usr/sbin/syslog-ng"));
            command.env("LD_LIBRARY_PATH", paths.join(":"));
            command.args(["-F", "--no-caps"]).arg(format!("--module-path={}", modules.display()));
            command.arg("-f").arg(conf).arg(format!("--persist-file={}", folder.join("persist").display()));
            command.arg(format!("--pidfile={}", folder.join("pid").display()));
            command.arg(format!("--control={}", folder.join("control").display()));
            command
        })
    }
}

/// The folder below this one that has a file of that name.
fn find_folder(root: &Path, file: &str) -> Option<PathBuf> {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            if entry.file_name() == file {
                return entry.path().parent().map(Path::to_owned);
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    None
}

impl Daemon {
    fn start(
        folder: &Path,
        listens: u16,
        conf: &str,
        command: impl FnOnce(&Path, &Path) -> Command,
    ) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| format!("failed to make `{}`: {error}", folder.display()))?;
        let (file, log) = (folder.join("daemon.conf"), folder.join("daemon.log"));
        fs::write(&file, conf).map_err(|error| error.to_string())?;
        let output = fs::File::create(&log).map_err(|error| error.to_string())?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        let mut command = command(folder, &file);
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        let child = child.map_err(|error| format!("failed to start {command:?}: {error}"))?;
        let mut daemon = Self { child, address: SocketAddr::from(([127, 0, 0, 1], listens)) };
        let began = Instant::now();
        while began.elapsed() < START_TIME && matches!(daemon.child.try_wait(), Ok(None)) {
            if TcpStream::connect(daemon.address).is_ok() {
                return Ok(daemon);
            }
            thread::sleep(LOOK_PAUSE);
        }
        Err(format!("{command:?} does not listen: {}", fs::read_to_string(&log).unwrap_or_default()))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
