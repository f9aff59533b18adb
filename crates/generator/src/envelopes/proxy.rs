//! The web proxy's feed: CEF in lines of syslog (RFC 3164), as Zscaler's streaming service writes its web log.

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::{Form, FormFraming};
use crate::acts::web_request::PROXY;
use crate::engine::Trace;
use crate::records::{Field, Record};
use crate::tenant::Tenant;

/// The lines of a day.
pub(super) static FORM: Form = Form { stem: "proxy/web", extension: ".log.gz", framing: FormFraming::Lines, write };

/// Facility local0, severity informational.
const PRIORITY: &str = "<134>";

fn write(text: &mut String, _: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    text.push_str(PRIORITY);
    header_time(text, trace.time);
    text.push(' ');
    text.push_str(PROXY);
    text.push_str(" CEF:0|Zscaler|NSSWeblog|6.2|");
    let mut plain = String::new();
    for (name, severity) in [("act", ""), ("reason", "3")] {
        plain.clear();
        if let Some((_, value)) = row.fields.iter().find(|(known, _)| *known == name) {
            value.push_plain(&mut plain);
        }
        escape(text, &plain, '|');
        text.push('|');
        if !severity.is_empty() {
            text.push_str(severity);
            text.push('|');
        }
    }
    for (index, (name, value)) in row.fields.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(name);
        text.push('=');
        match value {
            Field::Text(value) => escape(text, value, '='),
            value => {
                plain.clear();
                value.push_plain(&mut plain);
                escape(text, &plain, '=');
            }
        }
    }
}

/// Appends `value` with backslashes before backslashes and `mark`.
fn escape(text: &mut String, value: &str, mark: char) {
    for character in value.chars() {
        if character == '\\' || character == mark {
            text.push('\\');
        }
        text.push(character);
    }
}

/// `Jan  5 09:30:00`.
fn header_time(text: &mut String, time: DateTime<Utc>) {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS[time.month0() as usize];
    text.push_str(&format!("{month} {:>2} {:02}:{:02}:{:02}", time.day(), time.hour(), time.minute(), time.second()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerateOptions;
    use crate::acts::web_request::{Request, web_request};
    use crate::engine::Traces;
    use crate::random::Random;
    use crate::tenant::cloud_apps::PERSONAL_STORAGE;
    use crate::tenant::workday::workday;

    #[test]
    fn a_line_has_a_header_of_seven_fields_and_escapes_its_values() {
        let tenant = Tenant::invent(&GenerateOptions { users: 150, days: 3, ..GenerateOptions::default() });
        let workday = tenant.users.iter().find_map(|user| workday(&tenant, user, 1)).expect("somebody works");
        let mut traces = Traces::default();
        let request = Request {
            app: &PERSONAL_STORAGE,
            server: None,
            method: "POST",
            path: "/put?a=1".into(),
            sent: 5_000_000,
            received: 10,
        };
        let time = "2026-01-05T09:30:00Z".parse().expect("a time");
        web_request(time, &workday, &request, &mut Random::stream(1, "proxy", 0), &mut traces);
        let mut text = String::new();
        traces.iter().for_each(|trace| write(&mut text, &tenant, trace));
        assert!(
            text.starts_with("<134>Jan  5 09:30:00 nss01 CEF:0|Zscaler|NSSWeblog|6.2|Allowed|Allowed|3|act=Allowed "),
            "{text}"
        );
        assert!(text.contains(" request=upload.skyvault.example/put?a\\=1 "), "{text}");
        assert!(text.contains(" out=5000000 "), "{text}");
    }
}
