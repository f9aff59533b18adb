//! Measures the running service under load, beside DuckDB and chDB.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use trials::{LoadOptions, load as measure};

use crate::project::{cargo, root, run, target_dir};

const USAGE: &str = "usage: cargo xtask load [--seconds 300] [--rate MB/s] [--paced-seconds 60] [--connections 4] \
                     [--records 400] [--syslog-seconds 60] [--rows 5000000] [--peers] [--vedette FILE]";
/// Packages of the peers, in a virtual environment of their own.
const PEER_PACKAGES: [&str; 2] = ["duckdb", "chdb"];

/// `load [options]`.
pub(crate) fn load(args: &[String]) -> Result<(), String> {
    let mut options = parse(args)?;
    if options.vedette.as_os_str().is_empty() {
        run(cargo().args(["build", "--release", "--locked", "--package", "vedette"]).current_dir(root()))?;
        options.vedette = target_dir().join("release/vedette");
    }
    let _ = std::fs::remove_dir_all(&options.folder);
    std::fs::create_dir_all(&options.folder).map_err(|error| error.to_string())?;
    let report = measure(&options)?;
    print!("{report}");
    Ok(())
}

fn parse(args: &[String]) -> Result<LoadOptions, String> {
    let mut options = LoadOptions {
        vedette: PathBuf::new(),
        folder: target_dir().join("load"),
        time: Duration::from_secs(300),
        rate: None,
        paced_time: Duration::from_secs(60),
        connections: 4,
        records: 400,
        peers: None,
        syslog_time: Some(Duration::from_secs(60)),
        dashboard_rows: 5_000_000,
    };
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        if flag == "--peers" {
            let python = peer_python(&target_dir().join("load-peers"))?;
            options.peers = Some((python, root().join("benches/load/peers.py")));
            continue;
        }
        let value = rest.next().ok_or(USAGE)?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no number\n{USAGE}"));
        let small = |number: u64| usize::try_from(number).map_err(|error| error.to_string());
        match flag.as_str() {
            "--seconds" => options.time = Duration::from_secs(number()?),
            "--rate" => options.rate = Some(number()? as f64),
            "--paced-seconds" => options.paced_time = Duration::from_secs(number()?),
            "--connections" => options.connections = small(number()?)?,
            "--records" => options.records = small(number()?)?,
            "--syslog-seconds" => {
                options.syslog_time = Some(number()?).filter(|&seconds| seconds > 0).map(Duration::from_secs);
            }
            "--rows" => options.dashboard_rows = number()?,
            "--vedette" => options.vedette = PathBuf::from(value),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

/// Python with the peers, in a virtual environment that is made once.
fn peer_python(environment: &Path) -> Result<PathBuf, String> {
    let python = environment.join("bin/python");
    let imports = format!("import {}", PEER_PACKAGES.join(", "));
    let has_packages =
        Command::new(&python).args(["-c", &imports]).output().is_ok_and(|output| output.status.success());
    if !has_packages {
        run(Command::new("python3").args(["-m", "venv"]).arg(environment))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEER_PACKAGES))?;
    }
    Ok(python)
}
