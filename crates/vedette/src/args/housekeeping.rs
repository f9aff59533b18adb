//! Arguments of `backup`, `restore`, `maintain`, `doctor` and `repair`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{ReportFormat, WorkspaceArg};

/// A running service to ask instead.
#[derive(Debug, ClapArgs)]
pub(crate) struct ServerArg {
    /// Ask the service at this address, such as `https://vedette.example.org`, instead of opening the workspace
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// A token of an administrator of the service
    #[arg(long, env = "VEDETTE_TOKEN", value_name = "TOKEN", hide_env_values = true, requires = "server")]
    pub(crate) token: Option<String>,
}

/// Where users, tokens and settings are.
#[derive(Debug, ClapArgs)]
pub(crate) struct DatabaseArg {
    /// The PostgreSQL database of users, tokens and settings, `postgres://…`; without it they are in the workspace
    #[arg(long, env = "VEDETTE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// A new or an empty folder; with --server the name of one in the folder that the service's configuration gives
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) database: DatabaseArg,
    #[command(flatten)]
    pub(crate) server: ServerArg,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// The folder that `backup` wrote
    #[arg(value_name = "BACKUP")]
    pub(crate) backup: PathBuf,
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    #[command(flatten)]
    pub(crate) database: DatabaseArg,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Maintain {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// Remove days of all tables that are more than so many days ago, or archive them; without it nothing is removed
    #[arg(long, value_name = "DAYS")]
    pub(crate) retention_days: Option<u32>,
    /// Archive what is past its retention, and remove what is more than so many days ago
    #[arg(long, value_name = "DAYS", requires = "retention_days")]
    pub(crate) total_retention_days: Option<u32>,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    #[command(flatten)]
    pub(crate) server: ServerArg,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Repair {
    #[command(flatten)]
    pub(crate) workspace: WorkspaceArg,
    /// How to print what was done
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}
