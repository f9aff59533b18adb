//! Which crate may depend on which. Anything not listed here is a breach.

use serde_json::Value;

use crate::project::{cargo, root};

/// Our crates and the crates of ours that each may know.
const ARROWS: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("kql-syntax", &[]),
    ("json-text", &[]),
    ("kql-functions", &["json-text"]),
    ("kql-engine", &["kql-syntax", "kql-functions"]),
    ("storage", &["schema", "json-text"]),
    ("ingest", &["schema"]),
    ("detections", &["schema"]),
    ("incidents", &["schema"]),
    ("report", &["schema"]),
    ("generator", &[]),
    ("access", &[]),
    ("database", &[]),
    ("api", &["schema", "kql-functions"]),
    (
        "server",
        &[
            "schema",
            "kql-engine",
            "kql-syntax",
            "kql-functions",
            "storage",
            "ingest",
            "detections",
            "incidents",
            "report",
            "generator",
            "access",
            "database",
            "api",
        ],
    ),
    ("vedette", &["server"]),
    ("trials", &[]),
    ("xtask", &["trials"]),
];

/// Crates that may name DataFusion or Delta; all others build and test without them.
const MAY_KNOW_DATAFUSION: &[&str] = &["kql-engine", "storage", "server"];

/// All arrows of `cargo metadata` that are not allowed.
pub(crate) fn breaches() -> Result<Vec<String>, String> {
    let packages = packages()?;
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut breaches = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            breaches.push(format!("crate `{name}` has no line in xtask's list of arrows"));
            continue;
        };
        // Development dependencies are no arrows: tests may bring things together.
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["kind"].is_null()) {
            let target = dependency["name"].as_str().unwrap_or_default();
            if names.contains(&target) && !allowed.contains(&target) {
                breaches.push(format!("crate `{name}` must not depend on `{target}`"));
            }
            let is_engine = target.starts_with("datafusion") || target.starts_with("deltalake");
            if is_engine && !MAY_KNOW_DATAFUSION.contains(&name) {
                breaches.push(format!("crate `{name}` must build without `{target}`"));
            }
        }
    }
    Ok(breaches)
}

fn packages() -> Result<Vec<Value>, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("failed to run `cargo metadata`: {error}"))?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("failed to read `cargo metadata`: {error}"))?;
    Ok(metadata["packages"].as_array().cloned().unwrap_or_default())
}
