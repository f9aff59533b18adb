//! The mail that comes from outside: the same letter has the same identifiers in every log, without being kept anywhere.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::Tenant;
use super::addresses;
use super::calendar::jitter;
use super::people::{Kind, User};
use crate::guid::Guid;
use crate::random::Random;

/// A letter from outside.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) time: DateTime<Utc>,
    /// Name in front of the `@`, and the domain.
    pub(crate) sender: (&'static str, &'static str),
    pub(crate) subject: String,
    pub(crate) network_id: Guid,
    pub(crate) from_ip: IpAddr,
    pub(crate) verdict: Verdict,
    pub(crate) urls: u32,
    pub(crate) attachments: u32,
    pub(crate) bytes: u64,
}

/// What the filter thinks of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Spam,
    Phish,
    Malware,
    /// A phishing letter that the filter takes for a good one.
    Missed,
}

/// Letters that a middling person gets from outside on a weekday, in thousandths; on a free day a fifth of it.
pub(crate) const LETTERS: u64 = 2_200;
/// Most letters of a day.
const MOST: u64 = 60;
/// How often the filter thinks what.
const VERDICTS: [(Verdict, u64); 4] =
    [(Verdict::Good, 955), (Verdict::Spam, 28), (Verdict::Phish, 14), (Verdict::Malware, 3)];

/// Who writes: business partners first, then those who write to everybody.
const SENDERS: [(&str, &str); 16] = [
    ("noreply", "northlight.example"),
    ("orders", "partner.example"),
    ("support", "kestrel-desk.example"),
    ("billing", "harborline.example"),
    ("newsletter", "industryweek.example"),
    ("projects", "partner.example"),
    ("travel", "tallship.example"),
    ("news", "brightwater.example"),
    ("sales", "redwood-crm.example"),
    ("legal", "stonebridge.example"),
    ("events", "fernhill.example"),
    ("info", "meridian-surveys.example"),
    ("account", "quillbox.example"),
    ("jobs", "vantage.example"),
    ("service", "zephyr-rooms.example"),
    ("tenders", "copperleaf.example"),
];
/// Who writes what nobody asked for.
const NUISANCES: [(&str, &str); 6] = [
    ("security-alert", "mail-verify.example"),
    ("delivery", "parcel-notice.example"),
    ("voicemail", "voice-box.example"),
    ("winner", "bonus-draw.example"),
    ("invoice", "billing-center.example"),
    ("payroll", "hr-update.example"),
];
const SUBJECTS: [&str; 14] = [
    "Re: your question",
    "Order confirmation",
    "Meeting on Thursday",
    "Offer",
    "Updated contract",
    "Weekly newsletter",
    "Invitation",
    "Delivery note",
    "Project status",
    "Minutes",
    "Your booking",
    "Ticket updated",
    "Statement",
    "Price change",
];
const NUISANCE_SUBJECTS: [&str; 6] = [
    "Your mailbox is almost full",
    "Parcel could not be delivered",
    "New voice message",
    "You have been selected",
    "Outstanding invoice",
    "Changes to your salary",
];

/// How many letters `user` gets on `day`; none without a mailbox.
pub(crate) fn letters(tenant: &Tenant, user: &User, day: i64) -> u32 {
    if user.kind == Kind::Guest || user.kind == Kind::BreakGlass || day < user.joins || day >= user.leaves {
        return 0;
    }
    let mut random = tenant.random("letters", key(user, day));
    let usual = if tenant.is_free(day) { LETTERS / 5 } else { LETTERS };
    random.round(usual * user.activity.min(8_000) / 1000).min(MOST) as u32
}

/// Letter `index` to `user` on `day`.
pub(crate) fn letter(tenant: &Tenant, user: &User, day: i64, index: u32) -> Letter {
    let mut random = Random::substream(tenant.options.seed, "letter", key(user, day), u64::from(index));
    let verdict = VERDICTS[random.weighted(&VERDICTS.map(|(_, weight)| weight))].0;
    let good = verdict == Verdict::Good;
    let sender = if good { random.zipf(SENDERS.len()) } else { random.zipf(NUISANCES.len()) };
    let subject = if good {
        format!("{} {}", random.pick(&SUBJECTS), random.between(10, 9_999))
    } else {
        NUISANCE_SUBJECTS[sender].to_owned()
    };
    // From six in the morning to eight in the evening.
    let time = jitter(tenant.local(user.site, day, 6 * 60), 14 * 3_600, &mut random);
    Letter {
        time,
        sender: if good { SENDERS[sender] } else { NUISANCES[sender] },
        subject,
        network_id: random.guid(),
        from_ip: addresses::cloud_app(sender + if good { 0 } else { 100 }),
        verdict,
        urls: if good { random.weighted(&[55, 20, 15, 10]) as u32 } else { 1 },
        attachments: match verdict {
            Verdict::Malware => 1,
            Verdict::Good => random.weighted(&[80, 15, 5]) as u32,
            _ => 0,
        },
        bytes: random.heavy() * 40 + 3_000,
    }
}

/// The good letters that came to `user` before `time`, on that day or one of the `days` before: the newest `count`.
pub(crate) fn recent(tenant: &Tenant, user: &User, time: DateTime<Utc>, days: i64, count: usize) -> Vec<Letter> {
    // The local day may be another than that of UTC.
    let today = tenant.day_of(time) + 1;
    let mut found = Vec::new();
    for day in today - days - 1..=today {
        for index in 0..letters(tenant, user, day) {
            let letter = letter(tenant, user, day, index);
            if letter.time < time && tenant.holds(letter.time) && letter.verdict == Verdict::Good {
                found.push(letter);
            }
        }
    }
    found.sort_by_key(|letter| letter.time);
    found.split_off(found.len().saturating_sub(count))
}

fn key(user: &User, day: i64) -> u64 {
    u64::from(user.number) << 20 | (day + 100) as u64
}

impl Letter {
    /// Where its link number `index` leads.
    pub(crate) fn url(&self, index: u32) -> String {
        let path = if self.verdict == Verdict::Good { "news" } else { "login" };
        format!("https://www.{}/{path}/{:x}{index}", self.sender.1, self.network_id.low() >> 24)
    }

    /// Name and type of its attachment number `index`.
    pub(crate) fn attachment(&self, index: u32) -> (String, &'static str) {
        let kind = match self.verdict {
            Verdict::Malware => "html",
            _ => ["pdf", "docx", "xlsx", "png"][(self.network_id.low() as usize + index as usize) % 4],
        };
        (format!("{} {index}.{kind}", self.subject.replace([':', '?'], "")), kind)
    }

    /// `Message-ID`, with its angle brackets.
    pub(crate) fn message_id(&self) -> String {
        message_id(self.network_id, self.sender.1)
    }
}

/// The `Message-ID` of a letter of `domain`.
pub(crate) fn message_id(network_id: Guid, domain: &str) -> String {
    format!("<{network_id}@{domain}>")
}
