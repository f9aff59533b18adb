//! The accounts: who they are, where they live, what they carry and when they work.

use std::collections::HashMap;

use super::addresses::{self, Endpoint};
use super::apps::{App, BROWSER_APPS};
use super::devices::{Device, Platform};
use super::sites::SITES;
use crate::guid::Guid;
use crate::options::GenerateOptions;
use crate::random::Random;

/// The organisation's domain; `.example` is reserved by RFC 2606.
pub(crate) const DOMAIN: &str = "tailwind.example";
/// The SharePoint host names' stem.
pub(crate) const SHAREPOINT: &str = "tailwind";

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An ordinary employee.
    Member,
    /// An employee who administers the tenant.
    Admin,
    /// An emergency account, never used.
    BreakGlass,
    /// Somebody of the partner company.
    Guest,
    /// Unused for more than 90 days.
    Dormant,
    /// A leaver of old whose account is blocked.
    Disabled,
}

/// How a working day lies in the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hours {
    /// The office's day.
    Day,
    /// Begins when it suits.
    Flexible,
    /// Early, late or night, a week each.
    Shift,
}

/// One account.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) given_name: &'static str,
    pub(crate) surname: &'static str,
    pub(crate) display_name: String,
    pub(crate) upn: String,
    /// Name in Active Directory, 20 characters at most.
    pub(crate) sam: String,
    pub(crate) object_id: Guid,
    /// Exchange's and SharePoint's own key of the account, such as `100320021A000007`.
    pub(crate) puid: String,
    /// SharePoint's `UserKey`, made of it: `i:0h.f|membership|…@live.com`.
    pub(crate) membership: String,
    /// Relative identifier in the AD domain.
    pub(crate) rid: u32,
    pub(crate) mailbox_guid: Guid,
    /// Index into [`DEPARTMENTS`].
    pub(crate) department: usize,
    /// Number of the department's manager, who has none.
    pub(crate) manager: Option<u32>,
    pub(crate) site: usize,
    /// Which of the site's towns the account's owner lives in.
    pub(crate) town: usize,
    pub(crate) laptop: Device,
    /// Four of five have one.
    pub(crate) phone: Option<Device>,
    /// Opens a browser in private mode now and then.
    pub(crate) private_browser: bool,
    /// How much the account does, 1,000 being the middle.
    pub(crate) activity: u64,
    pub(crate) hours: Hours,
    /// Start of the working day, minutes after local midnight.
    pub(crate) starts_at: i64,
    /// Reads mail with a program that knows only names and passwords.
    pub(crate) legacy_mail: bool,
    /// Switches the VPN on when at home.
    pub(crate) vpn: bool,
    /// The browser applications the account uses, in the order in which it took them up, as indices into [`BROWSER_APPS`].
    pub(crate) apps: Vec<u8>,
    /// First day at work, counted from the tenant's first; people of old have `i64::MIN`.
    pub(crate) joins: i64,
    /// First day no longer at work; most have `i64::MAX`.
    pub(crate) leaves: i64,
    /// Day on which the account moves to [`Self::next_department`], if it does.
    pub(crate) moves: Option<i64>,
    /// First day of a leave of absence and first day after it.
    pub(crate) away: (i64, i64),
    /// First day of a business trip, first day after it, and the site that is visited.
    pub(crate) trip: Option<(i64, i64, usize)>,
}

/// The departments.
pub(crate) const DEPARTMENTS: [&str; 8] =
    ["Sales", "Engineering", "Finance", "Operations", "Marketing", "Human Resources", "Legal", "Support"];

/// Days after which people take up another application, about.
pub(crate) const DAYS_TO_NEW_APP: i64 = 14;

impl User {
    /// Whether the account belongs to somebody who works here, now, before or after the window.
    pub(crate) fn is_employee(&self) -> bool {
        matches!(self.kind, Kind::Member | Kind::Admin)
    }

    /// Whether the account is one of the domain, from which Entra ID has it: emergency accounts and guests are in the cloud only.
    pub(crate) fn is_in_domain(&self) -> bool {
        !matches!(self.kind, Kind::BreakGlass | Kind::Guest)
    }

