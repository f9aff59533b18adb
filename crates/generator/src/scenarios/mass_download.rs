//! One user fetches hundreds of files from many sites within an hour, far above the account's own habits.

use chrono::TimeDelta;

use crate::apps::OFFICE_HOME;
use crate::events::Events;
use crate::noise::office_work::file_name;
use crate::scenarios::Story;
use crate::sign_ins::{SecondFactor, SignIn};
use crate::tenant::{Tenant, jitter};
use crate::truth::TruthEntity;
use crate::unified_audit::{self, FilePlace};

const ID: &str = "mass-download";
const FILES: i64 = 420;
const SECONDS_PER_FILE: i64 = 7;
const SITES: [&str; 6] = ["Finance", "Legal", "Sales", "Engineering", "Operations", "Human Resources"];

pub(super) fn add(tenant: &Tenant, events: &mut Events) -> Story {
    let mut random = tenant.random(ID, 0);
    let user = &tenant.users[tenant.cast.downloader];
    let day = 3.min(i64::from(tenant.options.days) - 1);
    // After hours where that is still the same day everywhere: 18:40 in Europe, noon in America, 8 in the evening in Asia.
    let minutes = match user.site {
        0 => 12 * 60,
        1 => 18 * 60 + 40,
        _ => 20 * 60,
    };
    let start = jitter(tenant.local(user.site, day, minutes), 300, &mut random);
    let sign_in = SignIn::of(user, &OFFICE_HOME, &user.home, start - TimeDelta::minutes(4), &mut random);
    events.sign_ins.push(SignIn { second_factor: SecondFactor::InToken, mark: ID, ..sign_in });
    let sites: Vec<String> = SITES.iter().map(|department| unified_audit::team_site(department)).collect();
    for number in 0..FILES {
        let time = jitter(start + TimeDelta::seconds(number * SECONDS_PER_FILE), 5, &mut random);
        let name = file_name(&mut random);
        let site = &sites[(number / 70) as usize % sites.len()];
        let place = FilePlace { workload: "SharePoint", site_url: site, folder: "Shared Documents", name: &name };
        let client = (user.home.ip.as_str(), user.laptop.user_agent);
        let record = unified_audit::file_operation(tenant, user, ("FileDownloaded", time), client, &place, &mut random);
        events.unified_audit.push(record.marked(ID));
    }
    Story {
        id: ID,
        detection: "Mass download",
        title: "Hundreds of files downloaded within an hour",
        description: format!("{} downloaded {FILES} files of {} sites in 50 minutes", user.upn, sites.len()),
        tactics: &["Collection", "Exfiltration"],
        techniques: &["T1530", "T1213.002"],
        severity: "Medium",
        entities: vec![TruthEntity::new("account", &user.upn), TruthEntity::new("ip", &user.home.ip)],
    }
}
