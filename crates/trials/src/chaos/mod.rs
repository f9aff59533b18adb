//! Kills, torn logs, full disks, batches sent twice: what was acknowledged is there, once.

mod disk;
mod kills;
mod postgres;
mod report;
mod senders;
mod torn;
mod twice;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use postgres::Postgres;
pub use report::ChaosReport;

use crate::{Service, ServiceOptions, set_up};

/// What chaos to make.
#[derive(Debug, Clone)]
pub struct ChaosOptions {
    /// The built `vedette`.
    pub vedette: PathBuf,
    /// A folder for all of it.
    pub folder: PathBuf,
    /// Kills.
    pub kills: usize,
    /// Senders at a time, half of them by Logs Ingestion, half by `_bulk`.
    pub senders: u64,
    /// What the moments of the kills follow from.
    pub seed: u64,
    /// When to make no further kill, however many are left.
    pub time: Duration,
    /// In how long the service must be back after a kill.
    pub back_within: Duration,
    /// Whether the state is kept in a PostgreSQL of Debian's package, which is restarted too.
    pub has_postgres: bool,
}

/// Makes it.
///
/// # Errors
/// What did not hold, with the seed.
pub fn chaos(options: &ChaosOptions) -> Result<ChaosReport, String> {
    let began = Instant::now();
    let mut report = ChaosReport::default();
    let postgres = match options.has_postgres {
        true => Some(Postgres::start(&options.folder.join("postgres"))?),
        false => None,
    };
    let mut service_options = ServiceOptions::new(&options.vedette, &options.folder.join("service"));
    if let Some(postgres) = &postgres {
        service_options.sections = format!("[database]\nurl = {{ env = \"{}\" }}\n", postgres::URL);
        service_options.environment.push((postgres::URL.to_owned(), postgres.url()));
    }
    let service = Service::start(&service_options)?;
    let access = set_up(&service)?;
    twice::sent_twice(&service, &access, &mut report)?;
    let service = kills::kills(service, &access, options, began, &mut report)
        .map_err(|error| format!("{error}\nseed {}, after {} kills", options.seed, report.kills))?;
    let service = match &postgres {
        Some(postgres) => postgres::restarted(postgres, service, &access, &mut report)?,
        None => service,
    };
    torn::torn(service, &access, &mut report)?;
    disk::filled(options, &mut report)?;
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}
