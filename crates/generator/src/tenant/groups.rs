//! The groups, in Entra ID and in Active Directory, and who is in them on which day.
//!
//! Membership follows from rules, so that a mover changes groups on the day of the move and a leaver loses them all: what the
//! audit log says ([`Tenant::group_changes`]), what directory exports list and what the groups allow is always the same.

use super::Tenant;
use super::apps::{BROWSER_APPS, DIRECTORY_API};
use super::directory::{self, BACKUP_RID, DNS, SCANNER_RID, SYNC_RID};
use super::people::{DEPARTMENTS, DOMAIN, Kind, User};
use super::sites::SITES;
use crate::GenerateOptions;
use crate::guid::Guid;
use crate::random::Random;

/// In which directory a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A security group of Entra ID.
    Cloud,
    /// A Microsoft 365 group: a security group with a mailbox and a site.
    Team,
    /// A group of Active Directory that Entra Connect copies to Entra ID.
    Synced,
    /// A group of Active Directory that stays there.
    Domain,
}

/// The accounts that are members themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Members {
    /// None: the members are groups.
    Nobody,
    /// Every account of the domain, leavers included.
    DomainAccounts,
    /// Employees of a department, an index into [`DEPARTMENTS`].
    Department(usize),
    /// Employees of a site, an index into [`SITES`].
    Site(usize),
    /// Employees who may switch the VPN on.
    VpnUsers,
    /// Heads of departments.
    Managers,
    /// Accounts of the partner company.
    Guests,
    /// Users of a supplier's application, an index into [`BROWSER_APPS`], from the day on which they take it up.
    App(usize),
    /// Every n-th administrator, the first one included.
    Administrators(u32),
    /// The emergency accounts.
    Emergency,
    /// Service accounts of the domain, by relative identifier.
    Services(&'static [u32]),
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// Object id in Entra ID, `objectGUID` of a group that is only in the domain.
    pub(crate) id: Guid,
    pub(crate) origin: Origin,
    pub(crate) members: Members,
    /// Groups that are members, by number.
    pub(crate) nested: Vec<u32>,
    /// Security identifier in the domain.
    pub(crate) sid: Option<String>,
    /// Where the group is in the domain, such as `OU=Groups`.
    container: &'static str,
}

impl Group {
    /// Whether the group is in Entra ID.
    pub(crate) fn is_in_entra(&self) -> bool {
        self.origin != Origin::Domain
    }

    /// Whether the group is in Active Directory.
    pub(crate) fn is_in_domain(&self) -> bool {
        matches!(self.origin, Origin::Synced | Origin::Domain)
    }

    /// The address of a Microsoft 365 group.
    pub(crate) fn mail(&self) -> Option<String> {
        (self.origin == Origin::Team).then(|| format!("{}@{DOMAIN}", self.alias()))
    }

    /// The name without what addresses cannot have.
    pub(crate) fn alias(&self) -> String {
        self.name.to_lowercase().replace(|character: char| !character.is_ascii_alphanumeric(), "-")
    }

    /// The distinguished name of a group of the domain.
    pub(crate) fn distinguished_name(&self) -> String {
        format!("CN={},{},{}", self.name, self.container, directory_base())
    }

    /// Whether `user` is a member itself on local day `day`.
    pub(crate) fn has(&self, user: &User, day: i64) -> bool {
        let works_here = user.is_employee() && user.is_active(day);
        match self.members {
            Members::Nobody | Members::Services(_) => false,
            Members::DomainAccounts => user.is_in_domain() && user.joins <= day,
            Members::Department(index) => works_here && user.department_on(day) == DEPARTMENTS[index],
            Members::Site(site) => works_here && user.site == site,
            Members::VpnUsers => works_here && user.vpn,
            Members::Managers => works_here && user.is_manager(),
            Members::Guests => user.kind == Kind::Guest,
            Members::App(app) => user.is_active(day) && user.known_apps(day).contains(&(app as u8)),
            Members::Administrators(every) => {
                user.kind == Kind::Admin && (user.number - FIRST_ADMINISTRATOR).is_multiple_of(every)
            }
            Members::Emergency => user.kind == Kind::BreakGlass,
        }
    }
}

/// Number of the first administrator; the emergency accounts come before.
const FIRST_ADMINISTRATOR: u32 = 2;

