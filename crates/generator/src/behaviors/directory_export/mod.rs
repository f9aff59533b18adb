//! Directory data beside the logs: Entra ID through Microsoft Graph and Active Directory through SharpHound once a week,
//! IdentityInfo of Sentinel every other week and when something about an account changes.

mod active_directory;
mod graph_objects;
mod identity_info;

use std::fmt::Display;

use chrono::TimeDelta;

use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::json::Json;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::Tenant;
use crate::tenant::people::User;

/// Exports of the directories.
pub(super) struct DirectoryExport;

/// Days between two exports of everything, and of IdentityInfo, which Sentinel writes anew every 14 days
/// (<https://learn.microsoft.com/azure/sentinel/ueba-reference>).
pub(crate) const EXPORT_DAYS: i64 = 7;
const IDENTITY_DAYS: i64 = 14;
/// Minute of the day (UTC) at which an export begins, and how many minutes it takes. `envelopes::SNAPSHOT_MINUTE` must agree.
const BEGINS_AT: i64 = crate::envelopes::SNAPSHOT_MINUTE;
const TAKES: i64 = 120;

/// What is exported.
const USER: u32 = 0;
const REST: u32 = 1;
const IDENTITY: u32 = 2;

impl Behavior for DirectoryExport {
    fn name(&self) -> &'static str {
        "directory export"
    }

    /// An actor an account, and one for everything else.
    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users + 1
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, _: &mut Random, plan: &mut Plan) {
        if day < 0 || day >= i64::from(tenant.options.days) {
            return;
        }
        // One account after the other, so that few wait in memory at once.
        let microseconds = TAKES * 60_000_000 / i64::from(tenant.options.users + 1) * i64::from(actor);
        let time = tenant.day(day) + TimeDelta::minutes(BEGINS_AT) + TimeDelta::microseconds(microseconds);
        let whole = day % EXPORT_DAYS == 0;
        let Some(user) = tenant.users.get(actor as usize) else {
            if whole {
                plan.at(time, REST, day as u64);
            }
            return;
        };
        if !user.exists(day) {
            return;
        }
        if whole {
            plan.at(time, USER, day as u64);
        }
        if day % IDENTITY_DAYS == 0 {
            plan.at(time, IDENTITY, day as u64);
        } else if changes(tenant, user, day) {
            let after_work_begins = tenant.local(user.site, day, 10 * 60).max(tenant.day(day));
            plan.at(after_work_begins + TimeDelta::seconds(i64::from(actor % 3_600)), IDENTITY, day as u64);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, _: &mut Random, traces: &mut Traces<'t>) {
        let day = moment.data as i64;
        let mut export = Export { tenant, day, moment, traces };
        match (moment.step, tenant.users.get(moment.actor as usize)) {
            (USER, Some(user)) => {
                graph_objects::user(&mut export, user);
                graph_objects::devices(&mut export, user);
                if user.is_in_domain() {
                    active_directory::user(&mut export, user);
                    active_directory::laptop(&mut export, user);
                }
            }
            (IDENTITY, Some(user)) => identity_info::row(&mut export, user),
            _ => {
                graph_objects::groups(&mut export);
                graph_objects::roles(&mut export);
                graph_objects::service_principals(&mut export);
                active_directory::rest(&mut export);
            }
        }
    }
}

/// Whether the directory's entry of `user` becomes another with local day `day`.
fn changes(tenant: &Tenant, user: &User, day: i64) -> bool {
    user.joins == day
        || user.leaves == day
        || user.moves == Some(day)
        || user.is_active(day) && user.known_apps(day).len() != user.known_apps(day - 1).len()
        || tenant.roles_of(user, day).count() != tenant.roles_of(user, day - 1).count()
}

/// An export at work.
struct Export<'a, 't> {
    tenant: &'t Tenant,
    day: i64,
    moment: &'a Moment,
    traces: &'a mut Traces<'t>,
}

impl<'t> Export<'_, 't> {
    /// Writes object `id` of `log`.
    fn push(&mut self, log: &'static str, id: impl Display, fields: Vec<(&'static str, Field<'t>)>) {
        let id = format!("{log}/{id}/{}", self.day).into();
        let row = Row { log: Log::Directory(log), id, fields };
        self.traces.push(self.moment.time, TimeDelta::zero(), Record::Row(row));
    }
}

/// An array as a field's value.
fn list<'t>(fill: impl FnOnce(&mut Json)) -> Field<'t> {
    let mut text = String::new();
    crate::json::array(&mut text, fill);
    Field::Json(text.into())
}

/// An object as a field's value.
fn object<'t>(fill: impl FnOnce(&mut Json)) -> Field<'t> {
    let mut text = String::new();
    crate::json::object(&mut text, fill);
    Field::Json(text.into())
}

/// A text that may be missing.
fn optional<'t>(text: String) -> Field<'t> {
    if text.is_empty() { Field::Null } else { text.into() }
}
