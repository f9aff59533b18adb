//! One file per subcommand.

mod access;
mod attack_coverage;
mod completions;
mod context;
mod coverage;
mod generate;
mod housekeeping;
mod incidents;
mod ingest;
mod input;
mod investigate;
mod kql;
mod manifest;
mod query;
mod report;
mod rules;
mod serve;
mod tables;
mod timeline;
mod tls;

use std::process::ExitCode;

use server::Error;

use crate::args::Command;

/// Runs a command; its exit code is the outcome, an error is for printing.
pub(crate) fn run(command: Command) -> Result<ExitCode, Error> {
    match command {
        Command::Investigate(args) => investigate::run(&args),
        Command::Ingest(args) => ingest::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Tls(args) => tls::run(args.command),
        Command::Tokens(args) => access::tokens(args.command),
        Command::Users(args) => access::users(args.command),
        Command::Clients(args) => access::clients(args.command),
        Command::Backup(args) => housekeeping::backup(&args),
        Command::Restore(args) => housekeeping::restore(&args),
        Command::Maintain(args) => housekeeping::maintain(&args),
        Command::Doctor(args) => housekeeping::doctor(&args),
        Command::Repair(args) => housekeeping::repair(&args),
        Command::Kql(args) => kql::run(&args.command),
        Command::Tables(args) => tables::run(&args),
        Command::Manifest(args) => manifest::run(&args),
        Command::Rules(args) => rules::run(&args.command),
        Command::Context(args) => context::run(&args),
        Command::Incidents(args) => incidents::run(&args.command),
        Command::Report(args) => report::run(&args),
        Command::Timeline(args) => timeline::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::AttackCoverage(args) => attack_coverage::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Completions { shell } => completions::run(shell),
    }
}
