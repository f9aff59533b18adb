//! People join, move and leave: the personnel system's provisioning changes the directory, and joiners set themselves up.

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::changes::{self, users::Method};
use crate::acts::directory_change::directory_change;
use crate::acts::provisioning::{APPLICATIONS, PERSONNEL, Provisioning, provisioning};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Audit, Initiator, listed};
use crate::tenant::Tenant;
use crate::tenant::calendar::jitter;
use crate::tenant::groups::Origin;
use crate::tenant::people::{DEPARTMENTS, User};
use crate::tenant::workday::workday;

/// Joiners, movers and leavers.
pub(super) struct Careers;

/// What happens.
const JOINS: u32 = 0;
const FIRST_DAY: u32 = 1;
const MOVES: u32 = 2;
const LEAVES: u32 = 3;
const NEW_APP: u32 = 4;

/// Days within which a joiner has a first day at work.
const FIRST_DAY_WITHIN: i64 = 14;
/// Hands out access to applications.
const ENTITLEMENT: &str = "Azure AD Identity Governance - Entitlement Management";

impl Behavior for Careers {
    fn name(&self) -> &'static str {
        "careers"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        let mut at = |minutes, step, random: &mut Random| {
            plan.at(jitter(tenant.local(user.site, day, minutes), 1_800, random), step, (day + 1) as u64);
        };
        if user.joins == day {
            at(4 * 60, JOINS, random);
        } else if user.moves == Some(day) {
            at(5 * 60, MOVES, random);
        } else if user.leaves == day {
            at(7 * 60, LEAVES, random);
        } else if user.is_active(day) && user.known_apps(day).len() != user.known_apps(day - 1).len() {
            at(6 * 60, NEW_APP, random);
        }
        if user.joins > i64::MIN && (user.joins..user.joins + FIRST_DAY_WITHIN).contains(&day) {
            let is_first = (user.joins..day).all(|earlier| workday(tenant, user, earlier).is_none());
            if let Some(workday) = workday(tenant, user, day).filter(|_| is_first) {
                plan.at(workday.begins + TimeDelta::minutes(random.between(10, 90)), FIRST_DAY, (day + 1) as u64);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let day = moment.data as i64 - 1;
        let mut career = Career { tenant, user, day, time: moment.time, random, traces };
        match moment.step {
            JOINS => career.joins(),
            FIRST_DAY => career.first_day(),
            MOVES => career.moves(),
            LEAVES => career.leaves(),
            _ => career.groups(),
        }
    }
}

struct Career<'a, 't> {
    tenant: &'t Tenant,
    user: &'t User,
    day: i64,
    time: DateTime<Utc>,
    random: &'a mut Random,
    traces: &'a mut Traces<'t>,
}

impl<'t> Career<'_, 't> {
    fn change(&mut self, audit: Audit<'t>) {
        directory_change(self.tenant, self.time, audit, self.random, self.traces);
        self.time += TimeDelta::milliseconds(self.random.between(150, 2_500));
    }

