//! Arguments of the commands about queries that do not run them.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::ReportFormat;

#[derive(Debug, ClapArgs)]
pub(crate) struct Kql {
    #[command(subcommand)]
    pub(crate) command: KqlCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KqlCommand {
    /// Checks queries: syntax, names, types, arguments, plan
    #[command(after_help = "\
Examples:
  vedette kql check \"SigninLogs | where ResultTyp != '0'\"
  vedette kql check hunting/ my-rules/ --functions parsers/        # .kql files and the queries of rules, for CI
  vedette kql check --lenient hunting/                             # let pass what only Microsoft's language service refuses
  vedette kql check --workspace case-17 --format json - < hunt.kql
  vedette kql check --jsonl --tables tables.json < queries.jsonl   # {\"id\",\"query\"} a line in, one answer a line out

Exit codes:
  0  all queries could run (warnings are printed)
  1  a query is wrong, or Microsoft's language service refuses what the engine answers (without --lenient)
  2  a file could not be read; or wrong usage")]
    Check(KqlCheck),
    /// Lays queries out: one operator a line, comments kept
    #[command(after_help = "\
Examples:
  vedette kql format \"SigninLogs|where ResultType!='0'|count\"
  vedette kql format --write hunting/                              # in place, .kql files only
  vedette kql format --check hunting/                              # exit code 1 where a file would change")]
    Format(KqlFormat),
    /// Prints the logical and the physical plan of a query
    #[command(after_help = "\
Examples:
  vedette kql explain \"SigninLogs | summarize count() by ResultType\"
  vedette kql explain --workspace case-17 hunt.kql                 # over the files of that workspace")]
    Explain(KqlExplain),
}

/// What queries are checked against.
#[derive(Debug, ClapArgs)]
pub(crate) struct KqlAgainst {
    /// The tables, stored functions and watchlists of this workspace, not only the built-in tables
    #[arg(long, short, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
    /// Tables from a JSON file, in place of the built-in ones: {"Table":[["Column","type"], ...]}
    #[arg(long, value_name = "FILE")]
    pub(crate) tables: Option<PathBuf>,
    /// Folder with stored functions (.kql, or Sentinel's YAML); may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) functions: Vec<PathBuf>,
    /// Folder with watchlists (ALIAS.csv); may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) watchlists: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KqlCheck {
    /// Queries, files, folders with .kql files and rules in YAML; `-` or nothing reads a query from standard input
    #[arg(value_name = "QUERY|PATH")]
    pub(crate) sources: Vec<String>,
    #[command(flatten)]
    pub(crate) against: KqlAgainst,
    /// Let pass what the engine answers although Microsoft's language service refuses it, such as `count(x)`; it is still printed
    #[arg(long)]
    pub(crate) lenient: bool,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// Read lines {"id","query"} from standard input and write a line for each
    #[arg(long, conflicts_with_all = ["sources", "format"])]
    pub(crate) jsonl: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KqlFormat {
    /// Queries, files, folders with .kql files; `-` or nothing reads a query from standard input
    #[arg(value_name = "QUERY|PATH")]
    pub(crate) sources: Vec<String>,
    /// Print nothing but the files that would change, and exit with 1 where there are some
    #[arg(long, conflicts_with = "write")]
    pub(crate) check: bool,
    /// Write the files in place
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KqlExplain {
    /// The query or its file; `-` or nothing reads it from standard input
    #[arg(value_name = "QUERY|FILE")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) against: KqlAgainst,
    /// How to print the plans
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}
