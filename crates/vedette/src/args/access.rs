//! Arguments of `tokens`, `users` and `clients`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args as ClapArgs, Subcommand};

/// Which service's state; the service may run meanwhile.
#[derive(Debug, ClapArgs)]
pub(crate) struct StateArg {
    /// The service's configuration
    #[arg(long, env = "VEDETTE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Its workspace, in place of the configuration's
    #[arg(long, env = "VEDETTE_WORKSPACE", value_name = "FOLDER")]
    pub(crate) workspace: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Tokens {
    #[command(subcommand)]
    pub(crate) command: TokensCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokensCommand {
    /// Makes an API token and prints its secret, this once
    #[command(after_help = "\
Examples:
  vedette tokens create winlogbeat --role Ingest
  vedette tokens create dashboard --role Reader:SigninLogs,AuditLogs --expires 2027-01-01T00:00:00Z")]
    Create {
        /// What it is for
        name: String,
        /// A role (Ingest, Reader, Responder, Contributor, Administrator), or a role and its tables: Reader:SigninLogs,AuditLogs
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Until when it is taken; without end where left out
        #[arg(long, value_name = "TIME")]
        expires: Option<DateTime<Utc>>,
        #[command(flatten)]
        state: StateArg,
    },
    /// Lists the API tokens, without their secrets
    List {
        #[command(flatten)]
        state: StateArg,
    },
    /// Replaces a token's secret and prints the new one, this once
    Rotate {
        /// The token's id
        id: String,
        /// For how long the old secret is still taken, in hours
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u16,
        #[command(flatten)]
        state: StateArg,
    },
    /// Revokes a token
    Revoke {
        /// The token's id
        id: String,
        #[command(flatten)]
        state: StateArg,
    },
    /// Makes keys of the HTTP Data Collector API; the secondary key of before becomes the primary one
    SharedKeys {
        /// The workspace id that senders are configured with
        workspace_id: String,
        #[command(flatten)]
        state: StateArg,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Users {
    #[command(subcommand)]
    pub(crate) command: UsersCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Makes a user; its password is the first line of the standard input
    #[command(after_help = "\
Examples:
  vedette users create alice@example.org --role Responder < password.txt
  vedette users create bob@example.org --role Reader --no-password    # signs in at an OpenID provider")]
    Create {
        /// The name it signs in with
        name: String,
        /// A role (Ingest, Reader, Responder, Contributor, Administrator), or a role and its tables: Reader:SigninLogs,AuditLogs
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Without a password
        #[arg(long)]
        no_password: bool,
        #[command(flatten)]
        state: StateArg,
    },
    /// Lists the users
    List {
        #[command(flatten)]
        state: StateArg,
    },
    /// Gives a user another password, the first line of the standard input; lets it in again after failed sign-ins
    SetPassword {
        /// The user's name
        name: String,
        #[command(flatten)]
        state: StateArg,
    },
    /// Locks a user out
    Disable {
        /// The user's name
        name: String,
        #[command(flatten)]
        state: StateArg,
    },
    /// Lets a user in again, after it was locked out or failed too often
    Enable {
        /// The user's name
        name: String,
        #[command(flatten)]
        state: StateArg,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Clients {
    #[command(subcommand)]
    pub(crate) command: ClientsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientsCommand {
    /// Makes a client and prints its id and secret, this once
    #[command(after_help = "\
Examples:
  vedette clients create 'Fluent Bit' --role Ingest
  vedette clients create notebooks --id notebooks --role Reader")]
    Create {
        /// What it is
        name: String,
        /// Its `client_id`; a new GUID where left out
        #[arg(long)]
        id: Option<String>,
        /// A role (Ingest, Reader, Responder, Contributor, Administrator), or a role and its tables: Reader:SigninLogs,AuditLogs
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        #[command(flatten)]
        state: StateArg,
    },
    /// Lists the clients, without their secrets
    List {
        #[command(flatten)]
        state: StateArg,
    },
    /// Replaces a client's secret and prints the new one, this once
    Rotate {
        /// The `client_id`
        id: String,
        /// For how long the old secret is still taken, in hours
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u16,
        #[command(flatten)]
        state: StateArg,
    },
    /// Removes a client
    Delete {
        /// The `client_id`
        id: String,
        #[command(flatten)]
        state: StateArg,
    },
}