    /// Whether the account's owner is the head of a department.
    pub(crate) fn is_manager(&self) -> bool {
        self.kind == Kind::Member && self.joins == i64::MIN && self.manager.is_none()
    }

    /// Whether the account exists and is enabled on local day `day`.
    pub(crate) fn is_active(&self, day: i64) -> bool {
        (self.is_employee() || self.kind == Kind::Guest) && self.joins <= day && day < self.leaves
    }

    /// The department on `day`.
    pub(crate) fn department_on(&self, day: i64) -> &'static str {
        match self.moves {
            Some(moves) if day >= moves => DEPARTMENTS[self.next_department()],
            _ => DEPARTMENTS[self.department],
        }
    }

    /// Where a mover goes, as an index into [`DEPARTMENTS`].
    pub(crate) fn next_department(&self) -> usize {
        (self.department + 3) % DEPARTMENTS.len()
    }

    /// The home's address on `day`.
    pub(crate) fn home(&self, day: i64) -> Endpoint {
        match self.kind {
            Kind::Guest => addresses::partner(),
            // Providers change addresses about weekly, each home on a day of its own.
            _ => {
                addresses::home(self.number, self.site, self.town, ((day + 70 + i64::from(self.number % 7)) / 7) as u32)
            }
        }
    }

    /// The home's address on `day` as a telephone or browser that prefers IPv6 shows it; it is another each day.
    pub(crate) fn home_ipv6(&self, day: i64) -> Endpoint {
        let suffix = (u64::from(self.number) << 32 | (day + 70) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        addresses::home_ipv6(self.number, self.site, self.town, suffix | 1)
    }

    /// The browser applications that the account uses on `day`, as indices into [`BROWSER_APPS`].
    pub(crate) fn known_apps(&self, day: i64) -> &[u8] {
        let grown = (day.max(0) + i64::from(self.number) % DAYS_TO_NEW_APP) / DAYS_TO_NEW_APP;
        &self.apps[..(self.apps.len() - RESERVE_APPS + grown as usize).min(self.apps.len())]
    }

    /// One of the browser applications that the account uses on `day`, the favourite most often.
    pub(crate) fn pick_app(&self, day: i64, random: &mut Random) -> &'static App {
        let known = self.known_apps(day);
        &BROWSER_APPS[usize::from(known[random.zipf(known.len())])]
    }

    /// The folder name of the account's OneDrive.
    pub(crate) fn one_drive(&self) -> String {
        self.upn.replace(['@', '.', '#'], "_")
    }

    /// The laptop's full name in the domain.
    pub(crate) fn laptop_host(&self) -> String {
        super::directory::host(&self.laptop.name)
    }
}

/// Applications that an account takes up only during the window.
const RESERVE_APPS: usize = 3;

const FIRST_NAMES: [&str; 60] = [
    "Aaron", "Aisha", "Amir", "Anna", "Astrid", "Ben", "Bram", "Carla", "Cem", "Chen", "Clara", "Daan", "David",
    "Dewi", "Elena", "Elif", "Emma", "Eric", "Farid", "Femke", "Fiona", "Grace", "Hana", "Hugo", "Ines", "Ivan",
    "James", "Jasper", "Joon", "Julia", "Karim", "Kate", "Kofi", "Lars", "Laura", "Liam", "Lin", "Maria", "Mark",
    "Mei", "Nadia", "Nils", "Noah", "Olga", "Omar", "Paula", "Priya", "Quinn", "Ravi", "Rosa", "Sara", "Sven", "Tara",
    "Tess", "Tom", "Uma", "Victor", "Wen", "Yara", "Zoe",
];
const LAST_NAMES: [&str; 60] = [
    "Adams", "Bakker", "Bauer", "Brown", "Chan", "Costa", "Davis", "Dekker", "Diaz", "Evans", "Fischer", "Fraser",
    "Garcia", "Goh", "Green", "Haas", "Hill", "Huang", "Ito", "Jansen", "Jones", "Kaya", "Khan", "Kim", "Klein", "Lee",
    "Lewis", "Lim", "Lopez", "Martin", "Meyer", "Moore", "Mulder", "Nair", "Ng", "Novak", "Okafor", "Olsen", "Patel",
    "Peters", "Quist", "Reed", "Rossi", "Sato", "Scott", "Silva", "Singh", "Smit", "Suzuki", "Tan", "Torres", "Ueda",
    "Visser", "Vogel", "Wagner", "Ward", "Wong", "Wright", "Young", "Zhou",
];

