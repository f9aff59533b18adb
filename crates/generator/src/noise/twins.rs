//! Benign twins: events that look like an attack and aren't, one or more for each scenario.

use chrono::TimeDelta;

use crate::addresses;
use crate::apps::{OUTLOOK_MOBILE, SYNC_ENGINE};
use crate::audit::{AuditEvent, Initiator, Target, quoted};
use crate::events::Events;
use crate::noise::office_work::file_name;
use crate::scenarios::consent::{self, Grant};
use crate::sign_ins::{SecondFactor, SignIn, SignInKind};
use crate::tenant::{Tenant, jitter};
use crate::truth::{BenignTwin, TruthEntity};
use crate::unified_audit::{self, FilePlace};

/// Files that a new laptop fetches.
const SYNCHRONIZED_FILES: u64 = 320;
/// Tries of a telephone with an old password: one every five minutes for half a day.
const PHONE_TRIES: i64 = 144;

/// Adds the twins that aren't part of other noise, and describes all of them. Counts and times are filled in later.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) -> Vec<BenignTwin> {
    vpn(tenant, events);
    new_laptop(tenant, events);
    broken_phone(tenant, events);
    admin_consent(tenant, events);
    describe(tenant)
}

/// People at home switch the VPN on: minutes later they seem to be in America.
fn vpn(tenant: &Tenant, events: &mut Events) {
    for &index in &tenant.cast.vpn_users {
        let user = &tenant.users[index];
        let mut random = tenant.random("vpn", u64::from(user.number));
        let day = 1 + random.between(0, 2);
        let start =
            tenant.local(user.site, day.min(i64::from(tenant.options.days) - 1), 9 * 60 + random.between(0, 120));
        let first = jitter(start, 60, &mut random);
        let second = jitter(first + TimeDelta::minutes(random.between(12, 40)), 60, &mut random);
        for (from, time) in [(user.home.clone(), first), (addresses::vpn(), second)] {
            let sign_in = SignIn::of(user, &crate::apps::OFFICE_HOME, &from, time, &mut random);
            let mark = "twin:vpn";
            events.sign_ins.push(SignIn { second_factor: SecondFactor::InToken, mark, ..sign_in });
        }
    }
}

/// A new laptop registers itself and fetches its owner's files.
fn new_laptop(tenant: &Tenant, events: &mut Events) {
    const MARK: &str = "twin:sync-burst";
    let user = &tenant.users[tenant.cast.new_laptop_owner];
    let mut random = tenant.random("new laptop", 0);
    let start = jitter(tenant.local(user.site, 2.min(i64::from(tenant.options.days) - 1), 10 * 60), 600, &mut random);
    let ip = addresses::office(user.site);
    let name = format!("{}-NEW", user.laptop.name);
    let target = Target::named("Device", &random.guid(), &name, vec![("DisplayName", None, quoted(&name))]);
    let operation = ("Register device", "Device", "Add");
    let mut event = AuditEvent::new(operation, Initiator::user(user, &ip.ip), vec![target], start, &mut random);
    event.service = "Device Registration Service";
    event.mark = MARK;
    events.audit.push(event);
    let sign_in = SignIn::of(user, &SYNC_ENGINE, &ip, start + TimeDelta::minutes(2), &mut random);
    let client = "Mobile Apps and Desktop clients";
    events.sign_ins.push(SignIn { kind: SignInKind::NonInteractive, client, mark: MARK, ..sign_in });
    let site = unified_audit::personal_site(user);
    for number in 0..SYNCHRONIZED_FILES {
        let time = jitter(start + TimeDelta::seconds(180 + number as i64 * 5), 4, &mut random);
        let name = file_name(&mut random);
        let place = FilePlace { workload: "OneDrive", site_url: &site, folder: "Documents", name: &name };
        let client = (ip.ip.as_str(), "Microsoft SkyDriveSync 25.222.1112.0002 ship; Windows NT 10.0 (26100)");
        let operation = ("FileSyncDownloadedFull", time);
        let record = unified_audit::file_operation(tenant, user, operation, client, &place, &mut random);
        events.unified_audit.push(record.marked(MARK));
    }
}

