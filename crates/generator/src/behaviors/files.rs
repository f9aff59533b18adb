//! People work with files: they open, change, share and download them, in the browser and in Office on the web.

use crate::acts::access::Access;
use crate::acts::file_operation::file_operation;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::workday::workday;

/// Work with files.
pub(super) struct Files;

const OPEN: u32 = 0;
const DOWNLOAD: u32 = 1;

/// File operations of a middling person a day, in thousandths, downloads left out. Kept low, so that SharePoint and OneDrive
/// are as small a part of the unified audit as measured.
pub(crate) const OPERATIONS: u64 = 380;
/// Of 1,000 working days, how many have downloads; then their number has [`DOWNLOADS`] in the middle, and is heavy-tailed.
pub(crate) const DOWNLOAD_DAYS: u64 = 80;
const DOWNLOADS: u64 = 4;
/// What is done with a file, and how often.
const KINDS: [(&str, u64); 8] = [
    ("FileAccessed", 420),
    ("FileModified", 240),
    ("FilePreviewed", 150),
    ("FileUploaded", 90),
    ("FileRenamed", 25),
    ("FileMoved", 25),
    ("SharingSet", 35),
    ("AnonymousLinkCreated", 15),
];

impl Behavior for Files {
    fn name(&self) -> &'static str {
        "files"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let Some(workday) = workday(tenant, tenant.user(actor), day) else { return };
        let data = (day + 1) as u64;
        for _ in 0..workday.count(OPERATIONS, random) {
            plan.at(workday.moment(random), OPEN, data);
        }
        if random.chance(DOWNLOAD_DAYS) {
            let downloads = (random.heavy() * DOWNLOADS + 500) / 1000;
            for _ in 0..downloads.max(1) {
                plan.at(workday.moment(random), DOWNLOAD, data);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let Some(workday) = workday(tenant, user, moment.data as i64 - 1) else { return };
        let mut access = Access::of(tenant, &workday);
        let file = user.library(tenant, workday.day, random).pick(tenant, random);
        let operation = match moment.step {
            DOWNLOAD => "FileDownloaded",
            _ => KINDS[random.weighted(&KINDS.map(|(_, weight)| weight))].0,
        };
        if operation == "FileModified" {
            // Office on the web saves for the person, from Microsoft's own addresses.
            access.from = addresses::microsoft(random.bits());
        }
        file_operation(tenant, moment.time, access, (operation, file), random, traces);
    }
}
