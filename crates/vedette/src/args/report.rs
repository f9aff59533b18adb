//! Arguments of the commands that tell what was found, and what could be.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, ValueEnum};

use super::{ReportFormat, WorkspaceArg, parse_time};

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = DocumentFormat::Html)]
    pub(crate) format: DocumentFormat,
    /// Where to write it; standard output where it is not given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub(crate) struct Timeline {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// An account, address, host or application: user principal name, DOMAIN\name, object id, SID, address, host, application id
    #[arg(long, value_name = "NAME", group = "subject")]
    pub(crate) entity: Option<String>,
    /// An incident, by its number or id
    #[arg(long, value_name = "NUMBER", group = "subject")]
    pub(crate) incident: Option<String>,
    /// Only events at or after this time (2026-01-05 or 2026-01-05T08:00:00Z)
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only events before this time
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// How to print the events
    #[arg(long, value_enum, default_value_t = EventsFormat::Table)]
    pub(crate) format: EventsFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AttackCoverage {
    /// Folders or files with rules, in place of the built-in ones; may be given several times
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) rules: Vec<PathBuf>,
    /// Color what was found in this workspace, and what could not be looked for
    #[arg(long, short, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    /// Where to write the layer for the ATT&CK Navigator
    #[arg(long, value_name = "FILE")]
    pub(crate) navigator: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// One page that needs nothing else, also for printing
    Html,
    /// Markdown
    Md,
    /// One JSON object with everything the page says
    Json,
}

/// How events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventsFormat {
    /// For people
    Table,
    /// With a header line
    Csv,
    /// One object a line
    Jsonl,
}
