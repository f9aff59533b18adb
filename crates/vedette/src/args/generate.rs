//! Arguments of `generate`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use server::{Envelope, GenerateOptions, PlayTarget, Rate, ScenarioChoice};

use super::{ReportFormat, parse_time};

/// Choices of scenarios beside their names.
const ALL: &str = "all";
const NONE: &str = "none";

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["out", "workspace", "to", "report", "list", "check"]))]
pub(crate) struct Generate {
    /// Where to write the tenant: a folder for its files and the truth file
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write it straight into the tables of this new workspace
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "to"])]
    pub(crate) workspace: Option<PathBuf>,
    /// Number of accounts
    #[arg(long, default_value_t = GenerateOptions::default().users)]
    pub(crate) users: u32,
    /// Number of days
    #[arg(long, default_value_t = GenerateOptions::default().days)]
    pub(crate) days: u32,
    /// First day
    #[arg(long, value_parser = parse_time, value_name = "DATE")]
    pub(crate) start: Option<DateTime<Utc>>,
    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Attacks to hide: names of `--list`, `all` or `none`; what only looks like an attack is always there
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',', default_value = ALL)]
    pub(crate) scenario: Vec<String>,
    /// In which forms the logs are written
    #[arg(long, value_parser = PossibleValuesParser::new(Envelope::ALL.map(|(name, _)| name)), default_value = "mixed")]
    pub(crate) envelope: String,
    /// Events of Windows and the domain, in thousandths of the Los Alamos data's (230 logons per user and day)
    #[arg(long, value_name = "PERMILLE", default_value_t = GenerateOptions::default().on_premises_permille)]
    pub(crate) on_premises: u32,
    /// Worker threads, 0 for one a processor; the output does not depend on it
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// Play it live: so many records a second (`500`), or so many times as fast as life (`1x`, `60x`)
    #[arg(long, requires = "to", value_name = "N")]
    pub(crate) rate: Option<Rate>,
    /// Where to play it to: a folder whose files grow, or an address that takes posts; `--out` then takes the truth file alone
    #[arg(long, requires = "rate", conflicts_with = "report", value_parser = target, value_name = "URL|DIR")]
    pub(crate) to: Option<PlayTarget>,
    /// Measure it beside what is known of real tenants: a page, or JSON where the name ends so
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// List every attack with its stages and its benign twins
    #[arg(long, conflicts_with_all = ["out", "workspace", "to", "report", "check"])]
    pub(crate) list: bool,
    /// Investigate the tenant in this folder or workspace and compare with its truth file
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "workspace", "to", "report"])]
    pub(crate) check: Option<PathBuf>,
    /// With `--check`: rules in place of the built-in ones
    #[arg(long, value_name = "PATH", requires = "check", num_args = 1..)]
    pub(crate) rules: Vec<PathBuf>,
    /// With `--list` and `--check`: how to print
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

fn target(text: &str) -> Result<PlayTarget, String> {
    if text.is_empty() { Err("empty".to_owned()) } else { Ok(PlayTarget::from(text)) }
}

impl Generate {
    /// What to generate.
    pub(crate) fn options(&self) -> Result<GenerateOptions, server::Error> {
        let default = GenerateOptions::default();
        let envelope = Envelope::ALL.iter().find(|(name, _)| *name == self.envelope);
        Ok(GenerateOptions {
            users: self.users,
            days: self.days,
            seed: self.seed,
            start: self.start.unwrap_or(default.start),
            scenarios: choice(&self.scenario)?,
            envelope: envelope.map_or(default.envelope, |(_, envelope)| *envelope),
            on_premises_permille: self.on_premises,
            threads: self.threads,
        })
    }
}

/// `all` and `none` stand alone.
fn choice(names: &[String]) -> Result<ScenarioChoice, server::Error> {
    match names {
        [name] if name == ALL => Ok(ScenarioChoice::All),
        [name] if name == NONE => Ok(ScenarioChoice::None),
        names => match names.iter().find(|name| *name == ALL || *name == NONE) {
            Some(name) => Err(server::Error::new(format!("`{name}` stands for itself, not beside other scenarios"))),
            None => Ok(ScenarioChoice::Only(names.to_vec())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_named_or_all_or_none() {
        let chosen = |names: &[&str]| choice(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(chosen(&["all"]), Ok(ScenarioChoice::All));
        assert_eq!(chosen(&["none"]), Ok(ScenarioChoice::None));
        assert_eq!(
            chosen(&["dcsync", "zerologon"]),
            Ok(ScenarioChoice::Only(vec!["dcsync".into(), "zerologon".into()]))
        );
        assert!(chosen(&["dcsync", "none"]).is_err());
    }
}
