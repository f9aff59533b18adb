//! Arguments of `vedette rules`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::{ContextArg, GeoDatabaseArg, ReportFormat, WorkspaceArg, parse_time};

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Lists rules: id, severity, tactics, schedule
    List {
        /// Folders or files; the built-in rules where none is given
        paths: Vec<PathBuf>,
        /// How to print the list
        #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
        format: ReportFormat,
    },
    /// Reads and binds each rule, and reads the tests beside it; runs nothing
    #[command(after_help = "\
Exit codes:
  0  every rule could run
  1  a rule, or the tests beside it, cannot be read, or a query does not bind
  2  wrong usage")]
    Check {
        /// Folders or files; the built-in rules where none is given
        paths: Vec<PathBuf>,
    },
    /// Runs the tests beside rules: events that must fire, events that must not
    #[command(after_help = "\
Examples:
  vedette rules test my-rules/
  vedette rules test my-rules/ --junit target/rules.xml      # for CI

Exit codes:
  0  every test holds
  1  a test does not hold, or a rule or its tests cannot be read
  2  wrong usage")]
    Test(RulesTest),
    /// Compares what rules find in labelled files with what the labels expect
    #[command(after_help = "\
Examples:
  vedette rules labels samples/LABELS.json
  vedette rules labels LABELS.json --samples samples/ --format md > docs/detection-results.md

The labels: {\"labels\":[{\"file\",\"detection\",\"technique\",\"expect\"}]}. `fire` wants an alert of the rule named as the detection,
`quiet` no alert of severity High (detection `any`: of no rule).

Exit codes:
  0  every label holds
  1  a label does not hold, or a file cannot be read
  2  wrong usage")]
    Labels(RulesLabels),
    /// Replays rules over a workspace and prints the alerts; stores nothing
    Run(RulesRun),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesTest {
    /// Folders or files; the built-in rules where none is given
    pub(crate) paths: Vec<PathBuf>,
    /// Write the results as JUnit XML too, one test suite a rule
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesLabels {
    /// The labels
    #[arg(value_name = "FILE")]
    pub(crate) labels: PathBuf,
    /// The folder that the labelled files lie in; that of the labels where it is not given
    #[arg(long, value_name = "DIR")]
    pub(crate) samples: Option<PathBuf>,
    /// Folders or files with rules, in place of the built-in ones; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = LabelsFormat::Table)]
    pub(crate) format: LabelsFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesRun {
    /// Folders or files; the built-in rules where none is given
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    #[command(flatten)]
    pub(crate) geo_database: GeoDatabaseArg,
    #[command(flatten)]
    pub(crate) context: ContextArg,
    /// Only events at or after this time
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only events before this time
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// How to print the alerts
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// How checked labels are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabelsFormat {
    /// For people
    Table,
    /// One JSON object
    Json,
    /// A page in Markdown
    Md,
}
