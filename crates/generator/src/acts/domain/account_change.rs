//! An administrator changes an account or a group of the domain.

use chrono::{DateTime, TimeDelta, Utc};

use super::connection::{Connection, Package, connect};
use super::{Caller, identity_rows, push};
use crate::engine::Traces;
use crate::random::Random;
use crate::records::windows::{accounts, groups};
use crate::records::{Field, Session};
use crate::tenant::computers::Account;
use crate::tenant::directory::DNS;
use crate::tenant::people::User;

/// A change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AccountChange<'t> {
    /// The account is created, enabled and edited.
    Create,
    /// The account is blocked.
    Disable,
    /// The account is put into a global group: its name and relative identifier.
    Join(&'t str, u32),
}

/// `caller` opens a session on the controller to make changes in.
pub(crate) fn begin<'t>(
    time: DateTime<Utc>,
    caller: Caller<'t>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) -> Session<'t> {
    let lasts = Some(TimeDelta::seconds(random.between(120, 900)));
    let to = caller.controller;
    connect(time, &Connection { caller, to, with: Package::NewTicket, elevated: true, lasts }, random, traces)
}

/// In `session`, `caller` makes `change` to `user`.
pub(crate) fn change<'t>(
    time: DateTime<Utc>,
    (caller, session): (&Caller<'t>, &Session<'t>),
    (user, change): (&'t User, AccountChange<'t>),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let account = Account::of(user);
    let name: &'t str = &user.display_name;
    let (action, details): (&'static str, Vec<(&str, &str)>) = match change {
        AccountChange::Create => {
            let names = (Field::Text(name), Field::Text(&user.upn));
            push(time, accounts::created(session, account, names, random), traces);
            let enabled = accounts::changed(session, account, accounts::Change::Enabled, random);
            push(time + TimeDelta::milliseconds(40), enabled, traces);
            push(time + TimeDelta::milliseconds(45), accounts::edited(session, account, name, random), traces);
            ("User Account Created", vec![])
        }
        AccountChange::Disable => {
            let disabled = accounts::changed(session, account, accounts::Change::Disabled, random);
            push(time, disabled, traces);
            push(time + TimeDelta::milliseconds(5), accounts::edited(session, account, name, random), traces);
            ("Account Disabled changed", vec![("Disabled", "true")])
        }
        AccountChange::Join(group, rid) => {
            let to = (Account::named(group, rid), false);
            push(time, groups::member_added(session, (account, name), to, random), traces);
            ("Group Membership changed", vec![("TO.GROUP", group)])
        }
    };
    identity_rows::directory(time, caller, (action, Some(user)), &details, random, traces);
}

/// In `session`, the account `name` with relative identifier `rid` is created to try something, and soon deleted.
pub(crate) fn try_out<'t>(
    time: DateTime<Utc>,
    session: &Session<'t>,
    (name, rid): (&'t str, u32),
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let account = Account::named(name, rid);
    let upn = Field::from(format!("{name}@{DNS}"));
    push(time, accounts::created(session, account, (name.into(), upn), random), traces);
    let enabled = accounts::changed(session, account, accounts::Change::Enabled, random);
    push(time + TimeDelta::milliseconds(30), enabled, traces);
    let deleted = accounts::changed(session, account, accounts::Change::Deleted, random);
    push(time + TimeDelta::seconds(random.between(60, 900)), deleted, traces);
}