    fn personnel(&self) -> Initiator<'static> {
        self.tenant.service(changes::PROVISIONING)
    }

    fn joins(&mut self) {
        let (tenant, user, by) = (self.tenant, self.user, self.personnel());
        self.provision("create");
        let audit = changes::users::added(by.clone(), user, self.random);
        self.change(audit);
        let head = tenant.users.iter().find(|head| head.is_manager() && head.department == user.department);
        if let Some(head) = head {
            let audit = changes::users::manager_set(by.clone(), user, head, self.random);
            self.change(audit);
        }
        let audit = changes::users::license_changed(by, user, self.random);
        self.change(audit);
        self.groups();
        self.applications("create");
    }

    fn first_day(&mut self) {
        let (tenant, user) = (self.tenant, self.user);
        let Some(workday) = workday(tenant, user, self.day) else { return };
        let ip = workday.endpoint().ip;
        let by = || Initiator::User { user, ip };
        for device in [Some(&user.laptop), user.phone.as_ref()].into_iter().flatten() {
            for audit in changes::devices::registered(tenant, by(), user, device, self.random) {
                self.change(audit);
            }
            self.time += TimeDelta::minutes(self.random.between(2, 6));
        }
        for method in [Method::Telephone, Method::Authenticator] {
            let audit = changes::users::method_registered(by(), user, method, self.random);
            self.change(audit);
            self.time += TimeDelta::seconds(self.random.between(40, 200));
        }
    }

    fn moves(&mut self) {
        let user = self.user;
        self.provision("update");
        let (old, new) = (DEPARTMENTS[user.department], DEPARTMENTS[user.next_department()]);
        let modified = ("Department", listed(old), listed(new));
        let audit = changes::users::updated(self.personnel(), user, modified, self.random);
        self.change(audit);
        self.groups();
        self.applications("update");
    }

    fn leaves(&mut self) {
        let (user, by) = (self.user, self.personnel());
        self.provision("disable");
        for audit in changes::users::disabled(by.clone(), user, self.random) {
            self.change(audit);
        }
        let audit = changes::users::sessions_revoked(by.clone(), user, self.time, self.random);
        self.change(audit);
        let audit = changes::users::license_changed(by, user, self.random);
        self.change(audit);
        self.groups();
        self.applications("disable");
    }

    /// The day's changes of groups: by rule, by request, or in the domain, from which they come half an hour later.
    fn groups(&mut self) {
        let tenant = self.tenant;
        for change in tenant.group_changes(self.user, self.day).filter(|change| change.group.is_in_entra()) {
            let by = match change.group.origin {
                Origin::Synced | Origin::Domain => changes::SYNC_FABRIC,
                Origin::Team => changes::GROUP_RULES,
                Origin::Cloud => ENTITLEMENT,
            };
            let (by, pair) = (tenant.service(by), (change.group, self.user));
            let audit = changes::groups::member_changed(by, pair, change.added, self.random);
            let time = self.time;
            if change.group.origin == Origin::Synced {
                self.time += TimeDelta::minutes(30);
            }
            self.change(audit);
            self.time = time + TimeDelta::milliseconds(self.random.between(150, 900));
        }
    }

    fn provision(&mut self, action: &'static str) {
        let done = Provisioning { action, status: "success" };
        provisioning(self.tenant, self.time, self.user, (&PERSONNEL, done), self.random, self.traces);
        self.time += TimeDelta::milliseconds(self.random.between(150, 900));
    }

    /// Applications that are provisioned follow within the hour.
    fn applications(&mut self, action: &'static str) {
        for connection in &APPLICATIONS {
            let time = self.time + TimeDelta::seconds(self.random.between(300, 2_400));
            let done = Provisioning { action, status: "success" };
            provisioning(self.tenant, time, self.user, (connection, done), self.random, self.traces);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::generated;
    use crate::{GenerateOptions, ScenarioChoice};

    #[test]
    fn joiners_are_created_and_set_up_and_leavers_are_blocked() {
        // The first tenant in which somebody joins and somebody leaves early enough.
        let options = |seed| GenerateOptions {
            users: 200,
            days: 8,
            seed,
            scenarios: ScenarioChoice::None,
            on_premises_permille: 0,
            ..GenerateOptions::default()
        };
        let fits = |seed: &u64| {
            let tenant = Tenant::invent(&options(*seed));
            let any = |day: fn(&User) -> i64| tenant.users.iter().any(|user| (1..4).contains(&day(user)));
            any(|user| user.joins) && any(|user| user.leaves)
        };
        let options = options((1..100).find(fits).expect("one of so many tenants"));
        let tenant = Tenant::invent(&options);
        let audit = generated(&options).json("entra/audit");
        let about = |user: &User, operation: &str| {
            let of = |record: &&serde_json::Value| {
                let targets = record["properties"]["targetResources"].as_array().expect("targets");
                record["operationName"] == operation
                    && targets.iter().any(|target| target["userPrincipalName"] == user.upn.as_str())
            };
            audit.iter().filter(of).count()
        };
        let (mut joiners, mut leavers) = (0, 0);
        for user in &tenant.users {
            if (1..4).contains(&user.joins) {
                joiners += 1;
                assert_eq!(about(user, "Add user"), 1, "{}", user.upn);
                let works = (user.joins..7).any(|day| workday(&tenant, user, day).is_some());
                assert!(!works || about(user, "User registered security info") == 2, "{}", user.upn);
                assert!(about(user, "Add member to group") >= 3, "{}", user.upn);
            }
            if (1..7).contains(&user.leaves) {
                leavers += 1;
                assert_eq!(about(user, "Disable account"), 1, "{}", user.upn);
                assert_eq!(about(user, "Update StsRefreshTokenValidFrom Timestamp"), 1, "{}", user.upn);
                assert!(about(user, "Remove member from group") >= 3, "{}", user.upn);
            }
        }
        assert!(joiners > 0 && leavers > 0, "{joiners} {leavers}");
    }
}
