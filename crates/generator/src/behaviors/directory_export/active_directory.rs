//! Users, groups, computers and the domain as SharpHound 6 collects them from Active Directory.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Export, list, object};
use crate::json::Json;
use crate::records::Field;
use crate::tenant::Tenant;
use crate::tenant::directory::{self, DOMAIN_SID, NETBIOS, REALM, SYNC_RID};
use crate::tenant::groups::{DOMAIN_ADMINS, ENTERPRISE_ADMINS, Group, Members, SERVER_ADMINS, directory_base};
use crate::tenant::people::{Kind, User};

/// Relative identifiers that every domain has.
const ADMINISTRATOR_RID: u32 = 500;
const KRBTGT_RID: u32 = 502;
const DOMAIN_USERS_RID: u32 = 513;
const DOMAIN_COMPUTERS_RID: u32 = 515;
const DOMAIN_CONTROLLERS_RID: u32 = 516;
/// Days before the window on which the domain was set up.
const DOMAIN_AGE: i64 = 3_200;

/// `NAME@REALM`, as SharpHound names accounts.
fn at_realm(name: &str) -> String {
    format!("{}@{REALM}", name.to_uppercase())
}

/// The domain of accounts that are part of `Builtin` has no identifier of its own in theirs.
fn object_id(sid: &str) -> String {
    if sid.starts_with("S-1-5-32-") { format!("{REALM}-{sid}") } else { sid.to_owned() }
}

/// Seconds since 1970; 0 for never.
fn seconds(time: Option<DateTime<Utc>>) -> i64 {
    time.map_or(0, |time| time.timestamp())
}

/// What all objects have after their own fields: who may do anything with them.
fn tail<'t>(sid: &str, owner: &str) -> [(&'static str, Field<'t>); 5] {
    let aces = list(|list| {
        for right in ["Owns", "GenericAll"] {
            ace(list, owner, "Group", right, right == "GenericAll");
        }
    });
    [
        ("Aces", aces),
        ("ObjectIdentifier", object_id(sid).into()),
        ("IsDeleted", false.into()),
        ("IsACLProtected", false.into()),
        ("ContainedBy", Field::Null),
    ]
}

fn ace(list: &mut Json, principal: &str, kind: &str, right: &str, inherited: bool) {
    list.item_object(|json| {
        json.text("PrincipalSID", &object_id(principal));
        json.text("PrincipalType", kind);
        json.text("RightName", right);
        json.value("IsInherited", inherited);
    });
}

fn identified(list: &mut Json, sid: &str, kind: &str) {
    list.item_object(|json| {
        json.text("ObjectIdentifier", &object_id(sid));
        json.text("ObjectType", kind);
    });
}

/// What `Properties` of all objects begin with.
fn head(json: &mut Json, name: &str, distinguished_name: &str, created: DateTime<Utc>) {
    json.text("domain", REALM);
    json.text("name", name);
    json.text("distinguishedname", &distinguished_name.to_uppercase());
    json.text("domainsid", DOMAIN_SID);
    json.value("whencreated", created.timestamp());
}

/// An account, a person's or a service's.
struct Account<'a> {
    name: &'a str,
    rid: u32,
    distinguished_name: String,
    display_name: &'a str,
    mail: Option<String>,
    title: Option<String>,
    service_names: Vec<String>,
    enabled: bool,
    privileged: bool,
    created: DateTime<Utc>,
    last_logon: Option<DateTime<Utc>>,
    password_changed: DateTime<Utc>,
}

fn account(export: &mut Export, account: &Account) {
    let properties = object(|json| {
        head(json, &at_realm(account.name), &account.distinguished_name, account.created);
        json.text("samaccountname", account.name);
        json.value("enabled", account.enabled);
        json.value("lastlogon", seconds(account.last_logon));
        // Replicated between controllers with days of delay.
        json.value("lastlogontimestamp", seconds(account.last_logon.map(|time| time - TimeDelta::days(5))));
        json.value("pwdlastset", account.password_changed.timestamp());
        json.text("displayname", account.display_name);
        for (name, value) in [("email", &account.mail), ("title", &account.title)] {
            match value {
                Some(value) => json.text(name, value),
                None => json.null(name),
            }
        }
        json.array("serviceprincipalnames", |list| account.service_names.iter().for_each(|name| list.item(name)));
        json.value("hasspn", !account.service_names.is_empty());
        json.value("admincount", account.privileged);
        for name in ["dontreqpreauth", "passwordnotreqd", "unconstraineddelegation", "trustedtoauth", "sensitive"] {
            json.value(name, false);
        }
        json.value("pwdneverexpires", !account.service_names.is_empty());
        json.array("sidhistory", |_| {});
    });
    let sid = directory::sid(account.rid);
    let mut fields = vec![
        ("Properties", properties),
        ("PrimaryGroupSID", directory::sid(DOMAIN_USERS_RID).into()),
        ("AllowedToDelegate", list(|_| {})),
        ("HasSIDHistory", list(|_| {})),
        ("SPNTargets", list(|_| {})),
    ];
    fields.extend(tail(&sid, &directory::sid(512)));
    export.push("AdUsers", &sid, fields);
}

