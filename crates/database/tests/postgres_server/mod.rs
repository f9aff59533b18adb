//! A PostgreSQL server for tests: Debian's package, in a folder of its own, reached by a socket, gone when the test's process is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io};

/// A running server.
pub struct PostgresServer {
    folder: PathBuf,
    programs: PathBuf,
    keeper: Mutex<Option<Keeper>>,
    databases: AtomicU32,
}

/// A shell that stops the server when told so by a line, and removes its folder too when the test's process ends, however it ends.
struct Keeper {
    shell: Child,
    orders: ChildStdin,
}

const KEEPER: &str =
    r#"folder=$1; shift; read -r order; told=$?; "$@" >/dev/null 2>&1; [ $told = 0 ] || rm -rf "$folder""#;

/// Whom the server runs as where the tests run as root, which PostgreSQL refuses.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

impl PostgresServer {
    /// Makes and starts a server. Nothing where PostgreSQL is not installed, which the tests' output then says; on CI that is a failure.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(env::var_os("CI").is_none(), "PostgreSQL is not installed: run scripts/install");
            // Past the capture of tests' output.
            let _ = writeln!(
                io::stderr(),
                "skipped: PostgreSQL is not installed (scripts/install installs it); tested with SQLite alone"
            );
            return None;
        };
        let folder = tempfile::Builder::new().prefix("vedette-pg-").tempdir_in("/tmp").expect("a folder").keep();
        if let Some((_, user, group)) = unprivileged() {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("as root");
        }
        let server = Self { folder, programs, keeper: Mutex::new(None), databases: AtomicU32::new(0) };
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", "vedette", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        server.resume();
        Some(server)
    }

    /// Stops it; its data stay.
    pub fn stop(&self) {
        if let Some(mut keeper) = self.keeper.lock().expect("a lock").take() {
            keeper.orders.write_all(b"stop\n").expect("the keeper listens");
            drop(keeper.orders);
            keeper.shell.wait().expect("the keeper ends");
        }
    }

    /// Starts it again.
    pub fn resume(&self) {
        let (data, log) = (self.data(), self.folder.join("log").display().to_string());
        // Tests make no use of power loss here, so nothing is synced.
        let options =
            format!("-k {} -c listen_addresses='' -c fsync=off -c max_connections=200", self.folder.display());
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]);
        let stop = self.command("pg_ctl", &["-D", &data, "-m", "fast", "-w", "stop"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEPER, "keeper"]).arg(&self.folder).arg(stop.get_program()).args(stop.get_args());
        let mut shell =
            shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a shell");
        let orders = shell.stdin.take().expect("piped");
        *self.keeper.lock().expect("a lock") = Some(Keeper { shell, orders });
    }

    /// Makes an empty database and gives its URL.
    pub fn new_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", &["-h", &self.folder.display().to_string(), "-U", "vedette", &name]);
        format!("postgres://vedette@localhost/{name}?host={}", self.folder.display())
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(program);
        let mut command = match unprivileged() {
            None => Command::new(program),
            Some((_, user, group)) => {
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={user}"), &format!("--regid={group}"), "--clear-groups", "--"])
                    .arg(program);
                command
            }
        };
        command.args(arguments).current_dir("/");
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        // Its output goes to a file: a server that pg_ctl leaves behind would keep a pipe open.
        let log = fs::File::options().create(true).append(true).open(self.folder.join("commands")).expect("a log");
        let status = self
            .command(program, arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .status();
        let said = || fs::read_to_string(self.folder.join("commands")).unwrap_or_default();
        assert!(status.as_ref().is_ok_and(|status| status.success()), "{program}: {status:?}\n{}", said());
    }
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let installed =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let newest = installed.filter(|folder| folder.join("initdb").exists()).max_by_key(|folder| version(folder));
    let on_path = || env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    newest.or_else(on_path)
}

/// The name and ids of whom to run as, where the tests run as root.
fn unprivileged() -> Option<(String, u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    // The owner of this process's own entry is who runs it.
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let ids = |name: &str| {
        let fields =
            accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((name.to_owned(), fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    UNPRIVILEGED.into_iter().find_map(ids)
}
