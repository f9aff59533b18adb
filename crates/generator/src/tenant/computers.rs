//! The computers of the domain whose logs are collected: servers first, then everybody's laptop.

use std::net::IpAddr;

use super::Tenant;
use super::directory::{self, CONTROLLERS, NETBIOS, Server};
use super::people::User;
use super::sites::EUROPE;
use crate::GenerateOptions;
use crate::guid::Guid;
use crate::random::Random;

/// A computer.
#[derive(Debug)]
pub(crate) struct Computer {
    pub(crate) number: u32,
    /// Name without the domain.
    pub(crate) short: String,
    /// Full name.
    pub(crate) name: String,
    /// Name of its account in the domain.
    pub(crate) account: String,
    /// Relative identifier of its account.
    pub(crate) rid: u32,
    /// A server's address; laptops have another every day.
    pub(crate) ip: Option<IpAddr>,
    /// Key by which Defender knows it; a laptop's is its device id in Entra.
    pub(crate) key: Guid,
}

/// The computers of `users`.
pub(super) fn invent(options: &GenerateOptions, users: &[User]) -> Vec<Computer> {
    let mut random = Random::stream(options.seed, "servers", 0);
    let servers = directory::servers().map(|server| Computer {
        number: 0,
        short: server.name.into(),
        name: server.host(),
        account: server.account(),
        rid: server.rid,
        ip: server.ip.parse().ok(),
        key: random.guid(),
    });
    let laptops = users.iter().map(|user| Computer {
        number: 0,
        short: user.laptop.name.clone(),
        name: user.laptop_host(),
        account: format!("{}$", user.laptop.name),
        rid: directory::laptop_rid(user.number),
        ip: None,
        key: user.laptop.id,
    });
    let all = servers.collect::<Vec<_>>().into_iter().chain(laptops);
    (0..).zip(all).map(|(number, computer)| Computer { number, ..computer }).collect()
}

impl Tenant {
    /// The servers; controllers come first.
    pub(crate) fn servers(&self) -> &[Computer] {
        &self.computers[..directory::servers().count()]
    }

    /// The laptop of `user`.
    pub(crate) fn laptop(&self, user: &User) -> &Computer {
        &self.computers[directory::servers().count() + user.number as usize]
    }

    /// The computer that is `server`.
    pub(crate) fn server(&self, server: &'static Server) -> &Computer {
        let at = directory::servers().position(|known| known.rid == server.rid).unwrap_or(0);
        &self.computers[at]
    }

    /// The domain controllers.
    pub(crate) fn controllers(&self) -> &[Computer] {
        &self.computers[..CONTROLLERS.len()]
    }

    /// The controller that serves `site`.
    pub(crate) fn controller(&self, site: usize) -> &Computer {
        &self.computers[usize::from(site == EUROPE)]
    }
}

/// An account of the domain, or one that Windows itself has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account<'t> {
    pub(crate) name: &'t str,
    pub(crate) sid: Sid,
    /// NetBIOS name of its domain.
    pub(crate) domain: &'static str,
}

/// A security identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sid {
    /// The domain's, with this relative identifier.
    Rid(u32),
    /// The same on every computer.
    Known(&'static str),
}

impl<'t> Account<'t> {
    /// `ANONYMOUS LOGON`.
    pub(crate) const ANONYMOUS: Account<'static> =
        Account { name: "ANONYMOUS LOGON", sid: Sid::Known("S-1-5-7"), domain: "NT AUTHORITY" };

    /// Account `name` of the domain.
    pub(crate) fn named(name: &'t str, rid: u32) -> Self {
        Self { name, sid: Sid::Rid(rid), domain: NETBIOS }
    }

    /// Somebody's account.
    pub(crate) fn of(user: &'t User) -> Self {
        Self::named(&user.sam, user.rid)
    }

    /// The account of a computer in the domain.
    pub(crate) fn computer(computer: &'t Computer) -> Self {
        Self::named(&computer.account, computer.rid)
    }

    /// The system of `computer`, which goes by the computer's name.
    pub(crate) fn system(computer: &'t Computer) -> Self {
        Self { sid: Sid::Known("S-1-5-18"), ..Self::computer(computer) }
    }

    /// Whether the account is a computer's.
    pub(crate) fn is_computer(&self) -> bool {
        self.name.ends_with('$')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_come_first_and_laptops_last() {
        let tenant = Tenant::invent(&GenerateOptions { users: 150, days: 3, ..GenerateOptions::default() });
        assert_eq!(tenant.controller(EUROPE).short, "DC02");
        assert_eq!(tenant.server(&directory::JUMP_HOST).short, "JUMP01");
        assert_eq!(tenant.laptop(tenant.user(149)).short, tenant.user(149).laptop.name);
        assert!((0..).zip(&tenant.computers).all(|(number, computer)| computer.number == number));
    }
}
