//! Who works when and from where. All logs of a person's day follow the same plan.

use chrono::{DateTime, TimeDelta, Utc};

use crate::addresses::{self, Endpoint};
use crate::people::{Kind, User};
use crate::tenant::Tenant;

/// One person's working day.
pub(crate) struct Workday<'a> {
    pub(crate) user: &'a User,
    /// Number of the day and the person in one, for streams of chance.
    pub(crate) stream: u64,
    pub(crate) begins: DateTime<Utc>,
    pub(crate) ends: DateTime<Utc>,
    pub(crate) from: Endpoint,
    pub(crate) in_office: bool,
    /// Key of the benign twin that the whole day belongs to.
    pub(crate) mark: &'static str,
}

/// Chances in 1,000 of working on a weekday, of working on a weekend day, of working in the office.
const WEEKDAY: u64 = 930;
const WEEKEND: u64 = 60;
const OFFICE: u64 = 550;
/// The days of the business trip: at home, in America, in America, in the air.
const TRIP: (i64, i64) = (2, 4);

/// The working days of everybody who works, emergency accounts and leavers having none.
pub(crate) fn all(tenant: &Tenant) -> Vec<Workday<'_>> {
    // From the day before: west of Greenwich its evening is already ours.
    let days = -1..=i64::from(tenant.options.days);
    let people = tenant.users.iter().filter(|user| user.is_employee() || user.kind == Kind::Guest);
    people.flat_map(|user| days.clone().filter_map(|day| plan(tenant, user, day))).collect()
}

fn plan<'a>(tenant: &Tenant, user: &'a User, day: i64) -> Option<Workday<'a>> {
    let stream = u64::from(user.number) * 64 + (day + 1) as u64;
    let mut random = tenant.random("workday", stream);
    let works = random.chance(if tenant.is_weekend(day) { WEEKEND } else { WEEKDAY });
    let in_office = user.is_employee() && random.chance(OFFICE);
    let late = random.between(-20, 25);
    let minutes = random.between(7 * 60, 9 * 60 + 30);
    let traveler = user.number == tenant.users[tenant.cast.business_traveler].number;
    let away = traveler && (TRIP.0..TRIP.1).contains(&day);
    if (!works && !away) || (traveler && day == TRIP.1) {
        return None;
    }
    // The hotel lies in the zone of site 0.
    let (site, from, mark) = if away {
        (0, addresses::hotel(), "twin:business-travel")
    } else {
        (user.site, if in_office { addresses::office(user.site) } else { user.home.clone() }, "")
    };
    let begins = tenant.local(site, day, user.starts_at + late);
    let minutes = if user.kind == Kind::Guest { minutes / 4 } else { minutes };
    Some(Workday {
        user,
        stream,
        begins,
        ends: begins + TimeDelta::minutes(minutes),
        from,
        in_office: in_office && !away,
        mark,
    })
}
