//! The command line.

mod access;
mod generate;
mod housekeeping;
mod kql;
mod report;
mod rules;
mod serve;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use self::access::{Clients, ClientsCommand, StateArg, Tokens, TokensCommand, Users, UsersCommand};
pub(crate) use self::generate::Generate;
pub(crate) use self::housekeeping::{Backup, Doctor, Maintain, Repair, Restore, ServerArg};
pub(crate) use self::kql::{Kql, KqlAgainst, KqlCheck, KqlCommand, KqlExplain, KqlFormat};
pub(crate) use self::report::{AttackCoverage, Coverage, DocumentFormat, EventsFormat, Report, Timeline};
pub(crate) use self::rules::{LabelsFormat, Rules, RulesCommand, RulesLabels, RulesRun, RulesTest};
pub(crate) use self::serve::{Serve, Tls, TlsCommand};
use crate::exit;

/// An identity security monitor: exported logs in, KQL tables, detections and incidents out.
#[derive(Debug, Parser)]
#[command(name = "vedette", version, after_help = exit::HELP, max_term_width = 110)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// What the command line says; ends the process where it is wrong, or asks for help.
    ///
    /// All commands with all their options take longer to describe than a small query takes to plan, so that a query is first looked for
    /// by itself.
    pub(crate) fn of_process() -> Self {
        match OfQuery::try_parse() {
            Ok(OfQuery { command: QueryAlone::Query(query) }) => Self { command: Command::Query(query) },
            Err(_) => Self::parse(),
        }
    }
}

/// The command line of a query.
#[derive(Debug, Parser)]
#[command(disable_help_flag = true, disable_help_subcommand = true)]
struct OfQuery {
    #[command(subcommand)]
    command: QueryAlone,
}

#[derive(Debug, Subcommand)]
enum QueryAlone {
    Query(Query),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads exported logs, runs all rules over them, prints the incidents
    #[command(after_help = "\
Examples:
  vedette investigate exported-logs/ --workspace case-17
  vedette investigate signins.json.gz ual.csv --since 2026-01-05 --until 2026-01-12
  vedette investigate logs/ --rules my-rules/ --format json --fail-on high")]
    Investigate(Investigate),
    /// Reads exported logs into a workspace
    #[command(after_help = "\
Examples:
  vedette ingest exported-logs/ --workspace case-17
  vedette ingest export.csv --table SigninLogs")]
    Ingest(Ingest),
    /// Runs a KQL query
    #[command(after_help = "\
Examples:
  vedette query \"SigninLogs | summarize count() by ResultType\"
  vedette query -f signins.json.gz -f audit.json \"AuditLogs | take 5\"
  vedette query --format csv - < hunt.kql
  vedette query --external-host raw.githubusercontent.com - < with-externaldata.kql")]
    Query(Query),
    /// Serves a workspace: logs in from senders, queries from clients
    #[command(after_help = "\
Examples:
  vedette serve --workspace soc
  vedette serve --config vedette.toml
  vedette serve --config vedette.toml --check    # says whether the configuration can be used")]
    Serve(Serve),
    /// Makes certificates for a service
    Tls(Tls),
    /// Makes, lists, rotates and revokes the API tokens of a service, and keys of the HTTP Data Collector API
    Tokens(Tokens),
    /// Makes and lists the users of a service, sets passwords, locks out and lets in
    Users(Users),
    /// Makes, lists, rotates and removes clients with an id and a secret
    Clients(Clients),
    /// Copies a workspace as it is at one moment, with users and settings
    #[command(after_help = "\
Examples:
  vedette backup --workspace soc --out /backups/soc-2026-03-02
  vedette backup --server https://vedette.example.org --out soc-2026-03-02     # of a running service")]
    Backup(Backup),
    /// Makes a workspace from a backup, after every file of it was checked
    #[command(after_help = "\
Example:
  vedette restore /backups/soc-2026-03-02 --workspace soc-restored")]
    Restore(Restore),
    /// Merges small files, removes what is past its retention, frees space; a running service does so by itself
    #[command(after_help = "\
Examples:
  vedette maintain --workspace case-17
  vedette maintain --workspace soc --retention-days 365")]
    Maintain(Maintain),
    /// Says what is wrong with a workspace or a running service, and what to do
    #[command(after_help = "\
Examples:
  vedette doctor --workspace soc
  vedette doctor --server https://vedette.example.org
Exit codes:
  0  nothing is wrong, or only worth knowing
  4  something gets worse if nothing is done
  5  rows are lost, cannot be read or are not taken in")]
    Doctor(Doctor),
    /// Sets damaged files of the write-ahead log aside, so that the workspace can be read and written again
    #[command(after_help = "\
Rows that can be read go to their tables. Damaged files are moved to `_set_aside` in the workspace, never removed; the answer names
them and says about how many rows may be lost. Without damage nothing is done. No service may run meanwhile.

Example:
  vedette repair --workspace soc")]
    Repair(Repair),
    /// Checks, formats and explains KQL queries without running them
    Kql(Kql),
    /// Lists the tables of a workspace with their rows and times
    Tables(Tables),
    /// Lists every file that was read into a workspace: hash, size, format, time range, counts
    #[command(after_help = "\
Examples:
  vedette manifest --workspace case-17
  vedette manifest --workspace case-17 --format csv > manifest.csv    # whole hashes, all counts")]
    Manifest(Manifest),
    /// Lists, checks, tests and runs detection rules
    Rules(Rules),
    /// Prints what a workspace knows of the estate: domain controllers, sync accounts, egress, …
    #[command(after_help = "\
Examples:
  vedette context --workspace case-17
  vedette investigate logs/ --workspace case-17 --context estate.yaml      # what you give stands beside what the logs show
  vedette query --workspace case-17 \"_GetWatchlist('DomainControllers')\"")]
    Context(Context),
    /// Lists and shows the incidents of a workspace
    Incidents(Incidents),
    /// Writes the report of a workspace: one page to read, print and hand over
    #[command(after_help = "\