/// A telephone goes on trying the old password after its owner changed it.
fn broken_phone(tenant: &Tenant, events: &mut Events) {
    let user = &tenant.users[tenant.cast.broken_phone_owner];
    let mut random = tenant.random("broken phone", 0);
    let start = tenant.day(3) + TimeDelta::hours(6);
    for attempt in 0..PHONE_TRIES {
        let time = jitter(start + TimeDelta::minutes(5 * attempt), 10, &mut random);
        let sign_in = SignIn::of(user, &OUTLOOK_MOBILE, &user.home, time, &mut random);
        events.sign_ins.push(SignIn {
            client: "Exchange ActiveSync",
            device: user.phone.clone(),
            result: 50126,
            mark: "twin:broken-phone",
            ..sign_in
        });
    }
}

/// An administrator agrees to a known application for everybody.
fn admin_consent(tenant: &Tenant, events: &mut Events) {
    let admin = &tenant.users[tenant.cast.consenting_admin];
    let mut random = tenant.random("admin consent", 0);
    let day = 2.min(i64::from(tenant.options.days) - 1);
    let grant = Grant {
        app_name: "Signwell Contracts",
        app_id: random.guid(),
        scope: " User.Read openid profile email",
        for_everybody: true,
        ip: addresses::office(admin.site).ip,
        mark: "twin:admin-consent",
    };
    let time = jitter(tenant.local(admin.site, day, 14 * 60), 600, &mut random);
    events.audit.extend(consent::grant(admin, &grant, time, &mut random));
}

fn describe(tenant: &Tenant) -> Vec<BenignTwin> {
    let account = |index: usize| TruthEntity::new("account", &tenant.users[index].upn);
    let cast = &tenant.cast;
    let vpn_users = cast.vpn_users.iter().map(|&index| account(index));
    let vpn_entities = vpn_users.chain([TruthEntity::new("ip", &addresses::vpn().ip)]).collect();
    let twin = |key: &str, scenario: &str, entities: Vec<TruthEntity>, description: &str| BenignTwin {
        id: key.into(),
        scenario: scenario.into(),
        description: description.into(),
        entities,
        events: 0,
        first_event: None,
        last_event: None,
    };
    let domain_account = |name: &str| TruthEntity::new("account", &format!("{}\\{name}", crate::directory::NETBIOS));
    let [first, second] = &crate::directory::CONTROLLERS;
    vec![
        twin(
            "twin:background-guessing",
            "password-spray",
            Vec::new(),
            "guesses from the internet, one or two per address and day",
        ),
        twin(
            "twin:broken-phone",
            "password-spray",
            vec![account(cast.broken_phone_owner)],
            "a telephone with an old password, one try every five minutes",
        ),
        twin(
            "twin:vpn",
            "impossible-travel",
            vpn_entities,
            "people at home whose VPN leaves in another continent, same managed device",
        ),
        twin(
            "twin:business-travel",
            "impossible-travel",
            vec![account(cast.business_traveler)],
            "a flight that takes as long as flights do, same managed device",
        ),
        twin(
            "twin:admin-consent",
            "consent-grant",
            vec![account(cast.consenting_admin)],
            "an administrator consents to a known application with harmless scopes",
        ),
        twin(
            "twin:controller-replication",
            "dcsync",
            vec![domain_account(&first.account()), domain_account(&second.account())],
            "domain controllers replicating with each other every 15 minutes",
        ),
        twin(
            "twin:directory-sync",
            "dcsync",
            vec![domain_account(crate::directory::SYNC_ACCOUNT)],
            "Entra Connect reading the directory every 30 minutes",
        ),
        twin(
            "twin:sync-burst",
            "mass-download",
            vec![account(cast.new_laptop_owner)],
            "the sync client of a new laptop fetching its owner's files",
        ),
    ]
}
