//! The domain controllers' ordinary days: tickets and network logons, replication, synchronization, machine passwords.

use chrono::{DateTime, TimeDelta, Utc};

use crate::directory::{
    self, CONTROLLERS, MEMBER_SERVERS, SCANNER, SCANNER_ACCOUNT, SCANNER_RID, SYNC_ACCOUNT, SYNC_RID, SYNC_SERVER,
    Server,
};
use crate::events::Events;
use crate::noise::workday::Workday;
use crate::random::Random;
use crate::sites::EUROPE;
use crate::tenant::{Tenant, jitter};
use crate::windows::{self, Account, REPLICATION_RIGHTS, WindowsEvent};

/// Minutes between two replications of a controller and between two runs of Entra Connect.
const REPLICATION_MINUTES: i64 = 15;
const SYNC_MINUTES: i64 = 30;

/// The controller that serves a site.
pub(crate) fn controller(site: usize) -> &'static Server {
    &CONTROLLERS[usize::from(site == EUROPE)]
}

/// Adds what the domain controllers see of `workday`.
pub(crate) fn add_workday(tenant: &Tenant, workday: &Workday, events: &mut Events) {
    let user = workday.user;
    if !user.is_employee() {
        return;
    }
    let mut random = tenant.random("domain", workday.stream);
    let controller = controller(user.site);
    let host = controller.host();
    let ip = if workday.in_office {
        user.workstation_ip.clone()
    } else {
        format!("10.99.{}.{}", user.number / 200, 20 + user.number % 200)
    };
    let laptop = Account::new(format!("{}$", user.laptop.name), directory::laptop_rid(user.number));
    let person = Account::new(user.sam.clone(), user.rid);
    let service = Account::new(controller.account(), controller.rid);
    let files = &MEMBER_SERVERS[usize::from(user.site == EUROPE)];
    let files = Account::new(files.account(), files.rid);
    let mut time = jitter(workday.begins - TimeDelta::minutes(6), 60, &mut random);
    for account in [&laptop, &person] {
        events.windows.push(windows::ticket_granting(&host, time, account, (&ip, "0x0"), &mut random));
        events.windows.push(windows::service_ticket(
            &host,
            time + TimeDelta::milliseconds(30),
            account,
            (&ip, &service),
            &mut random,
        ));
        time += TimeDelta::milliseconds(60);
        time = connect(&host, time, account, &ip, &mut random, events) + TimeDelta::seconds(random.between(20, 90));
    }
    if random.chance(60) {
        let name = user.laptop.name.as_str();
        events.windows.push(windows::ntlm_check(&host, time, &person, (name, "0x0"), &mut random));
    }
    let rounds = 3 + user.activity / 60;
    let minutes = (workday.ends - workday.begins).num_minutes().max(60);
    for _ in 0..rounds {
        let start = workday.begins + TimeDelta::minutes(random.between(10, minutes));
        let time = jitter(start, 60, &mut random);
        let account = if random.chance(300) { &laptop } else { &person };
        if random.chance(600) {
            events.windows.push(windows::service_ticket(&host, time, account, (&ip, &files), &mut random));
        }
        connect(&host, time + TimeDelta::milliseconds(40), account, &ip, &mut random, events);
    }
}

/// A network logon and its end; gives the end.
fn connect(
    host: &str,
    time: DateTime<Utc>,
    account: &Account,
    ip: &str,
    random: &mut Random,
    events: &mut Events,
) -> DateTime<Utc> {
    let logon = windows::logon_id(random);
    let end = time + TimeDelta::milliseconds(random.between(400, 25_000));
    events.windows.push(windows::network_logon(host, time, account, (&logon, ip), random));
    events.windows.push(windows::logoff(host, end, account, &logon, random));
    end
}

/// Adds what servers do by themselves, around the clock.
pub(crate) fn add_servers(tenant: &Tenant, events: &mut Events) {
    let mut random = tenant.random("servers", 0);
    for (number, controller) in CONTROLLERS.iter().enumerate() {
        let partner = &CONTROLLERS[1 - number];
        let account = Account::new(partner.account(), partner.rid);
        let first = tenant.options.start + TimeDelta::minutes(3 + 7 * number as i64);
        for time in every(REPLICATION_MINUTES, first, tenant) {
            let at = jitter(time, 10, &mut random);
            let rights = &REPLICATION_RIGHTS[..1];
            let made = replicate(&controller.host(), at, (&account, partner.ip), rights, &mut random);
            events.windows.extend(marked(made, "twin:controller-replication"));
        }
    }
    let account = Account::new(SYNC_ACCOUNT, SYNC_RID);
    let host = CONTROLLERS[0].host();
    for time in every(SYNC_MINUTES, tenant.options.start + TimeDelta::minutes(1), tenant) {
        let at = jitter(time, 10, &mut random);
        let made = replicate(&host, at, (&account, SYNC_SERVER.ip), &REPLICATION_RIGHTS, &mut random);
        events.windows.extend(marked(made, "twin:directory-sync"));
    }
    for day in 0..tenant.options.days {
        scanner(tenant, day, &mut random, events);
        machine_passwords(tenant, day, &mut random, events);
        administration(tenant, day, &mut random, events);
    }
    driver_service(tenant, &mut random, events);
}

