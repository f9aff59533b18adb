//! Arguments of `serve` and `tls`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// The configuration, a TOML file; without it the service listens on 127.0.0.1:8080
    #[arg(long, env = "VEDETTE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The workspace, in place of the configuration's; made where there is none
    #[arg(long, env = "VEDETTE_WORKSPACE", value_name = "FOLDER")]
    pub(crate) workspace: Option<PathBuf>,
    /// Check the configuration and leave
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Tls {
    #[command(subcommand)]
    pub(crate) command: TlsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TlsCommand {
    /// Makes a local certificate authority and a certificate for localhost, 127.0.0.1, ::1 and the names given
    #[command(after_help = "\
Examples:
  vedette tls init --out tls vedette.example.org 192.0.2.7")]
    Init(TlsInit),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TlsInit {
    /// DNS names and addresses of the service
    pub(crate) names: Vec<String>,
    /// Folder for `ca.pem`, `certificate.pem` and `key.pem`
    #[arg(long, value_name = "FOLDER", default_value = "tls")]
    pub(crate) out: PathBuf,
}
