//! Service principals and managed identities: one for every three people.

use super::addresses::{self, Endpoint};
use super::apps::{EXCHANGE_API, GRAPH, MANAGEMENT_API, Resource};
use crate::GenerateOptions;
use crate::acts::changes::applications::Program;
use crate::guid::Guid;
use crate::random::Random;

/// A program with an identity of its own.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) app_id: Guid,
    pub(crate) object_id: Guid,
    /// The key it signs in with.
    pub(crate) key_id: Guid,
    /// A managed identity of Azure, which signs in without key and address.
    pub(crate) managed: bool,
    pub(crate) resource: Resource,
    pub(crate) endpoint: Endpoint,
    /// Minutes between two sign-ins.
    pub(crate) every_minutes: i64,
    /// Hour of the tenant's first days at which its secret has expired, and hours until somebody renews it.
    pub(crate) expiry: Option<(i64, i64)>,
}

impl Workload {
    /// The application behind, by its identifiers.
    pub(crate) fn program(&self) -> Program<'_> {
        let Self { name, app_id, object_id, .. } = self;
        let application = Guid::random(app_id.low(), object_id.low());
        Program { name, app_id: *app_id, object_id: application, service_principal_id: *object_id }
    }
}

/// What workloads are for.
const PURPOSES: [&str; 12] = [
    "backup-vault",
    "hr-sync",
    "invoice-import",
    "monitoring-reader",
    "deploy-pipeline",
    "mail-archive",
    "ticket-bridge",
    "report-builder",
    "image-resizer",
    "log-shipper",
    "crm-connector",
    "device-inventory",
];

/// Of 1,000 workloads, how many are managed identities, and how many have a secret that expires within 30 days.
pub(crate) const MANAGED: u64 = 400;
pub(crate) const EXPIRES: u64 = 30;

/// Invents the workloads of a tenant with `users` accounts.
pub(crate) fn invent(options: &GenerateOptions, users: u32) -> Vec<Workload> {
    (0..users / 3).map(|number| workload(options, number)).collect()
}

fn workload(options: &GenerateOptions, number: u32) -> Workload {
    let mut random = Random::stream(options.seed, "workloads", u64::from(number));
    let purpose = PURPOSES[number as usize % PURPOSES.len()];
    let hours = i64::from(options.days) * 24;
    Workload {
        number,
        name: format!("{purpose}-{:03}", number / PURPOSES.len() as u32 + 1),
        app_id: random.guid(),
        object_id: random.guid(),
        key_id: random.guid(),
        managed: random.chance(MANAGED),
        resource: *random.pick(&[GRAPH, MANAGEMENT_API, EXCHANGE_API]),
        endpoint: addresses::cloud(number),
        every_minutes: *random.pick(&[60, 60, 120, 240, 720]),
        expiry: random.chance(EXPIRES).then(|| (random.between(12, hours.max(13)), random.between(1, 20))),
    }
}
