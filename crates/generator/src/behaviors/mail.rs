//! Mail: letters come from outside, people read, answer, sort and delete them, and now and then make a rule.

use chrono::TimeDelta;

use crate::acts::access::Access;
use crate::acts::mailbox::{MessageRef, mail_moved, mail_read, mail_sent};
use crate::acts::mailbox_setting::mailbox_setting;
use crate::acts::message::{Recipient, received};
use crate::acts::url_click::url_click;
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::devices::Agent;
use crate::tenant::letters::{Letter, Verdict, letter, letters, recent};
use crate::tenant::people::{Kind, User};
use crate::tenant::workday::workday;

/// Mail of people.
pub(super) struct Mail;

const RECEIVE: u32 = 0;
const READ: u32 = 1;
const SEND: u32 = 2;
const MOVE: u32 = 3;
const RULE: u32 = 4;
const OUT_OF_OFFICE: u32 = 5;

/// Acts of a middling person a day in thousandths. `MailItemsAccessed` gathers what is read in some minutes; acts are few, so
/// that the services' share of the unified audit comes out as measured.
pub(crate) const READS: u64 = 620;
pub(crate) const SENDS: u64 = 420;
pub(crate) const MOVES: u64 = 240;
/// Of 1,000 working days, how many have a new rule or an out-of-office note.
pub(crate) const RULES: u64 = 6;
pub(crate) const NOTES: u64 = 12;
/// Chance in 1,000 that a link of a delivered letter is clicked while its reader works; that one of a quarantined is, none.
pub(crate) const CLICKS: u64 = 60;
/// Chance in 1,000 that Safe Links stops a click.
pub(crate) const STOPPED: u64 = 15;

impl Behavior for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.options.users
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let user = tenant.user(actor);
        let data = (day + 1) as u64;
        for index in 0..letters(tenant, user, day) {
            plan.at(letter(tenant, user, day, index).time, RECEIVE, data << 16 | u64::from(index));
        }
        let Some(workday) = workday(tenant, user, day).filter(|_| user.is_employee()) else { return };
        for (usual, step) in [(READS, READ), (SENDS, SEND), (MOVES, MOVE)] {
            for _ in 0..workday.count(usual, random) {
                plan.at(workday.moment(random), step, data << 16);
            }
        }
        for (chance, step) in [(RULES, RULE), (NOTES, OUT_OF_OFFICE)] {
            if random.chance(chance) {
                plan.at(workday.moment(random), step, data << 16);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let user = tenant.user(moment.actor);
        let day = (moment.data >> 16) as i64 - 1;
        if moment.step == RECEIVE {
            let letter = letter(tenant, user, day, (moment.data & 0xffff) as u32);
            received(user, &letter, random, traces);
            return click(tenant, user, day, &letter, random, traces);
        }
        let Some(workday) = workday(tenant, user, day) else { return };
        let mut access = Access::of(tenant, &workday);
        let time = moment.time;
        match moment.step {
            READ => {
                let messages = recent(tenant, user, time, 1, 1 + random.below(5) as usize);
                if messages.is_empty() {
                    return;
                }
                match random.weighted(&[50, 35, 15]) {
                    0 => access.agent = Agent::Program("MSExchangeRPC"),
                    1 => {}
                    // An add-in or the telephone, through Microsoft's own machines.
                    _ => access.from = addresses::microsoft(random.bits()),
                }
                mail_read(tenant, time, access, messages.iter().map(reference).collect(), random, traces);
            }
            SEND => {
                let subject = format!(
                    "Re: {} {}",
                    random.pick(&["Offer", "Plan", "Minutes", "Question"]),
                    random.between(10, 99)
                );
                let recipients = recipients(tenant, user, random);
                mail_sent(tenant, time, access, (subject, &recipients), random, traces);
            }
            MOVE => {
                let Some(letter) = recent(tenant, user, time, 1, 1).pop() else { return };
                let operation =
                    *random.pick(&["MoveToDeletedItems", "MoveToDeletedItems", "SoftDelete", "Move", "HardDelete"]);
                let message = (operation, reference(&letter), letter.subject.clone());
                mail_moved(tenant, time, access, message, random, traces);
            }
            RULE => mailbox_setting(tenant, time, access, sorting_rule(user, random), random, traces),
            _ => {
                let parameters = vec![
                    ("Identity", user.upn.clone()),
                    ("AutoReplyState", "Scheduled".into()),
                    ("ExternalAudience", "Known".into()),
                ];
                let setting = ("Set-MailboxAutoReplyConfiguration", user, parameters);
                mailbox_setting(tenant, time, access, setting, random, traces);
            }
        }
    }
}

fn reference(letter: &Letter) -> MessageRef {
    (letter.network_id, letter.sender.1)
}

/// A colleague or two, or somebody outside.
fn recipients<'t>(tenant: &'t Tenant, user: &User, random: &mut Random) -> Vec<Recipient<'t>> {
    const OUTSIDE: [(&str, &str); 5] = [
        ("orders", "partner.example"),
        ("projects", "partner.example"),
        ("support", "kestrel-desk.example"),
        ("legal", "stonebridge.example"),
        ("sales", "redwood-crm.example"),
    ];
    let count = 1 + random.weighted(&[70, 20, 10]);
    let one = |random: &mut Random| {
        if random.chance(350) {
            let (name, domain) = *random.pick(&OUTSIDE);
            return Recipient::Outside(name, domain);
        }
        // Colleagues are those near in number, most of whom are of other departments.
        let distance = 1 + random.zipf(60) as u32;
        let colleague = tenant.user((user.number + distance) % tenant.options.users);
        match colleague.kind {
            Kind::Member | Kind::Admin => Recipient::Inside(colleague),
            _ => Recipient::Outside("orders", "partner.example"),
        }
    };
    (0..count).map(|_| one(random)).collect()
}

/// A rule that sorts by sender or subject into an ordinary folder.
fn sorting_rule<'t>(user: &'t User, random: &mut Random) -> (&'static str, &'t User, Vec<(&'static str, String)>) {
    let (name, from, folder) = *random.pick(&[
        ("Newsletters", "newsletter@industryweek.example", "Newsletters"),
        ("Tickets", "support@kestrel-desk.example", "Tickets"),
        ("Travel", "travel@tallship.example", "Travel"),
        ("Partner", "projects@partner.example", "Partner projects"),
    ]);
    let parameters = vec![
        ("AlwaysDeleteOutlookRulesBlob", "False".into()),
        ("Force", "False".into()),
        ("From", from.to_owned()),
        ("Name", name.to_owned()),
        ("MoveToFolder", folder.to_owned()),
        ("StopProcessingRules", "True".into()),
    ];
    ("New-InboxRule", user, parameters)
}

/// Perhaps the reader clicks on a link of `letter`, soon after it came.
fn click<'t>(
    tenant: &'t Tenant,
    user: &'t User,
    day: i64,
    letter: &Letter,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    if letter.urls == 0 || letter.verdict != Verdict::Good || !random.chance(CLICKS) {
        return;
    }
    let time = letter.time + TimeDelta::seconds(random.between(40, 3_000));
    let Some(workday) = workday(tenant, user, day).filter(|day| day.begins < time && time < day.ends) else { return };
    let access = Access::of(tenant, &workday);
    let url = letter.url(random.below(u64::from(letter.urls)) as u32);
    url_click(time, &access, (&url, letter.network_id), random.chance(STOPPED), random, traces);
}
