//! What is counted of the records. Its size depends on the numbers of accounts, days and applications only.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::histogram::Histogram;
use super::id_sample::IdSample;
use super::seen::{OfficeSeen, Seen, SignInSeen, What};
use crate::GenerateOptions;
use crate::tenant::people::{self, Kind};
use crate::tenant::sites::SITES;

/// The counters of a tenant.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) options: GenerateOptions,
    /// By number; records are told apart by the account's name.
    pub(super) people: Vec<Person>,
    by_name: HashMap<String, u32>,
    pub(super) logs: BTreeMap<String, LogCounters>,
    /// Records that could not be read back.
    pub(super) unread: u64,
    pub(super) sign_ins: SignIns,
    pub(super) office: Office,
    /// Logons, logoffs and tickets, by [`LogonClass`].
    pub(super) logons: [u64; LogonClass::ALL.len()],
    /// Sign-ins by the program's name.
    pub(super) programs: HashMap<String, u64>,
}

/// An account.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) site: usize,
    pub(super) kind: Kind,
    /// Sign-ins of both kinds and unified audit records.
    pub(super) events: u64,
}

/// The records of a log in one form.
#[derive(Debug, Default)]
pub(super) struct LogCounters {
    pub(super) records: u64,
    pub(super) bytes: u64,
    /// Bytes of each record.
    pub(super) sizes: Histogram,
    /// Seconds from the event to its arrival.
    pub(super) delays: Histogram,
    /// Records that came after younger ones.
    pub(super) out_of_order: u64,
}

/// Sign-ins of people.
#[derive(Debug)]
pub(super) struct SignIns {
    /// Interactive ones by account and local day.
    pub(super) interactive: Grid,
    pub(super) non_interactive: u64,
    /// Interactive ones by weekday (Monday first) and hour in the account's own zone.
    pub(super) week: [[u64; 24]; 7],
    /// Interactive ones by result.
    pub(super) codes: BTreeMap<i64, u64>,
    pub(super) legacy: u64,
    pub(super) two_factors: u64,
    pub(super) known_device: u64,
    /// Interactive ones by application: its number and how many.
    pub(super) apps: HashMap<String, (u16, u64)>,
    pub(super) user_apps: HashMap<(u32, u16), u32>,
}

/// The unified audit.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) records: u64,
    pub(super) sample: IdSample,
    /// Names of workloads in the order in which they came.
    pub(super) workloads: Vec<String>,
    /// Downloads of files by account and local day, copies included.
    pub(super) downloads: Grid,
}

/// Counts by account and day.
#[derive(Debug)]
pub(super) struct Grid {
    days: usize,
    counts: Vec<u16>,
}

impl Grid {
    fn new(people: usize, days: u32) -> Self {
        // Local days begin before and end after the tenant's.
        let days = days as usize + 2;
        Self { days, counts: vec![0; people * days] }
    }

    fn add(&mut self, person: u32, day: i64) {
        let day = (day + 1).clamp(0, self.days as i64 - 1) as usize;
        let count = &mut self.counts[person as usize * self.days + day];
        *count = count.saturating_add(1);
    }

    /// The counts above zero.
    pub(super) fn counted(&self) -> impl Iterator<Item = u16> {
        self.counts.iter().copied().filter(|count| *count > 0)
    }
}

/// The kinds of authentication events that the Los Alamos data tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogonClass {
    NetworkLogoff,
    KerberosLogon,
    ServiceTicket,
    TicketGrantingTicket,
    Mapping,
    NtlmLogon,
    Batch,
    Interactive,
    Other,
}

