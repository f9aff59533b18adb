//! The directory's daily changes: synchronization, groups, passwords, devices, access to applications.

use chrono::{DateTime, TimeDelta, Utc};

use crate::addresses;
use crate::apps::BROWSER_APPS;
use crate::audit::{AuditEvent, Initiator, Modified, Target, quoted};
use crate::events::Events;
use crate::people::{Kind, User};
use crate::random::Random;
use crate::tenant::{Tenant, jitter};

/// Changes of each kind in a day for each 100 accounts.
const SYNCHRONIZED_PER_100: u32 = 20;
const BY_ADMINS_PER_100: u32 = 12;
/// The groups that administrators fill.
const GROUPS: [&str; 5] = ["All Staff", "Project Harbor", "VPN Users", "Finance Readers", "Press Team"];

/// Adds the daily changes.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) {
    let sync = Initiator::App { name: "Microsoft.Azure.SyncFabric".into(), id: tenant.random("sync app", 0).guid() };
    let admins: Vec<&User> = tenant.users.iter().filter(|user| user.kind == Kind::Admin).collect();
    for day in 0..tenant.options.days {
        let mut random = tenant.random("directory changes", u64::from(day));
        let share = if tenant.is_weekend(i64::from(day)) { 10 } else { 100 };
        for _ in 0..tenant.options.users * SYNCHRONIZED_PER_100 * share / 10_000 {
            // Entra Connect runs every 30 minutes.
            let run = tenant.day(day) + TimeDelta::minutes(30 * random.between(0, 47) + 2);
            let time = jitter(run, 20, &mut random);
            events.audit.push(synchronized(&sync, random_employee(tenant, &mut random), time, &mut random));
        }
        for _ in 0..tenant.options.users * BY_ADMINS_PER_100 * share / 10_000 {
            let admin = *random.pick(&admins);
            let minutes = random.between(9 * 60, 17 * 60);
            let time = jitter(tenant.local(admin.site, i64::from(day), minutes), 60, &mut random);
            let event = by_admin(tenant, admin, time, &mut random);
            events.audit.push(event);
        }
    }
}

fn random_employee<'a>(tenant: &'a Tenant, random: &mut Random) -> &'a User {
    let user = random.pick(&tenant.users);
    if user.is_employee() { user } else { &tenant.users[tenant.cast.consenting_admin] }
}

fn synchronized(sync: &Initiator, user: &User, time: DateTime<Utc>, random: &mut Random) -> AuditEvent {
    let now = crate::timestamps::seconds_utc(time);
    let before = crate::timestamps::seconds_utc(time - TimeDelta::minutes(30));
    let modified: Vec<Modified> = vec![
        ("LastDirSyncTime", Some(format!("[\"{before}\"]")), Some(format!("[\"{now}\"]"))),
        ("Included Updated Properties", None, quoted("LastDirSyncTime")),
    ];
    AuditEvent::new(
        ("Update user", "UserManagement", "Update"),
        sync.clone(),
        vec![Target::user(user, modified)],
        time,
        random,
    )
}

fn by_admin(tenant: &Tenant, admin: &User, time: DateTime<Utc>, random: &mut Random) -> AuditEvent {
    let office = addresses::office(admin.site);
    let initiator = Initiator::user(admin, &office.ip);
    let user = random_employee(tenant, random);
    let (operation, targets) = match random.below(10) {
        0..4 => {
            let group = random.below(GROUPS.len() as u64);
            let id = tenant.random("group", group).guid();
            let name = GROUPS[group as usize];
            let modified = vec![
                ("Group.ObjectID", None, quoted(&id)),
                ("Group.DisplayName", None, quoted(name)),
                ("Group.WellKnownObjectName", None, None),
            ];
            let targets = vec![Target::user(user, modified), Target::named("Group", &id, name, Vec::new())];
            let joins = random.chance(700);
            let operation = if joins { "Add member to group" } else { "Remove member from group" };
            ((operation, "GroupManagement", if joins { "Assign" } else { "Unassign" }), targets)
        }
        4..6 => {
            let modified = vec![
                ("Department", quoted("[]"), Some(format!("[\"{}\"]", user.department))),
                ("Included Updated Properties", None, quoted("Department")),
            ];
            (("Update user", "UserManagement", "Update"), vec![Target::user(user, modified)])
        }
        6..8 => {
            let app = BROWSER_APPS[6 + random.below(2) as usize];
            let id = tenant.random(app.name, 0).guid();
            let modified = vec![
                ("AppRole.Id", None, quoted("00000000-0000-0000-0000-000000000000")),
                ("User.ObjectID", None, quoted(&user.object_id)),
                ("User.UPN", None, quoted(&user.upn)),
            ];
            let mut target = Target::named("ServicePrincipal", &id, app.name, modified);
            target.app_id = Some(app.id.into());
            let targets = vec![target, Target::user(user, Vec::new())];
            (("Add app role assignment grant to user", "UserManagement", "Assign"), targets)
        }
        8 => (("Reset user password", "UserManagement", "Reset"), vec![Target::user(user, Vec::new())]),
        _ => {
            let phone = &user.phone;
            let target =
                Target::named("Device", &phone.id, &phone.name, vec![("DisplayName", None, quoted(&phone.name))]);
            (("Update device", "Device", "Update"), vec![target])
        }
    };
    AuditEvent::new(operation, initiator, targets, time, random)
}