/// Moments `minutes` apart from `first` to the tenant's end.
fn every(minutes: i64, first: DateTime<Utc>, tenant: &Tenant) -> impl Iterator<Item = DateTime<Utc>> {
    let end = tenant.options.end();
    (0..).map(move |round| first + TimeDelta::minutes(minutes * round)).take_while(move |time| *time < end)
}

fn marked(events: Vec<WindowsEvent>, mark: &'static str) -> impl Iterator<Item = WindowsEvent> {
    events.into_iter().map(move |event| WindowsEvent { mark, ..event })
}

/// A logon that uses replication rights, and its end.
fn replicate(
    host: &str,
    time: DateTime<Utc>,
    (account, ip): (&Account, &str),
    rights: &[&str],
    random: &mut Random,
) -> Vec<WindowsEvent> {
    let logon = windows::logon_id(random);
    let mut events = vec![windows::network_logon(host, time, account, (&logon, ip), random)];
    for right in rights {
        let at = time + TimeDelta::milliseconds(4);
        events.push(windows::replication(host, at, account, (&logon, right), random));
    }
    events.push(windows::logoff(host, time + TimeDelta::milliseconds(900), account, &logon, random));
    events
}

fn scanner(tenant: &Tenant, day: u32, random: &mut Random, events: &mut Events) {
    let account = Account::new(SCANNER_ACCOUNT, SCANNER_RID);
    let start = tenant.day(day) + TimeDelta::hours(2);
    for (minutes, controller) in (0..).zip(&CONTROLLERS) {
        let time = jitter(start + TimeDelta::minutes(20 * minutes), 30, random);
        for burst in 0..6 {
            connect(&controller.host(), time + TimeDelta::seconds(burst * 30), &account, SCANNER.ip, random, events);
        }
    }
}

/// Each laptop renews its password every 30 days.
fn machine_passwords(tenant: &Tenant, day: u32, random: &mut Random, events: &mut Events) {
    for user in tenant.users.iter().filter(|user| user.is_employee() && user.number % 30 == day % 30) {
        let account = Account::new(format!("{}$", user.laptop.name), directory::laptop_rid(user.number));
        let time = jitter(tenant.local(user.site, i64::from(day), 11 * 60), 3600, random);
        events.windows.push(windows::computer_changed(&controller(user.site).host(), time, &account, random));
    }
}

/// On weekdays the domain's administrator creates an account and puts it into a group.
fn administration(tenant: &Tenant, day: u32, random: &mut Random, events: &mut Events) {
    if tenant.is_weekend(i64::from(day)) {
        return;
    }
    let admin = &tenant.users[tenant.cast.domain_admin];
    let by = Account::new(admin.sam.clone(), admin.rid);
    let host = CONTROLLERS[0].host();
    let logon = windows::logon_id(random);
    let time = jitter(tenant.local(admin.site, i64::from(day), 10 * 60 + 15), 1800, random);
    let created = Account::new(format!("contractor{:02}", day + 1), 9001 + day);
    let group = Account::new("Contractors", 1190);
    events.windows.push(windows::network_logon(&host, time, &by, (&logon, &admin.workstation_ip), random));
    events.windows.push(windows::special_privileges(&host, time, &by, &logon, random));
    let work = time + TimeDelta::seconds(40);
    events.windows.push(windows::account_created(&host, work, (&by, &logon), &created, random));
    let work = work + TimeDelta::seconds(15);
    events.windows.push(windows::member_added(&host, work, (&by, &logon), (&created, &group), random));
    events.windows.push(windows::logoff(&host, work + TimeDelta::minutes(5), &by, &logon, random));
}

fn driver_service(tenant: &Tenant, random: &mut Random, events: &mut Events) {
    for (hours, server) in (0..).zip(&MEMBER_SERVERS) {
        let time = jitter(tenant.options.start + TimeDelta::hours(3 + hours), 1200, random);
        let service = ("Print Quality Monitor", "C:\\Program Files\\Print Quality\\pqmon.exe");
        events.windows.push(windows::service_installed(&server.host(), time, service, random));
    }
}
