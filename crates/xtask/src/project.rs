//! Where the project lies and what files it has.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the root `Cargo.toml`: of the checkout that `cargo xtask` was called in, or else the current folder. Asked at run
/// time, since one target folder may serve several checkouts.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = manifest.and_then(|xtask| xtask.ancestors().nth(2).map(Path::to_owned));
    root.unwrap_or_else(|| PathBuf::from("."))
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// All files that git tracks or would track, relative to the root.
pub(crate) fn files() -> Result<Vec<PathBuf>, String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("failed to run `git ls-files`: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(PathBuf::from).filter(|path| root().join(path).is_file()).collect())
}

/// `cargo` as a user would start it. What `cargo run` adds to the environment of this process (`CARGO_MANIFEST_DIR`, `CARGO_PKG_…`)
/// is taken out: build scripts of dependencies watch those, and would build half of the tree again.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let added = name.to_string_lossy();
        if added.starts_with("CARGO_PKG_") || added.starts_with("CARGO_MANIFEST") || added == "CARGO" {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds `vedette` as it is given to others, and says where it is.
pub(crate) fn built_for_others() -> Result<PathBuf, String> {
    run(cargo().args(["build", "--profile", "dist", "--locked", "--package", "vedette"]).current_dir(root()))?;
    Ok(target_dir().join("dist/vedette"))
}

/// Runs a command and turns its failure into a message.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("failed to start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}