/// The account of `user` in the domain.
pub(super) fn user(export: &mut Export, user: &User) {
    let (tenant, day) = (export.tenant, export.day);
    let profile = tenant.profile(user);
    let domain_admins = tenant.group(DOMAIN_ADMINS);
    account(
        export,
        &Account {
            name: &user.sam,
            rid: user.rid,
            distinguished_name: profile.distinguished_name,
            display_name: &user.display_name,
            mail: Some(profile.mail),
            title: Some(tenant.job_title(user, day)),
            service_names: Vec::new(),
            enabled: user.is_enabled(day),
            privileged: tenant.is_in(user, domain_admins, day),
            created: profile.created,
            last_logon: tenant.last_seen(user, day),
            password_changed: profile.password_changed,
        },
    );
}

/// A computer: its name, where it is, what it runs.
struct Machine<'a> {
    host: String,
    name: &'a str,
    rid: u32,
    unit: &'static str,
    system: &'static str,
    controller: bool,
    enabled: bool,
    created: DateTime<Utc>,
    last_logon: Option<DateTime<Utc>>,
    /// Security identifiers of the groups among the local administrators.
    administrators: Vec<String>,
}

fn machine(export: &mut Export, machine: &Machine) {
    let sid = directory::sid(machine.rid);
    let properties = object(|json| {
        let place = format!("CN={},{},{}", machine.name, machine.unit, directory_base());
        head(json, &machine.host.to_uppercase(), &place, machine.created);
        json.text("samaccountname", &format!("{}$", machine.name));
        json.value("enabled", machine.enabled);
        json.value("haslaps", !machine.controller);
        json.value("unconstraineddelegation", machine.controller);
        json.value("trustedtoauth", false);
        json.value("lastlogon", seconds(machine.last_logon));
        json.value("lastlogontimestamp", seconds(machine.last_logon.map(|time| time - TimeDelta::days(5))));
        json.value("pwdlastset", (export.moment.time - TimeDelta::days(i64::from(machine.rid % 30))).timestamp());
        json.array("serviceprincipalnames", |list| list.item(&format!("HOST/{}", machine.host)));
        json.text("operatingsystem", machine.system);
    });
    let results = |json: &mut Json, fill: &dyn Fn(&mut Json)| {
        json.array("Results", fill);
        json.value("Collected", true);
        json.null("FailureReason");
    };
    let local_groups = list(|list| {
        list.item_object(|json| {
            json.text("ObjectIdentifier", &format!("{sid}-544"));
            json.text("Name", &format!("ADMINISTRATORS@{}", machine.host.to_uppercase()));
            json.array("LocalNames", |_| {});
            results(json, &|list| machine.administrators.iter().for_each(|sid| identified(list, sid, "Group")));
        });
    });
    let sessions = || object(|json| results(json, &|_| {}));
    let primary = if machine.controller { DOMAIN_CONTROLLERS_RID } else { DOMAIN_COMPUTERS_RID };
    let mut fields = vec![
        ("Properties", properties),
        ("PrimaryGroupSID", directory::sid(primary).into()),
        ("AllowedToDelegate", list(|_| {})),
        ("AllowedToAct", list(|_| {})),
        ("HasSIDHistory", list(|_| {})),
        ("DumpSMSAPassword", list(|_| {})),
        ("Sessions", sessions()),
        ("PrivilegedSessions", sessions()),
        ("RegistrySessions", sessions()),
        // Controllers have no groups of their own.
        ("LocalGroups", if machine.controller { list(|_| {}) } else { local_groups }),
        ("UserRights", list(|_| {})),
        ("Status", Field::Null),
    ];
    fields.extend(tail(&sid, &directory::sid(512)));
    export.push("AdComputers", &sid, fields);
}

/// The laptop of `user`.
pub(super) fn laptop(export: &mut Export, user: &User) {
    if !user.is_employee() {
        return;
    }
    let (tenant, day) = (export.tenant, export.day);
    machine(
        export,
        &Machine {
            host: user.laptop_host(),
            name: &user.laptop.name,
            rid: directory::laptop_rid(user.number),
            unit: "OU=Laptops",
            system: "Windows 11 Enterprise",
            controller: false,
            enabled: user.is_enabled(day),
            created: tenant.profile(user).created,
            last_logon: tenant.last_seen(user, day),
            administrators: vec![directory::sid(512)],
        },
    );
}