/// The domain's distinguished name.
pub(crate) fn directory_base() -> String {
    DNS.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(",")
}

/// Names that code refers to.
pub(crate) const DOMAIN_ADMINS: &str = "Domain Admins";
/// See [`DOMAIN_ADMINS`].
pub(crate) const ENTERPRISE_ADMINS: &str = "Enterprise Admins";
/// See [`DOMAIN_ADMINS`].
pub(crate) const BUILTIN_ADMINISTRATORS: &str = "Administrators";
/// See [`DOMAIN_ADMINS`].
pub(crate) const BACKUP_OPERATORS: &str = "Backup Operators";
/// See [`DOMAIN_ADMINS`]. Local administrators of all servers.
pub(crate) const SERVER_ADMINS: &str = "Server Admins";
/// See [`DOMAIN_ADMINS`]. All administrators.
pub(crate) const IT_ADMINISTRATION: &str = "IT Administration";
/// See [`DOMAIN_ADMINS`]. Everybody who works here.
pub(crate) const ALL_EMPLOYEES: &str = "All Employees";

/// First relative identifier of the organisation's own groups.
const FIRST_GROUP_RID: u32 = 200_001;

/// Writes down the groups one after another.
struct List {
    groups: Vec<Group>,
    random: Random,
}

impl List {
    fn add(&mut self, name: impl Into<String>, origin: Origin, members: Members) -> u32 {
        let number = self.groups.len() as u32;
        let sid = matches!(origin, Origin::Synced | Origin::Domain).then(|| directory::sid(FIRST_GROUP_RID + number));
        let (name, id, container) = (name.into(), self.random.guid(), "OU=Groups");
        self.groups.push(Group { name, id, origin, members, nested: Vec::new(), sid, container });
        number
    }

    /// A group that every domain has, with its well-known relative identifier or, of `BUILTIN`, its own identifier.
    fn well_known(&mut self, name: &str, rid: u32, builtin: bool, members: Members) -> u32 {
        let number = self.add(name, Origin::Domain, members);
        let group = &mut self.groups[number as usize];
        group.sid = Some(if builtin { format!("S-1-5-32-{rid}") } else { directory::sid(rid) });
        group.container = if builtin { "CN=Builtin" } else { "CN=Users" };
        number
    }

    fn nest(&mut self, group: u32, members: &[u32]) {
        self.groups[group as usize].nested.extend_from_slice(members);
    }
}

/// Invents the groups: of departments and sites, of applications, of administrators, and those that every domain has.
pub(crate) fn invent(options: &GenerateOptions) -> Vec<Group> {
    let mut list = List { groups: Vec::new(), random: Random::stream(options.seed, "groups", 0) };
    let mut departments = Vec::new();
    for (index, name) in DEPARTMENTS.iter().enumerate() {
        departments.push(list.add(*name, Origin::Synced, Members::Department(index)));
    }
    let everybody = list.add(ALL_EMPLOYEES, Origin::Synced, Members::Nobody);
    list.nest(everybody, &departments);
    for (index, site) in SITES.iter().enumerate() {
        list.add(format!("Site {}", site.place.city), Origin::Synced, Members::Site(index));
    }
    list.add("VPN Users", Origin::Synced, Members::VpnUsers);
    list.add("Heads of Department", Origin::Synced, Members::Managers);
    let administration = list.add(IT_ADMINISTRATION, Origin::Synced, Members::Administrators(1));
    for (index, name) in DEPARTMENTS.iter().enumerate() {
        list.add(format!("{name} Team"), Origin::Team, Members::Department(index));
    }
    for (index, app) in BROWSER_APPS.iter().enumerate().filter(|(_, app)| app.resource == DIRECTORY_API) {
        list.add(format!("App {}", app.name), Origin::Cloud, Members::App(index));
    }
    list.add("Partner Company", Origin::Cloud, Members::Guests);
    list.add("Emergency Access", Origin::Cloud, Members::Emergency);
    domain_groups(&mut list, administration);
    list.groups
}

