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

    /// Starts one that forwards to a port of this machine, as RFC 5424.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(folder: &Path, transport: Transport, port: u16) -> Result<Daemon, String> {
        let listens = free_port()?;
        Daemon::start(folder, listens, &rsyslog_conf(folder, transport, listens, port), |folder, conf| {
            let mut command = Command::new(RSYSLOG);
            command.arg("-n").arg("-f").arg(conf).arg("-i").arg(folder.join("pid"));
            command
        })
    }
}

fn rsyslog_conf(folder: &Path, transport: Transport, listens: u16, port: u16) -> String {
    let (ca, action) = match transport {
        Transport::Udp => (String::new(), r#"protocol="udp""#.to_owned()),
        Transport::Tcp => (String::new(), r#"protocol="tcp" tcp_framing="octet-counted""#.to_owned()),
        Transport::Tls(ca) => (
            format!(r#" defaultNetstreamDriverCAFile="{}""#, ca.display()),
            concat!(
                r#"protocol="tcp" tcp_framing="octet-counted" streamDriver="gtls" streamDriverMode="1" "#,
                r#"streamDriverAuthMode="x509/name" streamDriverPermittedPeers="localhost""#
            )
            .to_owned(),
        ),
    };
    format!(
        r#"global(workDirectory="{}"{ca})
module(load="imptcp")
input(type="imptcp" address="127.0.0.1" port="{listens}")
action(type="omfwd" target="127.0.0.1" port="{port}" {action} template="RSYSLOG_SyslogProtocol23Format"
       action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="200000")
"#,
        folder.display()
    )
}

impl SyslogNg {
    /// Starts one that forwards to a port of this machine, as RFC 5424 with its own framing.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, folder: &Path, transport: Transport, port: u16) -> Result<Daemon, String> {
        let listens = free_port()?;
        let conf = syslog_ng_conf(transport, listens, port);
        Daemon::start(folder, listens, &conf, |folder, conf| {
            let libraries = self.root.join("usr/lib");
            let arch = fs::read_dir(&libraries).into_iter().flatten().flatten().map(|entry| entry.path());
            let arch = arch
                .filter(|path| path.is_dir())
                .find(|path| path.join("syslog-ng").is_dir() || path.join("libivykis.so.0").exists());
            let arch = arch.unwrap_or_else(|| libraries.clone());
            let modules = find_modules(&libraries).unwrap_or_else(|| arch.join("syslog-ng"));
            let mut command = Command::new(self.root.join("usr/sbin/syslog-ng"));
            command.env("LD_LIBRARY_PATH", format!("{}:{}", arch.display(), libraries.join("syslog-ng").display()));
            command.args(["-F", "--no-caps"]).arg(format!("--module-path={}", modules.display()));
            command.arg("-f").arg(conf).arg(format!("--persist-file={}", folder.join("persist").display()));
            command.arg(format!("--pidfile={}", folder.join("pid").display()));
            command.arg(format!("--control={}", folder.join("control").display()));
            command
        })
    }
}

/// The folder with syslog-ng's modules, wherever the architecture puts it.
fn find_modules(libraries: &Path) -> Option<PathBuf> {
    let mut folders = vec![libraries.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()) {
            if path.file_name().is_some_and(|name| name == "libaffile.so") {
                return path.parent().map(Path::to_owned);
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    None
}

fn syslog_ng_conf(transport: Transport, listens: u16, port: u16) -> String {
    let sends = match transport {
        Transport::Udp => r#"transport("udp")"#.to_owned(),
        Transport::Tcp => r#"transport("tcp")"#.to_owned(),
        Transport::Tls(ca) => format!(r#"transport("tls") tls(ca-file("{}") peer-verify(yes))"#, ca.display()),
    };
    format!(
        r#"@version: 3.38
source lines {{ network(ip("127.0.0.1") port({listens}) transport("tcp") flags(syslog-protocol)); }};
destination service {{ syslog("localhost" port({port}) {sends}); }};
log {{ source(lines); destination(service); flags(flow-control); }};
"#
    )
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
