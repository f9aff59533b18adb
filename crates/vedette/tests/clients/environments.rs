//! What tests install beside the machine's own: virtual environments of Python, syslog-ng unpacked. Made once, kept with what cargo builds.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::root;

/// syslog-ng of Debian and the libraries that it needs beyond those of a plain system. Its package conflicts with rsyslog's.
const SYSLOG_NG: [&str; 5] = ["syslog-ng-core", "libivykis0", "libnet1", "libpcre3", "libwrap0"];

/// The Python of the virtual environment with `tests/clients/requirements/NAME.txt`. None where it cannot be made, which is said.
pub fn python(name: &str) -> Option<PathBuf> {
    let requirements = root().join("tests/clients/requirements").join(format!("{name}.txt"));
    let text = fs::read_to_string(&requirements).expect("requirements");
    let folder = made(name, &text, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(folder.join("bin/python")).args(pip).arg(&requirements))
    });
    folder.map(|folder| folder.join("bin/python"))
}

/// The folder with syslog-ng. None where it cannot be had, which is said.
pub fn syslog_ng() -> Option<PathBuf> {
    made("syslog-ng", &SYSLOG_NG.join(" "), |folder| {
        run(Command::new("apt-get").args(["download", "-q"]).args(SYSLOG_NG).current_dir(folder))?;
        let packages = fs::read_dir(folder).map_err(|error| error.to_string())?.flatten().map(|entry| entry.path());
        for package in packages.filter(|path| path.extension().is_some_and(|extension| extension == "deb")) {
            run(Command::new("dpkg").arg("-x").arg(package).arg(folder))?;
        }
        Ok(())
    })
}

/// A folder of that name and content, made by whichever process comes first.
fn made(name: &str, content: &str, make: impl FnOnce(&Path) -> Result<(), String>) -> Option<PathBuf> {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let cache = cache();
    fs::create_dir_all(&cache).expect("a cache");
    let folder = cache.join(format!("{name}-{:016x}", hasher.finish()));
    let lock = File::create(cache.join(format!("{name}.lock"))).expect("a lock");
    lock.lock().expect("locked");
    let complete = folder.join(".complete");
    if complete.exists() {
        return Some(folder);
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    match make(&folder).and_then(|()| fs::write(&complete, "").map_err(|error| error.to_string())) {
        Ok(()) => Some(folder),
        Err(error) => {
            let _ = fs::remove_dir_all(&folder);
            // Past the capture of tests' output.
            let _ = writeln!(std::io::stderr(), "skipped: `{name}` cannot be installed here: {error}");
            None
        }
    }
}

/// `clients` beside what cargo builds: `TARGET/debug/deps/it-…` is this program.
fn cache() -> PathBuf {
    let program = std::env::current_exe().expect("a program");
    program.ancestors().nth(3).expect("a target folder").join("clients")
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("failed to start {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("it failed and said nothing").to_owned())
}