impl LogonClass {
    /// All, with what they are in Windows' own events and their share in percent at Los Alamos.
    pub(super) const ALL: [(Self, &'static str, f64); 9] = [
        (Self::NetworkLogoff, "network logoff (4634, type 3)", 34.0),
        (Self::KerberosLogon, "Kerberos network logon (4624, type 3)", 33.0),
        (Self::ServiceTicket, "service ticket (4769)", 13.0),
        (Self::TicketGrantingTicket, "ticket-granting ticket (4768)", 6.0),
        (Self::Mapping, "use of explicit credentials (4648; AuthMap)", 5.0),
        (Self::NtlmLogon, "NTLM network logon (4624, type 3)", 3.0),
        (Self::Batch, "batch logon (4624, type 4)", 2.0),
        (Self::Interactive, "interactive logon (4624, type 2)", 1.0),
        (Self::Other, "other logons and logoffs", 3.0),
    ];

    fn of(event_id: i64, logon_type: i64, kerberos: bool) -> Option<Self> {
        Some(match (event_id, logon_type) {
            (4634, 3) => Self::NetworkLogoff,
            (4624, 3) if kerberos => Self::KerberosLogon,
            (4624, 3) => Self::NtlmLogon,
            (4769, _) => Self::ServiceTicket,
            (4768, _) => Self::TicketGrantingTicket,
            (4648, _) => Self::Mapping,
            (4624, 4) => Self::Batch,
            (4624, 2) => Self::Interactive,
            (4624 | 4634 | 4647, _) => Self::Other,
            _ => return None,
        })
    }
}

/// Clients that know only names and passwords, as `clientAppUsed` has them.
const LEGACY_CLIENTS: [&str; 6] =
    ["IMAP4", "POP3", "Authenticated SMTP", "Exchange ActiveSync", "Other clients", "MAPI Over HTTP"];

impl Counters {
    pub(super) fn new(options: &GenerateOptions) -> Self {
        let users = people::invent(options);
        let grid = || Grid::new(users.len(), options.days);
        Self {
            options: options.clone(),
            people: users.iter().map(|user| Person { site: user.site, kind: user.kind, events: 0 }).collect(),
            by_name: users.iter().map(|user| (user.upn.to_lowercase(), user.number)).collect(),
            logs: BTreeMap::new(),
            unread: 0,
            sign_ins: SignIns {
                interactive: grid(),
                non_interactive: 0,
                week: [[0; 24]; 7],
                codes: BTreeMap::new(),
                legacy: 0,
                two_factors: 0,
                known_device: 0,
                apps: HashMap::new(),
                user_apps: HashMap::new(),
            },
            office: Office { records: 0, sample: IdSample::default(), workloads: Vec::new(), downloads: grid() },
            logons: [0; LogonClass::ALL.len()],
            programs: HashMap::new(),
        }
    }

    /// Counts a record that was read back.
    pub(super) fn add(&mut self, seen: Seen) {
        match seen.what {
            What::SignIn(sign_in) => self.add_sign_in(seen.time, sign_in),
            What::Workload(name) => match self.programs.get_mut(name.as_ref()) {
                Some(count) => *count += 1,
                None => drop(self.programs.insert(name.into_owned(), 1)),
            },
            What::Office(office) => self.add_office(seen.time, office),
            What::Windows { event_id, logon_type, kerberos } => {
                if let Some(class) = LogonClass::of(event_id, logon_type, kerberos) {
                    self.logons[class as usize] += 1;
                }
            }
            What::Other => {}
        }
    }

    fn person(&self, name: &str) -> Option<u32> {
        let lower: Cow<str> =
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_lowercase().into() } else { name.into() };
        self.by_name.get(lower.as_ref()).copied()
    }

    /// The moment on the clocks of the person's site.
    fn local(&self, person: u32, time: DateTime<Utc>) -> DateTime<Utc> {
        let site = &SITES[self.people[person as usize].site];
        let summer = if site.summer.holds(time.date_naive()) { 60 } else { 0 };
        time + TimeDelta::minutes(site.utc_offset_minutes + summer)
    }

    fn day(&self, local: DateTime<Utc>) -> i64 {
        (local - self.options.start).num_seconds().div_euclid(86_400)
    }

    fn add_sign_in(&mut self, time: Option<DateTime<Utc>>, seen: SignInSeen) {
        let Some(person) = self.person(&seen.user) else { return };
        self.people[person as usize].events += 1;
        if !seen.interactive {
            self.sign_ins.non_interactive += 1;
            return;
        }
        let local = time.map(|time| self.local(person, time));
        let day = local.map(|local| self.day(local));
        let sign_ins = &mut self.sign_ins;
        if let (Some(local), Some(day)) = (local, day) {
            sign_ins.interactive.add(person, day);
            sign_ins.week[local.weekday().num_days_from_monday() as usize][local.hour() as usize] += 1;
        }
        *sign_ins.codes.entry(seen.code).or_default() += 1;
        sign_ins.legacy += u64::from(LEGACY_CLIENTS.contains(&seen.client.as_ref()));
        sign_ins.two_factors += u64::from(seen.two_factors);
        sign_ins.known_device += u64::from(seen.known_device);
        let next = sign_ins.apps.len() as u16;
        let app = match sign_ins.apps.get_mut(seen.app.as_ref()) {
            Some((number, count)) => {
                *count += 1;
                *number
            }
            None => {
                sign_ins.apps.insert(seen.app.into_owned(), (next, 1));
                next
            }
        };
        *sign_ins.user_apps.entry((person, app)).or_default() += 1;
    }

    fn add_office(&mut self, time: Option<DateTime<Utc>>, seen: OfficeSeen) {
        let person = self.person(&seen.user);
        let office = &mut self.office;
        office.records += 1;
        let workload = match office.workloads.iter().position(|known| *known == seen.workload) {
            Some(position) => position,
            None => {
                office.workloads.push(seen.workload.into_owned());
                office.workloads.len() - 1
            }
        };
        office.sample.add(seen.id, person.is_none(), workload.min(usize::from(u8::MAX)) as u8);
        let Some(person) = person else { return };
        self.people[person as usize].events += 1;
        if let Some(time) = time.filter(|_| seen.operation == "FileDownloaded") {
            let day = self.day(self.local(person, time));
            self.office.downloads.add(person, day);
        }
    }
}
