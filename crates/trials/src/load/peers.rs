//! The same lines written by DuckDB and by chDB.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use super::sign_ins::SignIns;
use super::{LoadOptions, LoadReport};
use crate::Random;

/// Bytes of lines that the peers write.
const BYTES: u64 = 400 << 20;

/// Has the peers write lines of the same records; notes their MB/s and the ratios.
pub(super) fn compare(
    python: &Path,
    script: &Path,
    options: &LoadOptions,
    report: &mut LoadReport,
) -> Result<(), String> {
    let lines = options.folder.join("lines.ndjson");
    let bytes = write(&lines).map_err(|error| format!("failed to write `{}`: {error}", lines.display()))?;
    let output = Command::new(python).arg(script).arg(&lines).arg(options.folder.join("peers")).output();
    let output = output.map_err(|error| format!("failed to start `{}`: {error}", python.display()))?;
    if !output.status.success() {
        return Err(format!("the peers failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    // A line each: name, tabulator, seconds.
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let parsed = line.split_once('\t').and_then(|(name, seconds)| Some((name, seconds.parse::<f64>().ok()?)));
        let (name, seconds) = parsed.ok_or_else(|| format!("the peers said `{line}`"))?;
        let rate = bytes as f64 / 1e6 / seconds;
        let ratio = report.megabytes_per_second / rate;
        report.add(format!("{name}: the same lines"), format!("{rate:.1} MB/s; ratio {ratio:.2}"));
    }
    Ok(())
}

fn write(path: &Path) -> std::io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random::new(77);
    let (mut written, mut number) = (0, 0);
    while written < BYTES {
        let mut body = SignIns::new(500, &mut random);
        body.number(number);
        number += 500;
        let lines = body.lines();
        written += lines.len() as u64;
        out.write_all(&lines)?;
    }
    out.flush()?;
    Ok(written)
}
