//! A link in a message is clicked: Safe Links looks at it and lets it through or doesn't.

use chrono::{DateTime, Utc};

use super::access::Access;
use super::message::row;
use crate::engine::Traces;
use crate::guid::Guid;
use crate::random::Random;
use crate::records::Field;

/// `access` clicks on `url` of message `network_id`; `blocked` shows a warning page instead.
pub(crate) fn url_click<'t>(
    time: DateTime<Utc>,
    access: &Access<'t>,
    (url, network_id): (&str, Guid),
    blocked: bool,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let report = random.guid().to_string();
    let mut chain = String::new();
    crate::json::array(&mut chain, |list| list.item(url));
    let fields = vec![
        ("Url", url.to_owned().into()),
        ("ActionType", if blocked { "ClickBlocked" } else { "ClickAllowed" }.into()),
        ("AccountUpn", access.user.upn.as_str().into()),
        ("Workload", "Email".into()),
        ("NetworkMessageId", network_id.into()),
        ("ThreatTypes", if blocked { "Phish".into() } else { Field::Null }),
        ("DetectionMethods", if blocked { r#"{"Phish":["URL detonation reputation"]}"#.into() } else { Field::Null }),
        ("IPAddress", access.ip().into()),
        ("IsClickedThrough", (!blocked).into()),
        ("UrlChain", Field::Owned(chain.into())),
        ("ReportId", report.as_str().to_owned().into()),
    ];
    row(time, "UrlClickEvents", &report, fields, random, traces);
}