Examples:
  vedette report --workspace case-17 --out report.html
  vedette report --workspace case-17 --format md > report.md")]
    Report(Report),
    /// Prints all events of somebody, of something or of an incident in order of time, over all tables
    #[command(after_help = "\
Examples:
  vedette timeline --workspace case-17 --entity mia@contoso.com --since 2026-01-05
  vedette timeline --workspace case-17 --entity 203.0.113.7 --format csv > events.csv
  vedette timeline --workspace case-17 --incident 3 --format jsonl")]
    Timeline(Timeline),
    /// Shows what the logs of a workspace cover: first and last event, gaps, volume, and which rules could look
    #[command(after_help = "\
Example:
  vedette coverage --workspace case-17")]
    Coverage(Coverage),
    /// Writes detection rules by ATT&CK technique as a layer of the ATT&CK Navigator
    #[command(after_help = "\
Examples:
  vedette attack-coverage --navigator layer.json
  vedette attack-coverage --rules my-rules/ --workspace case-17 --navigator layer.json")]
    AttackCoverage(AttackCoverage),
    /// Writes a demo tenant with attacks in it, lists these, or checks that they are found
    #[command(after_help = "\
Examples:
  vedette generate --list                                              # every scenario, with its stages and benign twin
  vedette generate --users 200 --days 7 --seed 1 --out tenant          # the same arguments give the same bytes
  vedette generate --scenario password-spray --out tenant
  vedette generate --check tenant                                      # investigates it and compares with the truth file
  vedette generate --users 2000 --workspace case-17                    # straight into tables
  vedette generate --rate 500 --to http://localhost:8080/logs          # 500 records a second, in arrival order
  vedette generate --rate 60x --to live                                # sixty times as fast as life, into growing files")]
    Generate(Generate),
    /// Prints a shell's completion script
    #[command(after_help = "\
Example:
  vedette completions bash > /etc/bash_completion.d/vedette")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Where the tables lie.
#[derive(Debug, ClapArgs)]
pub(crate) struct WorkspaceArg {
    /// The folder with the tables
    #[arg(long, short, env = "VEDETTE_WORKSPACE", default_value = "vedette-workspace", value_name = "DIR")]
    pub(crate) workspace: PathBuf,
}

/// Where IP addresses lie.
#[derive(Debug, ClapArgs)]
pub(crate) struct GeoDatabaseArg {
    /// A MaxMind database such as GeoLite2-City.mmdb, for `geo_info_from_ip_address`
    #[arg(long, env = "VEDETTE_GEO_DATABASE", value_name = "FILE")]
    pub(crate) geo_database: Option<PathBuf>,
}

