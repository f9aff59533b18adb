//! How much the service takes, and how fast it answers meanwhile.

mod dashboards;
mod flood;
mod freshness;
mod latencies;
mod peers;
mod report;
mod sign_ins;
mod syslog;

use std::path::PathBuf;
use std::time::Duration;

pub use report::LoadReport;

use crate::{Service, ServiceOptions, set_up};

/// What to measure.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The built `vedette`.
    pub vedette: PathBuf,
    /// A folder for all of it.
    pub folder: PathBuf,
    /// How long to send.
    pub time: Duration,
    /// MB/s meanwhile; none for as fast as it goes.
    pub rate: Option<f64>,
    /// How long to send at half that rate.
    pub paced_time: Duration,
    /// Connections that send.
    pub connections: usize,
    /// Records of a body.
    pub records: usize,
    /// The script that does the same with DuckDB and chDB, and a Python that has them; none to leave them out.
    pub peers: Option<(PathBuf, PathBuf)>,
    /// How long syslog comes while users ask; none to leave that out.
    pub syslog_time: Option<Duration>,
    /// Rows of the day that they ask about.
    pub dashboard_rows: u64,
}

/// Measures.
///
/// # Errors
/// When the service refuses what it should take, or loses a record.
pub fn load(options: &LoadOptions) -> Result<LoadReport, String> {
    let mut report = LoadReport::default();
    let service_options = ServiceOptions::new(&options.vedette, &options.folder.join("flood"));
    let service = Service::start(&service_options)?;
    let access = set_up(&service)?;
    flood::for_a_time(&service, &access, options, &mut report)?;
    flood::at_half_the_rate(&service, &access, options, &mut report)?;
    flood::nothing_is_missing(&service, &access, &mut report)?;
    service.stop()?;
    if let Some((python, script)) = &options.peers {
        peers::compare(python, script, options, &mut report)?;
    }
    if let Some(time) = options.syslog_time {
        syslog::beside_users(options, time, &mut report)?;
    }
    Ok(report)
}