/// First relative identifier of ordinary accounts.
const FIRST_RID: u32 = 1201;

/// Invents the accounts of `options`.
pub(crate) fn invent(options: &GenerateOptions) -> Vec<User> {
    let mut names = HashMap::new();
    let mut users: Vec<User> = (0..options.users).map(|number| user(options, number, &mut names)).collect();
    let mut managers: HashMap<usize, u32> = HashMap::new();
    for user in users.iter_mut().filter(|user| user.kind == Kind::Member && user.joins == i64::MIN) {
        let manager = *managers.entry(user.department).or_insert(user.number);
        user.manager = (manager != user.number).then_some(manager);
    }
    users
}

/// What account `number` of `count` is for: 2 emergency accounts, 3 % administrators, 8 % guests, 1 % leavers of old,
/// 2 % unused.
fn kind(number: u32, count: u32) -> Kind {
    let admins = 2 + (count * 3 / 100).max(2);
    let guests = admins + (count * 8 / 100).max(2);
    let leavers = guests + (count / 100).max(1);
    let dormant = leavers + (count * 2 / 100).max(1);
    match number {
        0..2 => Kind::BreakGlass,
        _ if number < admins => Kind::Admin,
        _ if number < guests => Kind::Guest,
        _ if number < leavers => Kind::Disabled,
        _ if number < dormant => Kind::Dormant,
        _ => Kind::Member,
    }
}

fn user(options: &GenerateOptions, number: u32, names: &mut HashMap<String, u32>) -> User {
    let mut random = Random::stream(options.seed, "people", u64::from(number));
    let kind = kind(number, options.users);
    let (given_name, surname) = (*random.pick(&FIRST_NAMES), *random.pick(&LAST_NAMES));
    let (display_name, upn, sam) = name_of(kind, number, given_name, surname, names);
    let site = random.weighted(&SITES.each_ref().map(|site| site.percent));
    let code = SITES[site].code;
    let platform = if random.chance(700) { Platform::WindowsEdge } else { Platform::WindowsChrome };
    let laptop = Device { id: random.guid(), name: format!("{code}-LT{number:05}"), platform };
    let platform = if random.chance(600) { Platform::IPhone } else { Platform::Android };
    let phone = Device { id: random.guid(), name: format!("{code}-PH{number:05}"), platform };
    let (hours, starts_at) = hours(&mut random);
    let mut user = User {
        number,
        kind,
        given_name,
        surname,
        display_name,
        upn,
        sam,
        object_id: random.guid(),
        puid: format!("10032002{:08X}", 0x1a00_0000 + number),
        membership: format!("i:0h.f|membership|10032002{:08x}@live.com", 0x1a00_0000 + number),
        rid: FIRST_RID + number,
        mailbox_guid: random.guid(),
        department: number as usize % DEPARTMENTS.len(),
        manager: None,
        site,
        town: random.below(3) as usize,
        laptop,
        phone: random.chance(800).then_some(phone),
        private_browser: random.chance(200),
        activity: random.heavy(),
        hours,
        starts_at,
        legacy_mail: kind == Kind::Member && random.chance(20),
        vpn: random.chance(350),
        apps: repertoire(kind, &mut random),
        joins: i64::MIN,
        leaves: i64::MAX,
        moves: None,
        away: (0, 0),
        trip: None,
    };
    career(&mut user, i64::from(options.days), &mut random);
    user
}

/// 70 % work office hours, 25 % begin when it suits, 5 % work shifts.
fn hours(random: &mut Random) -> (Hours, i64) {
    match random.weighted(&[70, 25, 5]) {
        0 => (Hours::Day, 8 * 60 + random.between(0, 75)),
        1 => (Hours::Flexible, 7 * 60 + random.between(0, 210)),
        _ => (Hours::Shift, 6 * 60),
    }
}