fn domain_groups(list: &mut List, administration: u32) {
    list.well_known("Domain Users", 513, false, Members::DomainAccounts);
    // The scanner is a domain administrator, as scanners too often are.
    let domain_admins = list.well_known(DOMAIN_ADMINS, 512, false, Members::Administrators(3));
    let enterprise_admins = list.well_known(ENTERPRISE_ADMINS, 519, false, Members::Administrators(9));
    let administrators = list.well_known(BUILTIN_ADMINISTRATORS, 544, true, Members::Nobody);
    list.nest(administrators, &[domain_admins, enterprise_admins]);
    list.well_known(BACKUP_OPERATORS, 551, true, Members::Administrators(5));
    let remote = list.well_known("Remote Desktop Users", 555, true, Members::Nobody);
    let server_admins = list.add(SERVER_ADMINS, Origin::Domain, Members::Services(&[SCANNER_RID, BACKUP_RID]));
    list.nest(server_admins, &[administration]);
    list.nest(remote, &[server_admins]);
    list.add("ADSyncAdmins", Origin::Domain, Members::Services(&[SYNC_RID]));
}

/// Somebody becomes or ceases to be a member of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupChange<'t> {
    pub(crate) group: &'t Group,
    pub(crate) added: bool,
}

impl Tenant {
    /// The group called `name`, which must be one of this file's names.
    pub(crate) fn group(&self, name: &str) -> &Group {
        self.groups.iter().find(|group| group.name == name).unwrap_or(&self.groups[0])
    }

    /// The groups of which `user` is a member itself on local day `day`.
    pub(crate) fn groups_of<'t>(&'t self, user: &'t User, day: i64) -> impl Iterator<Item = &'t Group> {
        self.groups.iter().filter(move |group| group.has(user, day))
    }

    /// Whether `user` is a member of `group` on `day`, itself or through groups in it.
    pub(crate) fn is_in(&self, user: &User, group: &Group, day: i64) -> bool {
        let through = |number: &u32| self.is_in(user, &self.groups[*number as usize], day);
        group.has(user, day) || group.nested.iter().any(through)
    }

    /// What changes for `user` at the beginning of local day `day`.
    pub(crate) fn group_changes<'t>(&'t self, user: &'t User, day: i64) -> impl Iterator<Item = GroupChange<'t>> {
        self.groups.iter().filter_map(move |group| {
            let added = group.has(user, day);
            (added != group.has(user, day - 1)).then_some(GroupChange { group, added })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_mover_changes_groups_and_a_leaver_loses_them() {
        let tenant = Tenant::invent(&GenerateOptions::default());
        let names = |user: &User, day| -> BTreeSet<&str> {
            tenant.groups.iter().filter(|group| group.has(user, day)).map(|group| group.name.as_str()).collect()
        };
        let (mover, day) = tenant.users.iter().find_map(|user| Some((user, user.moves?))).expect("somebody moves");
        let (before, after) = (names(mover, day - 1), names(mover, day));
        assert!(before.contains(DEPARTMENTS[mover.department]) && !after.contains(DEPARTMENTS[mover.department]));
        assert!(after.contains(DEPARTMENTS[mover.next_department()]));
        let changes: Vec<bool> = tenant.group_changes(mover, day).map(|change| change.added).collect();
        assert!(changes.contains(&true) && changes.contains(&false));
        let leaver = tenant.users.iter().find(|user| user.leaves < 14).expect("somebody leaves");
        assert!(names(leaver, leaver.leaves - 1).len() > 2);
        assert_eq!(names(leaver, leaver.leaves).into_iter().collect::<Vec<_>>(), ["Domain Users"]);
        assert!(tenant.is_in(mover, tenant.group(ALL_EMPLOYEES), day));
    }

    #[test]
    fn names_and_identifiers_are_unique_and_every_group_but_few_has_members() {
        let tenant = Tenant::invent(&GenerateOptions::default());
        let count = tenant.groups.len();
        assert_eq!(tenant.groups.iter().map(|group| &group.name).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(tenant.groups.iter().map(|group| group.id).collect::<BTreeSet<_>>().len(), count);
        for group in tenant.groups.iter().filter(|group| !matches!(group.members, Members::Services(_))) {
            assert!(tenant.users.iter().any(|user| tenant.is_in(user, group, 13)), "{}", group.name);
        }
        let admins = tenant.group(BUILTIN_ADMINISTRATORS);
        assert_eq!(admins.distinguished_name(), "CN=Administrators,CN=Builtin,DC=corp,DC=tailwind,DC=example");
        assert!(tenant.users.iter().filter(|user| tenant.is_in(user, admins, 0)).all(|user| user.kind == Kind::Admin));
    }
}
