//! What people, computers and services do in the Active Directory domain: one file an act, with everything that controllers,
//! servers, laptops and Defender's sensors write down of it.

pub(crate) mod account_change;
pub(crate) mod connection;
pub(crate) mod endpoint;
pub(crate) mod identity_rows;
pub(crate) mod remote_service;
pub(crate) mod replication;
pub(crate) mod tickets;
pub(crate) mod workstation;

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::records::{Record, Windows};
use crate::tenant::Tenant;
use crate::tenant::computers::{Account, Computer};
use crate::tenant::directory::Server;
use crate::tenant::people::User;
use crate::tenant::workday::Workday;

/// Somebody or something that uses the domain, and from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'t> {
    pub(crate) account: Account<'t>,
    /// Whose account it is, if anybody's.
    pub(crate) user: Option<&'t User>,
    pub(crate) computer: &'t Computer,
    pub(crate) ip: IpAddr,
    /// The controller that serves it.
    pub(crate) controller: &'t Computer,
}

impl<'t> Caller<'t> {
    /// A person at the laptop.
    pub(crate) fn person(tenant: &'t Tenant, workday: &Workday<'t>) -> Self {
        let user = workday.user;
        Self { account: Account::of(user), user: Some(user), ..Self::laptop(tenant, workday) }
    }

    /// The laptop itself.
    pub(crate) fn laptop(tenant: &'t Tenant, workday: &Workday<'t>) -> Self {
        let computer = tenant.laptop(workday.user);
        Self {
            account: Account::computer(computer),
            user: None,
            computer,
            ip: workday.inner_ip(),
            controller: tenant.controller(workday.user.site),
        }
    }

    /// A person's laptop at any time, as it is known in the office.
    pub(crate) fn at_desk(tenant: &'t Tenant, user: &'t User) -> Self {
        Self {
            account: Account::of(user),
            user: Some(user),
            computer: tenant.laptop(user),
            ip: crate::tenant::addresses::workstation(user.number, user.site),
            controller: tenant.controller(user.site),
        }
    }

    /// `account` on `server`.
    pub(crate) fn on_server(tenant: &'t Tenant, server: &'static Server, account: Account<'t>) -> Self {
        let computer = tenant.server(server);
        let ip = address(computer);
        let controller = tenant.controller(usize::from(ip.to_string().starts_with("10.11.")));
        Self { account, user: None, computer, ip, controller }
    }

    /// `user` on `server`.
    pub(crate) fn user_on_server(tenant: &'t Tenant, server: &'static Server, user: &'t User) -> Self {
        Self { user: Some(user), ..Self::on_server(tenant, server, Account::of(user)) }
    }
}

/// The address of a server.
pub(crate) fn address(server: &Computer) -> IpAddr {
    server.ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
}

/// A computer's agent sends an event within seconds.
pub(crate) fn push<'t>(time: DateTime<Utc>, event: Windows<'t>, traces: &mut Traces<'t>) {
    let delay = TimeDelta::milliseconds(1_700 + i64::from(event.thread));
    traces.push(time, delay, Record::Windows(event));
}
