//! Who works when and from where. All logs of a person's day follow the same plan, so that they tell the same story.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::Tenant;
use super::addresses::{self, Endpoint};
use super::calendar::jitter;
use super::people::{Hours, Kind, User};
use crate::guid::Guid;
use crate::random::Random;

/// Where somebody works on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Office,
    Home,
    /// In a hotel near this site.
    Hotel(usize),
}

/// One person's working day.
#[derive(Debug, Clone)]
pub(crate) struct Workday<'t> {
    pub(crate) user: &'t User,
    pub(crate) day: i64,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) place: Place,
    /// Whether the laptop's traffic leaves through the corporate VPN.
    pub(crate) vpn: bool,
    /// How busy the day is, 1,000 being this person's usual.
    pub(crate) busy: u64,
}

/// A session of Entra and the token with which it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) session_id: Guid,
    pub(crate) token_id: Guid,
}

/// Chances in 1,000 of working on a weekday, of working on a free day, of working in the office.
pub(crate) const WEEKDAY: u64 = 930;
pub(crate) const FREE_DAY: u64 = 65;
pub(crate) const OFFICE: u64 = 550;
/// Shares of a day's acts by tenth of the working day: two peaks, and lunch between them.
const SHAPE: [u64; 10] = [12, 14, 13, 9, 4, 9, 13, 13, 9, 4];

/// The working day of `user` on local day `day`, if it is one.
pub(crate) fn workday<'t>(tenant: &Tenant, user: &'t User, day: i64) -> Option<Workday<'t>> {
    if !user.is_active(day) || (user.away.0..user.away.1).contains(&day) {
        return None;
    }
    let mut random = Random::substream(tenant.options.seed, "workday", u64::from(user.number), (day + 1) as u64);
    let on_trip = user.trip.filter(|(first, until, _)| (*first..*until).contains(&day));
    // The day of the flight home is spent in the air.
    if user.trip.is_some_and(|(_, until, _)| until == day) {
        return None;
    }
    let works = random.chance(if tenant.is_free(day) { FREE_DAY } else { WEEKDAY });
    let in_office = user.is_employee() && random.chance(OFFICE);
    let (late, minutes) = (random.between(-20, 25), random.between(7 * 60 + 30, 9 * 60 + 30));
    let (vpn, busy) = (random.chance(600), random.between(500, 1500) as u64);
    if !works && on_trip.is_none() {
        return None;
    }
    let (site, place) = match on_trip {
        Some((.., site)) => (site, Place::Hotel(site)),
        None => (user.site, if in_office { Place::Office } else { Place::Home }),
    };
    let starts_at = match user.hours {
        Hours::Shift => [6, 14, 22][((day + 70) / 7 + i64::from(user.number)).rem_euclid(3) as usize] * 60,
        _ => user.starts_at,
    };
    let begins = jitter(tenant.local(site, day, starts_at + late), 60, &mut random);
    let minutes = if user.kind == Kind::Guest { minutes / 4 } else { minutes };
    let vpn = vpn && user.vpn && place != Place::Office;
    Some(Workday { user, day, begins, ends: begins + TimeDelta::minutes(minutes), place, vpn, busy })
}

impl Workday<'_> {
    /// Where the cloud sees the laptop.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self.place {
            _ if self.vpn => addresses::vpn(),
            Place::Office => addresses::office(self.user.site),
            Place::Home => self.user.home(self.day),
            Place::Hotel(site) => addresses::hotel(site),
        }
    }

    /// The laptop's address in the domain: in the office or at the end of the VPN's tunnel. Without either the laptop reaches
    /// the domain through the tunnel that it opens for the domain alone.
    pub(crate) fn inner_ip(&self) -> IpAddr {
        match self.place {
            Place::Office => addresses::workstation(self.user.number, self.user.site),
            _ => addresses::tunnel(self.user.number),
        }
    }

    /// The day's session, which begins with the morning's sign-in.
    pub(crate) fn session(&self, tenant: &Tenant) -> Session {
        let mut random = tenant.random("session", u64::from(self.user.number) << 16 | (self.day + 1) as u64);
        Session { session_id: random.guid(), token_id: random.guid() }
    }

    /// Whether sign-ins come from a network that the tenant trusts.
    pub(crate) fn is_trusted(&self) -> bool {
        self.vpn || self.place == Place::Office
    }

    /// A moment of the day: most in the morning and in the afternoon, few at lunch.
    pub(crate) fn moment(&self, random: &mut Random) -> DateTime<Utc> {
        let tenth = (self.ends - self.begins) / SHAPE.len() as i32;
        let begins = self.begins + tenth * random.weighted(&SHAPE) as i32;
        jitter(begins, tenth.num_seconds().unsigned_abs(), random)
    }

    /// `usual` acts a day of a middling person in thousandths, as a number for this person on this day.
    pub(crate) fn count(&self, usual: u64, random: &mut Random) -> u64 {
        random.round(usual * self.user.activity / 1000 * self.busy / 1000)
    }
}
