//! Directory roles of Entra ID and who holds them on which day.

use super::Tenant;
use super::people::{Kind, User};
use super::workloads::Workload;
use crate::GenerateOptions;
use crate::guid::Guid;
use crate::random::Random;

/// A built-in role with its template's id
/// (<https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) template: &'static str,
    pub(crate) name: &'static str,
}

const fn role(template: &'static str, name: &'static str) -> Role {
    Role { template, name }
}

pub(crate) static GLOBAL_ADMINISTRATOR: Role = role("62e90394-69f5-4237-9190-012177145e10", "Global Administrator");
pub(crate) static DIRECTORY_READERS: Role = role("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers");
pub(crate) static PRIVILEGED_ROLE_ADMINISTRATOR: Role =
    role("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator");

/// The daily roles of administrators, handed out in turn.
static DAILY: [Role; 10] = [
    role("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"),
    role("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
    role("3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator"),
    role("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"),
    role("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"),
    role("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator"),
    role("69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator"),
    role("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"),
    role("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
];

/// Who holds a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A person's account, by number.
    User(u32),
    /// A program, by number.
    Workload(u32),
}

/// Somebody holds a role, or may activate it.
#[derive(Debug)]
pub(crate) struct RoleAssignment {
    pub(crate) id: Guid,
    pub(crate) role: &'static Role,
    pub(crate) principal: Principal,
    /// Whether the role must be activated before use (Privileged Identity Management).
    pub(crate) eligible: bool,
    /// First local day, `i64::MIN` for assignments of old.
    pub(crate) from: i64,
    /// First day without it, mostly `i64::MAX`.
    pub(crate) until: i64,
}

impl RoleAssignment {
    /// Whether the assignment holds on local day `day`.
    pub(crate) fn holds(&self, day: i64) -> bool {
        self.from <= day && day < self.until
    }
}

/// One administrator of so many may become Global Administrator; at least two.
const GLOBAL: u32 = 6;
/// One administrator of so many gets another role during the window, one loses one.
const CHANGES: u32 = 5;
/// One program of so many reads the directory by role.
const READERS: u32 = 30;

/// Invents the assignments to `users` and `workloads`.
pub(crate) fn invent(options: &GenerateOptions, users: &[User], workloads: &[Workload]) -> Vec<RoleAssignment> {
    let mut random = Random::stream(options.seed, "roles", 0);
    let mut list = Vec::new();
    let mut add = |role, principal, eligible, from, until, random: &mut Random| {
        list.push(RoleAssignment { id: random.guid(), role, principal, eligible, from, until });
    };
    for user in users.iter().filter(|user| user.kind == Kind::BreakGlass) {
        add(&GLOBAL_ADMINISTRATOR, Principal::User(user.number), false, i64::MIN, i64::MAX, &mut random);
    }
    let days = i64::from(options.days);
    for (index, user) in (0u32..).zip(users.iter().filter(|user| user.kind == Kind::Admin)) {
        let principal = Principal::User(user.number);
        let daily = |index: u32| &DAILY[index as usize % DAILY.len()];
        let until = if index % CHANGES == 3 { random.between(1, days - 1) } else { i64::MAX };
        add(daily(index), principal, false, i64::MIN, until, &mut random);
        if index < 2 || index.is_multiple_of(GLOBAL) {
            add(&GLOBAL_ADMINISTRATOR, principal, true, i64::MIN, i64::MAX, &mut random);
        }
        if index == 1 {
            add(&PRIVILEGED_ROLE_ADMINISTRATOR, principal, true, i64::MIN, i64::MAX, &mut random);
        }
        if index % CHANGES == 2 {
            let from = random.between(1, days - 1);
            add(daily(index + 1), principal, false, from, i64::MAX, &mut random);
        }
    }
    for workload in workloads.iter().filter(|workload| workload.number.is_multiple_of(READERS)) {
        add(&DIRECTORY_READERS, Principal::Workload(workload.number), false, i64::MIN, i64::MAX, &mut random);
    }
    list
}

impl Tenant {
    /// The assignments of `user` that hold on local day `day`, those that must be activated included.
    pub(crate) fn roles_of(&self, user: &User, day: i64) -> impl Iterator<Item = &RoleAssignment> {
        let principal = Principal::User(user.number);
        self.roles.iter().filter(move |assignment| assignment.principal == principal && assignment.holds(day))
    }

    /// The assignments that begin or end with local day `day`.
    pub(crate) fn role_changes(&self, day: i64) -> impl Iterator<Item = &RoleAssignment> {
        self.roles.iter().filter(move |assignment| assignment.from == day || assignment.until == day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_administrator_has_a_role_and_some_roles_change_hands() {
        for users in [crate::MIN_USERS, 500] {
            let tenant = Tenant::invent(&GenerateOptions { users, ..GenerateOptions::default() });
            let names = |user: &User| -> Vec<&str> { tenant.roles_of(user, 0).map(|held| held.role.name).collect() };
            for user in &tenant.users {
                let privileged = matches!(user.kind, Kind::Admin | Kind::BreakGlass);
                assert_eq!(!names(user).is_empty(), privileged, "{:?}", user.kind);
            }
            let changes = (0..14).flat_map(|day| tenant.role_changes(day)).count();
            assert!(changes >= 2, "{changes}");
            assert!(tenant.roles.iter().any(|held| held.role == &DIRECTORY_READERS));
        }
    }
}