/// 4 to 15 applications and some for later; the most popular ones are the likeliest.
fn repertoire(kind: Kind, random: &mut Random) -> Vec<u8> {
    let count = if kind == Kind::Guest { 3 } else { random.between(4, 15) as usize } + RESERVE_APPS;
    let mut apps: Vec<u8> = Vec::with_capacity(count);
    while apps.len() < count {
        let app = random.zipf(BROWSER_APPS.len()) as u8;
        if !apps.contains(&app) {
            apps.push(app);
        }
    }
    apps
}

/// Chances in 1,000, per 30 days, of joining, leaving, moving, being away and travelling.
pub(crate) const JOINS: u64 = 10;
pub(crate) const LEAVES: u64 = 10;
pub(crate) const MOVES: u64 = 15;
pub(crate) const AWAY: u64 = 250;
pub(crate) const TRAVELS: u64 = 300;

fn career(user: &mut User, days: i64, random: &mut Random) {
    let chance = |permille: u64, random: &mut Random| random.below(30_000) < permille * days as u64;
    if user.kind != Kind::Member {
        return;
    }
    if chance(JOINS, random) {
        user.joins = random.between(0, days - 1);
    } else if chance(LEAVES, random) {
        user.leaves = random.between(1, days);
    } else if chance(MOVES, random) {
        user.moves = Some(random.between(1, days));
    }
    if chance(AWAY, random) {
        let first = random.between(-7, days);
        user.away = (first, first + random.between(1, 12));
    }
    if chance(TRAVELS, random) {
        let first = random.between(0, days);
        let site = (user.site + 1 + random.below(2) as usize) % SITES.len();
        user.trip = Some((first, first + random.between(3, 6), site));
    }
}

fn name_of(
    kind: Kind,
    number: u32,
    first: &str,
    last: &str,
    names: &mut HashMap<String, u32>,
) -> (String, String, String) {
    if kind == Kind::BreakGlass {
        let name = format!("emergency{}", number + 1);
        return (format!("Emergency Access {}", number + 1), format!("{name}@{DOMAIN}"), name);
    }
    let stem = numbered(format!("{first}.{last}").to_lowercase(), "", names);
    let upn = match kind {
        Kind::Guest => format!("{stem}_partner.example#EXT#@{DOMAIN}"),
        _ => format!("{stem}@{DOMAIN}"),
    };
    let sam = numbered(format!("{}{last}", &first[..1]).to_lowercase(), "sam:", names);
    (format!("{first} {last}"), upn, sam)
}

/// `name`, with a number when it is taken.
fn numbered(name: String, space: &str, names: &mut HashMap<String, u32>) -> String {
    let uses = names.entry(format!("{space}{name}")).or_insert(0);
    *uses += 1;
    if *uses > 1 { format!("{name}{uses}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_kind_is_there() {
        for count in [crate::MIN_USERS, 200, crate::MAX_USERS] {
            let users = invent(&GenerateOptions { users: count, ..GenerateOptions::default() });
            let upns: BTreeSet<&str> = users.iter().map(|user| user.upn.as_str()).collect();
            let sams: BTreeSet<&str> = users.iter().map(|user| user.sam.as_str()).collect();
            assert_eq!((upns.len(), sams.len()), (count as usize, count as usize));
            for kind in [Kind::Member, Kind::Admin, Kind::BreakGlass, Kind::Guest, Kind::Dormant, Kind::Disabled] {
                assert!(users.iter().any(|user| user.kind == kind), "{kind:?}");
            }
            assert!(users.iter().all(|user| user.sam.len() <= 20));
            assert!(users.iter().all(|user| user.manager.is_none_or(|manager| manager != user.number)));
            assert!((0..SITES.len()).all(|site| users.iter().any(|user| user.site == site)));
        }
    }

    #[test]
    fn repertoires_grow_but_never_shrink() {
        let users = invent(&GenerateOptions::default());
        let user = users.iter().find(|user| user.kind == Kind::Member).expect("a member");
        let names = |day| -> BTreeSet<&str> {
            let mut random = Random::stream(1, "apps", 0);
            (0..2_000).map(|_| user.pick_app(day, &mut random).name).collect()
        };
        assert!(names(0).len() < names(60).len());
        assert!(names(0).is_subset(&names(60)));
    }
}
