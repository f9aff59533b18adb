//! An ordinary account asks a domain controller for everybody's secrets, as only controllers and the sync account do.

use chrono::TimeDelta;

use crate::directory::{CONTROLLERS, NETBIOS, host};
use crate::events::Events;
use crate::scenarios::Story;
use crate::tenant::{Tenant, jitter};
use crate::truth::TruthEntity;
use crate::windows::{self, Account, REPLICATION_RIGHTS};

const ID: &str = "dcsync";

pub(super) fn add(tenant: &Tenant, events: &mut Events) -> Story {
    let mut random = tenant.random(ID, 0);
    let user = &tenant.users[tenant.cast.replication_thief];
    let account = Account::new(user.sam.clone(), user.rid);
    let controller = CONTROLLERS[0].host();
    let ip = user.workstation_ip.as_str();
    let day = 4.min(i64::from(tenant.options.days) - 1);
    let time = jitter(tenant.local(user.site, day, 15 * 60), 1800, &mut random);
    let logon = windows::logon_id(&mut random);
    let service = Account::new(CONTROLLERS[0].account(), CONTROLLERS[0].rid);
    let first = events.windows.len();
    let ticket = time - TimeDelta::milliseconds(12);
    events.windows.push(windows::service_ticket(&controller, ticket, &account, (ip, &service), &mut random));
    events.windows.push(windows::network_logon(&controller, time, &account, (&logon, ip), &mut random));
    events.windows.push(windows::special_privileges(&controller, time, &account, &logon, &mut random));
    for right in [REPLICATION_RIGHTS[0], REPLICATION_RIGHTS[0], REPLICATION_RIGHTS[1]] {
        let at = time + TimeDelta::milliseconds(6);
        events.windows.push(windows::replication(&controller, at, &account, (&logon, right), &mut random));
    }
    let end = time + TimeDelta::seconds(3);
    events.windows.push(windows::logoff(&controller, end, &account, &logon, &mut random));
    for event in &mut events.windows[first..] {
        event.mark = ID;
    }
    let workstation = host(&user.laptop.name);
    Story {
        id: ID,
        detection: "DCSync",
        title: "Directory replication by an ordinary account",
        description: format!("{NETBIOS}\\{} asked {controller} for all secrets from {workstation} ({ip})", user.sam),
        tactics: &["CredentialAccess"],
        techniques: &["T1003.006"],
        severity: "High",
        entities: vec![
            TruthEntity::new("account", &format!("{NETBIOS}\\{}", user.sam)),
            TruthEntity::new("host", &controller),
            TruthEntity::new("ip", ip),
        ],
    }
}