/// What is known of the estate.
#[derive(Debug, ClapArgs)]
pub(crate) struct ContextArg {
    /// A YAML file that names domain controllers, sync servers and accounts, egress, break-glass accounts, …
    #[arg(long, env = "VEDETTE_CONTEXT", value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Investigate {
    /// Files and folders with exported logs
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    #[command(flatten)]
    pub(crate) geo_database: GeoDatabaseArg,
    #[command(flatten)]
    pub(crate) context: ContextArg,
    /// Folders or files with rules, in place of the built-in ones; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// Only events at or after this time (2026-01-05 or 2026-01-05T08:00:00Z)
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only events before this time
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Exit with 1 where an incident is at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<SeverityArg>,
    /// Read files again that an earlier run has read
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ingest {
    /// Files and folders with exported logs
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// Take every record as a row of this table, by column name; `NAME_CL` is a custom table, made where it is missing
    #[arg(long, value_name = "TABLE")]
    pub(crate) table: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// Read files again that an earlier run has read
    #[arg(long)]
    pub(crate) force: bool,
    /// Send the files to this service in place of a workspace: `https://vedette.example.org`
    #[arg(long, value_name = "URL", requires = "token", conflicts_with_all = ["workspace", "force"])]
    pub(crate) server: Option<String>,
    /// Token for the service, with the role Ingest
    #[arg(long, env = "VEDETTE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Certificate of the authority that the service's certificate is from (PEM), such as the one of `vedette tls init`
    #[arg(long, value_name = "FILE", requires = "server")]
    pub(crate) ca: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Query {
    /// The query; `-` or nothing reads it from standard input
    pub(crate) query: Option<String>,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    #[command(flatten)]
    pub(crate) geo_database: GeoDatabaseArg,
    /// Query these files in place of a workspace; may be given several times
    #[arg(long = "file", short, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Ask of archived rows too, which are past their interactive retention
    #[arg(long)]
    pub(crate) archive: bool,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    pub(crate) format: RowsFormat,
    /// Let `externaldata` read files below this folder; may be given several times
    #[arg(long = "external-folder", value_name = "DIR")]
    pub(crate) external_folders: Vec<PathBuf>,
    /// Let `externaldata` fetch files of this host over HTTPS; may be given several times
    #[arg(long = "external-host", value_name = "HOST")]
    pub(crate) external_hosts: Vec<String>,
    /// Answer this address of `externaldata` from a file; may be given several times
    #[arg(long = "external-data", value_name = "URI=FILE", value_parser = parse_mapping)]
    pub(crate) external_files: Vec<(String, PathBuf)>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Tables {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Manifest {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = ManifestFormat::Table)]
    pub(crate) format: ManifestFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Context {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Incidents {
    #[command(subcommand)]
    pub(crate) command: IncidentsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentsCommand {
    /// Lists incidents, most severe first
    List {
        #[command(flatten)]
        workspace: WorkspaceArg,
        /// How to print the list
        #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
        format: ReportFormat,
    },
    /// Shows one incident with its alerts, entities and events
    Show {
        /// Its number or id
        id: String,
        #[command(flatten)]
        workspace: WorkspaceArg,
        /// How to print it
        #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
        format: ReportFormat,
    },
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Table,
    /// One JSON object
    Json,
}

/// How a manifest is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManifestFormat {
    /// For people, with the start of each hash
    Table,
    /// With a header line
    Csv,
    /// One array with an object a file
    Json,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowsFormat {
    /// For people
    Table,
    /// One object with columns and rows
    Json,
    /// One object a line
    Ndjson,
    /// With a header line
    Csv,
    /// A stream of Arrow's IPC format, for pandas, Polars, DuckDB and others
    Arrow,
}

/// A severity, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Informational and up
    Informational,
    /// Low and up
    Low,
    /// Medium and up
    Medium,
    /// High
    High,
}

fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    day.map(|midnight| midnight.and_utc())
        .ok_or_else(|| "expected a time such as `2026-01-05` or `2026-01-05T08:00:00Z`".to_owned())
}

fn parse_mapping(text: &str) -> Result<(String, PathBuf), String> {
    // The last sign: addresses have some themselves.
    let (address, path) = text.rsplit_once('=').ok_or("expected `URI=FILE`")?;
    Ok((address.to_owned(), PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn times_are_a_day_or_an_instant() {
        assert_eq!(parse_time("2026-01-05").expect("a day").to_rfc3339(), "2026-01-05T00:00:00+00:00");
        assert_eq!(
            parse_time("2026-01-05T08:00:00+02:00").expect("an instant").to_rfc3339(),
            "2026-01-05T06:00:00+00:00"
        );
        assert!(parse_time("yesterday").is_err());
    }
}
