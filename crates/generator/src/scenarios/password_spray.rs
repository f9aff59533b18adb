//! One address tries one or two passwords on many accounts within a quarter of an hour; one password fits.

use chrono::TimeDelta;

use crate::addresses;
use crate::apps::{DIRECTORY_POWERSHELL, OFFICE_HOME};
use crate::events::Events;
use crate::people::Device;
use crate::scenarios::Story;
use crate::sign_ins::SignIn;
use crate::tenant::{Tenant, jitter};
use crate::truth::TruthEntity;
use crate::unified_audit;

const ID: &str = "password-spray";
/// The whole spray takes about so many seconds.
const SECONDS: i64 = 15 * 60;

pub(super) fn add(tenant: &Tenant, events: &mut Events) -> Story {
    let mut random = tenant.random(ID, 0);
    let victim = &tenant.users[tenant.cast.spray_victim];
    let from = addresses::sprayer();
    let device = Device {
        id: String::new(),
        name: String::new(),
        operating_system: "Windows 10",
        browser: "Firefox 115.0",
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
    };
    let mut targets: Vec<usize> = tenant.cast.spray_targets.clone();
    targets.push(tenant.cast.spray_victim);
    random.shuffle(&mut targets);
    let start = tenant.day(2) + TimeDelta::minutes(3 * 60 + random.between(0, 50));
    let step = SECONDS * 1000 / targets.len() as i64;
    for (position, &index) in (0i64..).zip(&targets) {
        let user = &tenant.users[index];
        let hit = index == tenant.cast.spray_victim;
        let tries = if hit { 2 } else { random.between(1, 2) };
        for attempt in 0..tries {
            let offset = TimeDelta::milliseconds(position * step + attempt * step / 3);
            let time = jitter(start + offset, 3, &mut random);
            let sign_in = SignIn::of(user, &DIRECTORY_POWERSHELL, &from, time, &mut random);
            events.sign_ins.push(SignIn {
                client: "Mobile Apps and Desktop clients",
                device: device.clone(),
                result: if hit && attempt == 1 { 0 } else { 50126 },
                mark: ID,
                ..sign_in
            });
        }
    }
    let used = jitter(start + TimeDelta::seconds(SECONDS) + TimeDelta::minutes(9), 60, &mut random);
    let sign_in = SignIn::of(victim, &OFFICE_HOME, &from, used, &mut random);
    events.sign_ins.push(SignIn { device, mark: ID, ..sign_in });
    let read = used + TimeDelta::minutes(3);
    let mail = unified_audit::mail_read(tenant, victim, read, (&from.ip, "Client=OWA;Action=ViaProxy"), 6, &mut random);
    events.unified_audit.push(mail.marked(ID));
    Story {
        id: ID,
        detection: "Password spray (cloud)",
        title: "Password spray from one address that found a password",
        description: format!(
            "{} accounts tried from {}; the password of {} was found and used",
            targets.len(),
            from.ip,
            victim.upn
        ),
        tactics: &["CredentialAccess", "InitialAccess"],
        techniques: &["T1110.003", "T1078.004"],
        severity: "High",
        entities: vec![TruthEntity::new("ip", &from.ip), TruthEntity::new("account", &victim.upn)],
    }
}
