//! A user signs in at home; 40 minutes later the account is used on another continent, and its mail is read and redirected.

use chrono::TimeDelta;
use serde_json::json;

use crate::addresses;
use crate::apps::{EXCHANGE, OFFICE_HOME};
use crate::events::Events;
use crate::people::{DOMAIN, Device};
use crate::scenarios::Story;
use crate::sign_ins::SignIn;
use crate::tenant::{Tenant, jitter};
use crate::truth::TruthEntity;
use crate::unified_audit::{self, UnifiedRecord};

const ID: &str = "impossible-travel";

pub(super) fn add(tenant: &Tenant, events: &mut Events) -> Story {
    let mut random = tenant.random(ID, 0);
    let user = &tenant.users[tenant.cast.travel_victim];
    let day = 1.min(i64::from(tenant.options.days) - 1);
    let at_home = jitter(tenant.local(user.site, day, 10 * 60 + random.between(0, 40)), 60, &mut random);
    let sign_in = SignIn::of(user, &OFFICE_HOME, &user.home, at_home, &mut random);
    events.sign_ins.push(SignIn { mark: ID, ..sign_in });
    let from = addresses::thief();
    let device = Device {
        id: String::new(),
        name: String::new(),
        operating_system: "Linux",
        browser: "Chrome 120.0.0",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    };
    let away = jitter(at_home + TimeDelta::minutes(40), 60, &mut random);
    for (app, minutes) in [(&OFFICE_HOME, 0), (&EXCHANGE, 2)] {
        let sign_in = SignIn::of(user, app, &from, away + TimeDelta::minutes(minutes), &mut random);
        events.sign_ins.push(SignIn { device: device.clone(), mark: ID, ..sign_in });
    }
    let client = format!("Client=OWA;{};", device.user_agent);
    for minutes in [4, 7, 11] {
        let time = away + TimeDelta::minutes(minutes);
        let record = unified_audit::mail_read(tenant, user, time, (&from.ip, &client), 9, &mut random);
        events.unified_audit.push(record.marked(ID));
    }
    let ip = format!("{}:{}", from.ip, random.between(2000, 60_000));
    let mut head =
        unified_audit::exchange_head(user, away + TimeDelta::minutes(14), "New-InboxRule", "ExchangeAdmin", &ip);
    head.result = Some("True");
    head.user_type = 2;
    let object =
        format!("EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{DOMAIN}/{}\\..", user.sam);
    head.object_id = Some(&object);
    let body = json!({
        "AppId": "00000002-0000-0ff1-ce00-000000000000", "ClientAppId": "", "ExternalAccess": false, "OrganizationName": DOMAIN,
        "OriginatingServer": "AM0PR01MB0001 (15.20.9478.004)",
        "Parameters": [
            {"Name": "AlwaysDeleteOutlookRulesBlob", "Value": "False"}, {"Name": "Force", "Value": "False"},
            {"Name": "Name", "Value": ".."}, {"Name": "SubjectOrBodyContainsWords", "Value": "invoice;payment;bank"},
            {"Name": "MoveToFolder", "Value": "RSS Feeds"}, {"Name": "MarkAsRead", "Value": "True"},
            {"Name": "StopProcessingRules", "Value": "True"},
        ],
        "SessionId": random.guid(),
    });
    events.unified_audit.push(UnifiedRecord::new(tenant, &head, body, &mut random).marked(ID));
    Story {
        id: ID,
        detection: "Impossible travel",
        title: "Sign-in from another continent 40 minutes after one at home",
        description: format!(
            "{} signed in from {}, then from {} ({}), where the mailbox was read and a rule hid mail about payments",
            user.upn, user.home.place.city, from.place.city, from.ip
        ),
        tactics: &["InitialAccess"],
        techniques: &["T1078.004"],
        severity: "Medium",
        entities: vec![TruthEntity::new("account", &user.upn), TruthEntity::new("ip", &from.ip)],
    }
}
