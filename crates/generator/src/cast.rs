//! Who plays in which scenario or benign twin. Nobody plays twice, so that incidents of different scenarios share no account.

use crate::people::{Kind, User};
use crate::random::Random;
use crate::sites::{EUROPE, SITES};

/// The players, as indices into the list of users.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) spray_victim: usize,
    /// Everybody whose password is tried, without the victim.
    pub(crate) spray_targets: Vec<usize>,
    pub(crate) travel_victim: usize,
    pub(crate) consent_victim: usize,
    pub(crate) replication_thief: usize,
    pub(crate) downloader: usize,
    pub(crate) vpn_users: Vec<usize>,
    pub(crate) business_traveler: usize,
    pub(crate) new_laptop_owner: usize,
    pub(crate) broken_phone_owner: usize,
    pub(crate) consenting_admin: usize,
    pub(crate) domain_admin: usize,
}

/// Passwords tried by the spray, accounts.
const SPRAY_TARGETS: usize = 45;
/// People who switch the VPN on.
const VPN_USERS: usize = 4;

impl Cast {
    /// Chooses among `users`, of whom there are at least [`crate::MIN_USERS`].
    pub(crate) fn choose(seed: u64, users: &[User]) -> Self {
        let mut random = Random::stream(seed, "cast", 0);
        let mut members = of_kind(users, Kind::Member);
        random.shuffle(&mut members);
        members.sort_by_key(|&index| users[index].legacy_mail);
        let admins = of_kind(users, Kind::Admin);
        // Quiet people play the victims, so that a scenario stands out from its account's own days.
        let mut take = |fits: &dyn Fn(&User) -> bool| {
            let at = members.iter().position(|&index| fits(&users[index])).unwrap_or(0);
            members.remove(at)
        };
        let quiet = |user: &User| user.activity <= 110;
        let business_traveler = take(&|user| user.site == EUROPE);
        let travel_victim = take(&quiet);
        let downloader = take(&quiet);
        let replication_thief = take(&quiet);
        let spray_victim = take(&quiet);
        let consent_victim = take(&quiet);
        let new_laptop_owner = take(&quiet);
        let broken_phone_owner = take(&quiet);
        let vpn_users = (0..VPN_USERS).map(|_| take(&|user| SITES[user.site].place.country != "US")).collect();
        members.truncate(SPRAY_TARGETS);
        Self {
            spray_victim,
            spray_targets: members,
            travel_victim,
            consent_victim,
            replication_thief,
            downloader,
            vpn_users,
            business_traveler,
            new_laptop_owner,
            broken_phone_owner,
            consenting_admin: admins[0],
            domain_admin: admins[1],
        }
    }
}

fn of_kind(users: &[User], kind: Kind) -> Vec<usize> {
    (0..users.len()).filter(|&index| users[index].kind == kind).collect()
}
