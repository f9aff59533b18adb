//! The accounts: who they are, where they live, what they carry and when they work.

use std::collections::BTreeMap;

use crate::addresses::{self, Endpoint};
use crate::random::Random;
use crate::sites::SITES;

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
    /// A leaver whose account is blocked.
    Disabled,
}

/// A computer or phone as sign-in logs describe it.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    /// Entra device id, empty when the device isn't registered.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) operating_system: &'static str,
    pub(crate) browser: &'static str,
    pub(crate) user_agent: &'static str,
}

/// One account.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) display_name: String,
    pub(crate) upn: String,
    /// Name in Active Directory, 20 characters at most.
    pub(crate) sam: String,
    pub(crate) object_id: String,
    /// Exchange's and SharePoint's own key of the account.
    pub(crate) puid: String,
    /// Relative identifier in the AD domain.
    pub(crate) rid: u32,
    pub(crate) mailbox_guid: String,
    pub(crate) department: &'static str,
    /// Number of the department's manager, who has none.
    pub(crate) manager: Option<u32>,
    pub(crate) site: usize,
    pub(crate) home: Endpoint,
    pub(crate) laptop: Device,
    pub(crate) phone: Device,
    /// Address of the laptop inside the office.
    pub(crate) workstation_ip: String,
    /// How much the account does, 100 being the middle.
    pub(crate) activity: u64,
    /// Start of the working day, minutes after local midnight.
    pub(crate) starts_at: i64,
    /// Reads mail with a program that knows only names and passwords.
    pub(crate) legacy_mail: bool,
}

impl User {
    /// Whether the account belongs to somebody who works here.
    pub(crate) fn is_employee(&self) -> bool {
        matches!(self.kind, Kind::Member | Kind::Admin)
    }

    /// The folder name of the account's OneDrive.
    pub(crate) fn one_drive(&self) -> String {
        self.upn.replace(['@', '.', '#'], "_")
    }
}

const FIRST_NAMES: [&str; 40] = [
    "Aaron", "Aisha", "Anna", "Ben", "Carla", "Chen", "Clara", "Daan", "David", "Elena", "Emma", "Eric", "Farid",
    "Femke", "Grace", "Hana", "Hugo", "Ines", "Ivan", "James", "Jasper", "Julia", "Karim", "Kate", "Lars", "Laura",
    "Liam", "Lin", "Maria", "Mark", "Mei", "Nadia", "Noah", "Olga", "Omar", "Priya", "Ravi", "Sara", "Sven", "Tess",
];
const LAST_NAMES: [&str; 40] = [
    "Adams", "Bakker", "Brown", "Chan", "Costa", "Davis", "Dekker", "Evans", "Fischer", "Garcia", "Goh", "Green",
    "Haas", "Hill", "Ito", "Jansen", "Jones", "Khan", "Kim", "Klein", "Lee", "Lewis", "Lim", "Lopez", "Meyer", "Moore",
    "Mulder", "Ng", "Novak", "Patel", "Peters", "Reed", "Rossi", "Scott", "Singh", "Smit", "Tan", "Visser", "Ward",
    "Wong",
];
const DEPARTMENTS: [&str; 8] =
    ["Sales", "Engineering", "Finance", "Operations", "Marketing", "Human Resources", "Legal", "Support"];

pub(crate) const EDGE: (&str, &str) = (
    "Edge 143.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
);
const CHROME: (&str, &str) = (
    "Chrome 143.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
);
const IPHONE: (&str, &str) = (
    "Mobile Safari 18.7",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
);
const ANDROID: (&str, &str) = (
    "Chrome Mobile 143.0.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
);

/// Relative activity in percent of the middle and how many of 100 accounts have it: the busiest 5 % make about a third of all
/// events, as in real tenants.
const ACTIVITY: [(u64, u64); 5] = [(40, 25), (70, 30), (110, 25), (180, 15), (380, 5)];

/// First relative identifier of ordinary accounts.
const FIRST_RID: u32 = 1201;

/// Invents `count` accounts.
pub(crate) fn invent(seed: u64, count: u32) -> Vec<User> {
    let mut names = BTreeMap::new();
    let mut users: Vec<User> = (0..count).map(|number| user(seed, number, count, &mut names)).collect();
    let mut managers: BTreeMap<&str, u32> = BTreeMap::new();
    for user in users.iter_mut().filter(|user| user.kind == Kind::Member) {
        let manager = *managers.entry(user.department).or_insert(user.number);
        user.manager = (manager != user.number).then_some(manager);
    }
    users
}

/// What account `number` of `count` is for: 2 emergency accounts, 3 % administrators, 8 % guests, 1 % leavers.
fn kind(number: u32, count: u32) -> Kind {
    let admins = 2 + (count * 3 / 100).max(2);
    let guests = admins + (count * 8 / 100).max(2);
    let leavers = guests + (count / 100).max(1);
    match number {
        0..2 => Kind::BreakGlass,
        _ if number < admins => Kind::Admin,
        _ if number < guests => Kind::Guest,
        _ if number < leavers => Kind::Disabled,
        _ => Kind::Member,
    }
}