/// Everything beside people: service accounts, servers, groups, the domain.
pub(super) fn rest(export: &mut Export) {
    let tenant = export.tenant;
    let age = TimeDelta::days(DOMAIN_AGE) + TimeDelta::minutes(tenant.random("domain", 0).between(0, 1_440));
    let set_up = tenant.options.start - age;
    let unit = |name: &str, unit: &str| format!("CN={name},{unit},{}", directory_base());
    let built_in = [("Administrator", ADMINISTRATOR_RID, true), ("krbtgt", KRBTGT_RID, false)];
    let services = service_accounts().map(|(name, rid)| (name, rid, true));
    for (name, rid, enabled) in built_in.into_iter().chain(services) {
        let service = name.starts_with("svc-");
        let place = if service || rid == SYNC_RID { "OU=Service Accounts" } else { "CN=Users" };
        let service_names = if service {
            vec![format!("{}/app.{}", name.trim_start_matches("svc-"), directory::DNS)]
        } else {
            Vec::new()
        };
        account(
            export,
            &Account {
                name,
                rid,
                distinguished_name: unit(name, place),
                display_name: name,
                mail: None,
                title: None,
                service_names,
                enabled,
                privileged: rid < 1_000,
                created: set_up,
                last_logon: (rid > KRBTGT_RID).then(|| export.moment.time - TimeDelta::hours(3)),
                password_changed: set_up + TimeDelta::days(i64::from(rid) % 900),
            },
        );
    }
    servers(export, set_up);
    groups(export, set_up);
    domain(export, set_up);
}

fn service_accounts() -> impl Iterator<Item = (&'static str, u32)> {
    let named = [
        (directory::SYNC_ACCOUNT, SYNC_RID),
        (directory::SCANNER_ACCOUNT, directory::SCANNER_RID),
        (directory::BACKUP_ACCOUNT, directory::BACKUP_RID),
        (directory::LEGACY_ACCOUNT, directory::LEGACY_RID),
    ];
    named.into_iter().chain(directory::SERVICE_ACCOUNTS)
}

fn servers(export: &mut Export, set_up: DateTime<Utc>) {
    let server_admins = export.tenant.group(SERVER_ADMINS).sid.clone();
    for server in directory::servers() {
        let controller = directory::CONTROLLERS.contains(server);
        let mut administrators = vec![directory::sid(512)];
        administrators.extend(server_admins.clone());
        let last_logon = Some(export.moment.time - TimeDelta::hours(1));
        machine(
            export,
            &Machine {
                host: server.host(),
                name: server.name,
                rid: server.rid,
                unit: if controller { "OU=Domain Controllers" } else { "OU=Servers" },
                system: "Windows Server 2022 Standard",
                controller,
                enabled: true,
                created: set_up,
                last_logon,
                administrators,
            },
        );
    }
}

/// The groups of the domain with their members; members of `Domain Users` have it as their primary group.
fn groups(export: &mut Export, set_up: DateTime<Utc>) {
    let (tenant, day) = (export.tenant, export.day);
    for group in tenant.groups.iter().filter(|group| group.is_in_domain()) {
        let Some(sid) = &group.sid else { continue };
        let properties = object(|json| {
            head(json, &at_realm(&group.name), &group.distinguished_name(), set_up);
            json.text("samaccountname", &group.name);
            json.value("admincount", [DOMAIN_ADMINS, ENTERPRISE_ADMINS].contains(&group.name.as_str()));
        });
        let mut fields = vec![("Properties", properties), ("Members", members(tenant, group, day))];
        fields.extend(tail(sid, &directory::sid(512)));
        export.push("AdGroups", sid, fields);
    }
}

fn members<'t>(tenant: &Tenant, group: &Group, day: i64) -> Field<'t> {
    list(|list| {
        for number in &group.nested {
            if let Some(sid) = &tenant.groups[*number as usize].sid {
                identified(list, sid, "Group");
            }
        }
        match group.members {
            Members::DomainAccounts => {}
            Members::Services(rids) => rids.iter().for_each(|rid| identified(list, &directory::sid(*rid), "User")),
            _ => {
                let members = tenant.users.iter().filter(|user| user.kind != Kind::Guest && group.has(user, day));
                members.for_each(|user| identified(list, &directory::sid(user.rid), "User"));
            }
        }
    })
}

/// The domain, with who may replicate its secrets.
fn domain(export: &mut Export, set_up: DateTime<Utc>) {
    let properties = object(|json| {
        head(json, REALM, &directory_base(), set_up);
        json.text("netbios", NETBIOS);
        json.text("functionallevel", "2016");
        json.value("collected", true);
    });
    let aces = list(|list| {
        let replicating = [
            (directory::sid(DOMAIN_CONTROLLERS_RID), "Group"),
            ("S-1-5-32-544".to_owned(), "Group"),
            (directory::sid(SYNC_RID), "User"),
        ];
        for (sid, kind) in replicating {
            for right in ["GetChanges", "GetChangesAll"] {
                ace(list, &sid, kind, right, false);
            }
        }
    });
    let mut fields = vec![
        ("Properties", properties),
        ("ChildObjects", list(|_| {})),
        ("Links", list(|_| {})),
        ("Trusts", list(|_| {})),
    ];
    let rest = tail(DOMAIN_SID, &directory::sid(512)).into_iter().filter(|(name, _)| *name != "Aces");
    fields.push(("Aces", aces));
    fields.extend(rest);
    export.push("AdDomains", DOMAIN_SID, fields);
}
