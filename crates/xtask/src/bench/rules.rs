//! What many rules cost together, and one by one: processor time of `vedette rules run` over a demo tenant, with the rules of
//! `content/` and with variations of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::project::{built_for_others, root, run, target_dir};

const USAGE: &str =
    "usage: cargo xtask bench rules [--users 500] [--days 3] [--variations 10] [--workspace FOLDER] [--vedette FILE]";
/// How often the memory of a process is looked at.
const MEMORY_INTERVAL: Duration = Duration::from_millis(20);
/// Ticks of a second in `/proc/PID/stat`: `USER_HZ`, 100 on all platforms of Linux.
const TICKS: f64 = 100.0;
/// Longest period that a scheduled rule may have, in days.
const MAX_PERIOD_DAYS: u64 = 14;

struct Options {
    users: u64,
    days: u64,
    variations: usize,
    workspace: Option<PathBuf>,
    /// The program that is measured, in place of one that is built for others.
    vedette: Option<PathBuf>,
}

/// What running rules cost, and what they found.
#[derive(Default)]
struct Cost {
    /// Processor time in seconds.
    seconds: f64,
    /// Most memory of a process, in bytes.
    peak: u64,
    /// Alerts by rule: name, begin and end.
    alerts: BTreeMap<String, Vec<String>>,
}

/// `bench rules [options]`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    let options = parse(args)?;
    let vedette = match &options.vedette {
        Some(vedette) => vedette.clone(),
        None => built_for_others()?,
    };
    let folder = target_dir().join("bench-rules");
    let workspace = match &options.workspace {
        Some(workspace) => workspace.clone(),
        None => demo_workspace(&vedette, &folder, &options)?,
    };
    println!("| rules | one by one, CPU s | together, CPU s | ratio | peak memory one by one, MB | together, MB |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for variations in [1, options.variations] {
        let rules = write_rules(&folder.join(format!("rules-{variations}")), variations)?;
        let together = run_rules(&vedette, &workspace, &rules)?;
        let mut alone = Cost::default();
        for rule in &rules {
            let cost = run_rules(&vedette, &workspace, std::slice::from_ref(rule))?;
            alone.seconds += cost.seconds;
            alone.peak = alone.peak.max(cost.peak);
            alone.alerts.extend(cost.alerts);
        }
        if alone.alerts != together.alerts {
            return Err(format!("{} rules find other alerts together than one by one", rules.len()));
        }
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} |",
            rules.len(),
            alone.seconds,
            together.seconds,
            together.seconds / alone.seconds,
            alone.peak as f64 / 1e6,
            together.peak as f64 / 1e6,
        );
    }
    Ok(())
}

fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options { users: 500, days: 3, variations: 10, workspace: None, vedette: None };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let value = rest.next().ok_or(USAGE)?;
        let number = || value.parse().map_err(|_| format!("`{value}` is no number\nhint: {USAGE}"));
        match arg.as_str() {
            "--users" => options.users = number()?,
            "--days" => options.days = number()?,
            "--variations" => options.variations = usize::try_from(number()?).unwrap_or(usize::MAX).max(1),
            "--workspace" => options.workspace = Some(PathBuf::from(value)),
            "--vedette" => options.vedette = Some(PathBuf::from(value)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

/// A workspace with a demo tenant, made once for each size and build.
fn demo_workspace(vedette: &Path, folder: &Path, options: &Options) -> Result<PathBuf, String> {
    let folder = folder.join(format!("{}-users-{}-days", options.users, options.days));
    let (logs, workspace) = (folder.join("logs"), folder.join("workspace"));
    let time = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    if workspace.exists() && time(&folder) > time(vedette) {
        return Ok(workspace);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("failed to empty `{}`: {error}", folder.display()))?;
    }
    let size = [options.users.to_string(), options.days.to_string()];
    run(Command::new(vedette).args(["generate", "--users", &size[0], "--days", &size[1], "--out"]).arg(&logs))?;
    run(Command::new(vedette).arg("ingest").arg(&logs).arg("--workspace").arg(&workspace).stdout(Stdio::null()))?;
    Ok(workspace)
}

/// The rules of `content/` and variations of them, each in a file of its own.
fn write_rules(folder: &Path, variations: usize) -> Result<Vec<PathBuf>, String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("failed to empty `{}`: {error}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|error| format!("failed to create `{}`: {error}", folder.display()))?;
    let mut sources = Vec::new();
    let mut folders = vec![root().join("content/detections")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".yaml") && !name.ends_with(".tests.yaml") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    let mut rules = Vec::new();
    for source in sources {
        let text =
            fs::read_to_string(&source).map_err(|error| format!("failed to read `{}`: {error}", source.display()))?;
        for number in 0..variations {
            let name = source.file_stem().unwrap_or_default().to_string_lossy();
            let path = folder.join(format!("{name}-{number}.yaml"));
            fs::write(&path, varied(&text, number))
                .map_err(|error| format!("failed to write `{}`: {error}", path.display()))?;
            rules.push(path);
        }
    }
    Ok(rules)
}

/// A rule with other thresholds, with one more value in each list of texts that it asks for, and every third with a longer window;
/// number 0 is the rule as it is.
fn varied(text: &str, number: usize) -> String {
    if number == 0 {
        return text.to_owned();
    }
    let line = |line: &str| {
        let written = line.trim_start();
        if let Some((_, id)) = line.strip_prefix("id: ").and_then(|id| id.split_once('-')) {
            return format!("id: {number:08x}-{id}");
        }
        if line.starts_with("name: ") {
            return format!("{line} ({number})");
        }
        if let Some(period) = line.strip_prefix("queryPeriod: ").filter(|_| number.is_multiple_of(3)) {
            return format!("queryPeriod: {}", longer(period));
        }
        if written.starts_with("let ") {
            return raised(line, number);
        }
        // A list in a text is none.
        if line.contains("strcat(") {
            return line.to_owned();
        }
        line.replace(" in (\"", &format!(" in (\"variation {number}\", \""))
            .replace(" in~ (\"", &format!(" in~ (\"variation {number}\", \""))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// `let x = 5;` with a higher number; other lines as they are.
fn raised(line: &str, number: usize) -> String {
    let raised = line.split_once(" = ").and_then(|(name, value)| {
        let value: usize = value.strip_suffix(';')?.parse().ok()?;
        Some(format!("{name} = {};", value + number))
    });
    raised.unwrap_or_else(|| line.to_owned())
}

/// A period twice as long, as far as the product allows: `3h` is `6h`.
fn longer(period: &str) -> String {
    let Some((count, unit)) = period.split_at_checked(period.len().saturating_sub(1)) else { return period.to_owned() };
    match (count.parse::<u64>(), unit) {
        (Ok(count), "d") => format!("{}d", (count * 2).min(MAX_PERIOD_DAYS)),
        (Ok(count), _) => format!("{}{unit}", count * 2),
        _ => period.to_owned(),
    }
}

/// Runs rules in a process of their own.
fn run_rules(vedette: &Path, workspace: &Path, rules: &[PathBuf]) -> Result<Cost, String> {
    let output = target_dir().join("bench-rules/alerts.json");
    let file =
        fs::File::create(&output).map_err(|error| format!("failed to create `{}`: {error}", output.display()))?;
    let before = children_seconds()?;
    let mut child = Command::new(vedette)
        .args(["rules", "run", "--format", "json", "--workspace"])
        .arg(workspace)
        .args(rules)
        .stdout(file)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("failed to start `{}`: {error}", vedette.display()))?;
    let peak = watched(&mut child)?;
    let seconds = children_seconds()? - before;
    let text =
        fs::read_to_string(&output).map_err(|error| format!("failed to read `{}`: {error}", output.display()))?;
    let found: Value = serde_json::from_str(&text).map_err(|error| format!("rules did not run: {error}"))?;
    for (id, rule) in found["rules"].as_object().into_iter().flatten() {
        if !rule["failure"].is_null() {
            return Err(format!("rule `{id}` failed: {}", rule["failure"]));
        }
    }
    let mut alerts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for alert in found["alerts"].as_array().into_iter().flatten() {
        let rule = alert["ruleId"].as_str().unwrap_or_default().to_owned();
        alerts.entry(rule).or_default().push(alert.to_string());
    }
    for alerts in alerts.values_mut() {
        alerts.sort();
    }
    Ok(Cost { seconds, peak, alerts })
}

/// Waits for a process; gives its most memory in bytes, as often looked at as [`MEMORY_INTERVAL`] says.
fn watched(child: &mut Child) -> Result<u64, String> {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait().map_err(|error| format!("failed to wait for rules: {error}"))? {
            // Some rules without data are no failure here.
            return if ended.code().is_some() { Ok(peak) } else { Err(format!("rules ended with {ended}")) };
        }
        let kilobytes = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        peak = peak.max(kilobytes.unwrap_or_default() * 1024);
        thread::sleep(MEMORY_INTERVAL);
    }
}

/// Processor time of all processes that were started here and have ended, in seconds.
fn children_seconds() -> Result<f64, String> {
    let text = fs::read_to_string("/proc/self/stat").map_err(|error| format!("failed to read `/proc`: {error}"))?;
    // The name of the program is in parentheses; the times of children are the 16th and 17th field, the 14th and 15th after it.
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variation_has_other_thresholds_literals_and_windows() {
        let rule = "id: 5f0c2c1e-9a4b-4d0f-8a43-6c6f0f8f1a10\nname: Rule\nqueryPeriod: 1d\nquery: |\n  let most = 3;\n  T | where A in (\"x\")\n";
        let expected = "id: 00000006-9a4b-4d0f-8a43-6c6f0f8f1a10\nname: Rule (6)\nqueryPeriod: 2d\nquery: |\n  let most = 9;\n  T | where A in (\"variation 6\", \"x\")\n";
        assert_eq!(varied(rule, 6), expected);
        assert_eq!(varied(rule, 0), rule);
        assert_eq!((longer("10d"), longer("3h")), ("14d".to_owned(), "6h".to_owned()));
    }
}