fn user(seed: u64, number: u32, count: u32, names: &mut BTreeMap<String, u32>) -> User {
    let mut random = Random::stream(seed, "people", u64::from(number));
    let kind = kind(number, count);
    let (first, last) = (*random.pick(&FIRST_NAMES), *random.pick(&LAST_NAMES));
    let (display_name, upn, sam) = name_of(kind, number, first, last, names);
    let site = pick_site(&mut random);
    let town = random.below(3) as usize;
    let (browser, user_agent) = if random.chance(700) { EDGE } else { CHROME };
    let code = SITES[site].code;
    let laptop = Device {
        id: random.guid(),
        name: format!("{code}-LT{number:04}"),
        operating_system: "Windows 11",
        browser,
        user_agent,
    };
    let iphone = random.chance(600);
    let (browser, user_agent) = if iphone { IPHONE } else { ANDROID };
    let operating_system = if iphone { "Ios 18.7" } else { "Android 15" };
    let phone =
        Device { id: random.guid(), name: format!("{code}-PH{number:04}"), operating_system, browser, user_agent };
    User {
        number,
        kind,
        display_name,
        upn,
        sam,
        object_id: random.guid(),
        puid: format!("10032002{:08X}", 0x1a00_0000 + number),
        rid: FIRST_RID + number,
        mailbox_guid: random.guid(),
        department: DEPARTMENTS[(number as usize) % DEPARTMENTS.len()],
        manager: None,
        site,
        home: if kind == Kind::Guest { addresses::partner() } else { addresses::home(number, site, town) },
        laptop,
        phone,
        workstation_ip: format!("10.{}.{}.{}", 10 + site, number / 200, 20 + number % 200),
        activity: pick_activity(&mut random),
        starts_at: 8 * 60 + random.between(-30, 75),
        legacy_mail: kind == Kind::Member && random.chance(20),
    }
}

fn name_of(
    kind: Kind,
    number: u32,
    first: &str,
    last: &str,
    names: &mut BTreeMap<String, u32>,
) -> (String, String, String) {
    if kind == Kind::BreakGlass {
        let name = format!("emergency{}", number + 1);
        return (format!("Emergency Access {}", number + 1), format!("{name}@{DOMAIN}"), name);
    }
    let mut stem = format!("{first}.{last}").to_lowercase();
    let uses = names.entry(stem.clone()).or_insert(0);
    *uses += 1;
    if *uses > 1 {
        stem.push_str(&uses.to_string());
    }
    let upn = match kind {
        Kind::Guest => format!("{stem}_partner.example#EXT#@{DOMAIN}"),
        _ => format!("{stem}@{DOMAIN}"),
    };
    let sam = format!("{}{last}", &first[..1]).to_lowercase();
    let sam_uses = names.entry(format!("sam:{sam}")).or_insert(0);
    *sam_uses += 1;
    let sam = if *sam_uses > 1 { format!("{sam}{sam_uses}") } else { sam };
    (format!("{first} {last}"), upn, sam)
}

fn pick_site(random: &mut Random) -> usize {
    let mut left = random.below(100);
    for (index, site) in SITES.iter().enumerate() {
        if left < site.percent {
            return index;
        }
        left -= site.percent;
    }
    0
}

fn pick_activity(random: &mut Random) -> u64 {
    let mut left = random.below(100);
    for (activity, percent) in ACTIVITY {
        if left < percent {
            return activity;
        }
        left -= percent;
    }
    100
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_kind_is_there() {
        for count in [40, 200, 2000] {
            let users = invent(3, count);
            let upns: BTreeSet<&str> = users.iter().map(|user| user.upn.as_str()).collect();
            let sams: BTreeSet<&str> = users.iter().map(|user| user.sam.as_str()).collect();
            assert_eq!((upns.len(), sams.len()), (count as usize, count as usize));
            for kind in [Kind::Member, Kind::Admin, Kind::BreakGlass, Kind::Guest, Kind::Disabled] {
                assert!(users.iter().any(|user| user.kind == kind), "{kind:?}");
            }
            assert!(users.iter().all(|user| user.sam.len() <= 20));
            assert!(users.iter().all(|user| user.manager.is_none_or(|manager| manager != user.number)));
        }
    }

    #[test]
    fn every_site_has_people() {
        for (index, site) in SITES.iter().enumerate() {
            assert!(invent(1, 200).iter().any(|user| user.site == index), "{}", site.code);
        }
        assert_eq!(SITES.iter().map(|site| site.percent).sum::<u64>(), 100);
        assert_eq!(ACTIVITY.iter().map(|(_, percent)| percent).sum::<u64>(), 100);
    }
}
