//! `vedette tls`.

use std::process::ExitCode;

use chrono::Utc;
use server::{Error, TlsInitRequest, tls_init};

use crate::args::TlsCommand;
use crate::output;

/// Runs the command.
pub(crate) fn run(command: TlsCommand) -> Result<ExitCode, Error> {
    let TlsCommand::Init(args) = command;
    let request = TlsInitRequest { folder: args.out, names: args.names, now: Utc::now() };
    let files = tls_init(&request)?;
    output::text(&format!(
        "[https]\nlisten = \"127.0.0.1:8443\"\ncertificate = \"{}\"\nkey = \"{}\"\n\n\
         # clients trust it by: REQUESTS_CA_BUNDLE={authority} SSL_CERT_FILE={authority}\n",
        files.certificate.display(),
        files.key.display(),
        authority = files.authority.display(),
    ))?;
    Ok(ExitCode::SUCCESS)
}
