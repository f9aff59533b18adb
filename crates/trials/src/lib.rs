//! Trials of the running service: the built program as its users meet it, over sockets, killed and overfed.
//!
//! | module | concept |
//! |---|---|
//! | `http` | a small HTTP/1.1 client on a blocking socket, so that what it costs is known |
//! | `service` | a `vedette serve` of one's own, and its end |
//! | `syslog_daemons` | rsyslog and syslog-ng that send to it |
//! | `access` | an administrator and tokens for it |
//! | `numbered` | records that carry a number, and which of them a service has |
//! | `random` | chance from a seed |
//! | `chaos` | kills, torn logs, full disks, batches sent twice |
//! | `load` | how much it takes and how fast it answers |
//!
//! Errors are texts: whoever runs a trial reads them, nobody acts on them.

mod access;
mod chaos;
mod http;
mod load;
mod numbered;
mod random;
mod service;
mod syslog_daemons;

pub use access::{Access, set_up};
pub use chaos::{ChaosOptions, ChaosReport, Postgres, chaos};
pub use http::{Answer, HttpClient, read_answer};
pub use load::{LoadOptions, LoadReport, load};
pub use numbered::{NumberedRecords, TABLE, count_by_query, distinct_numbers};
pub use random::Random;
pub use service::{Service, ServiceOptions};
pub use syslog_daemons::{Daemon, Rsyslog, SyslogNg, Transport, free_port};
