//! What is known of Windows events beside what a record says: titles, task numbers, the order of their fields, well-known SIDs.
//!
//! The tables are data files under `data/`: facts of Windows' own event definitions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::event::Payload;

/// Titles of the events of the log Security: id, first sentence of the message.
const ACTIVITIES: &str = include_str!("data/activities.tsv");
/// Tasks of the provider Microsoft-Windows-Security-Auditing: number, name.
const TASKS: &str = include_str!("data/tasks.tsv");
/// The order of an event's data fields: provider, event id, names.
const FIELD_ORDER: &str = include_str!("data/field_order.tsv");

/// The column Activity: `4624 - An account was successfully logged on.`; the bare number of an event without a known title, as Log
/// Analytics writes it.
pub fn activity(event_id: i64) -> Cow<'static, str> {
    let known = activities().get(&event_id);
    known.map_or_else(|| Cow::Owned(event_id.to_string()), |activity| Cow::Borrowed(activity.as_str()))
}

fn activities() -> &'static HashMap<i64, String> {
    static KNOWN: OnceLock<HashMap<i64, String>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        ACTIVITIES
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(id, title)| Some((id.parse().ok()?, format!("{id} - {title}"))))
            .collect()
    })
}

/// Whether only the log Security has events of this id: those of the provider Microsoft-Windows-Security-Auditing.
pub fn is_audit_event(event_id: i64) -> bool {
    (4608..=6424).contains(&event_id) && activities().contains_key(&event_id)
}

/// The number of an audit task from its English name, such as 12544 for `Logon`: Winlogbeat gives the name only.
pub fn audit_task(name: &str) -> Option<i64> {
    TASKS
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(_, task)| *task == name)
        .and_then(|(number, _)| number.parse().ok())
}

/// Puts the fields into the order of the event's definition: collectors that make JSON objects of them lose it, and queries address
/// them by place (`EventData.Data[1]`). Fields that the definition does not name come after the others, as they stand.
pub fn restore_field_order(provider: &str, event_id: i64, data: &mut Payload) {
    static ORDERS: OnceLock<HashMap<(&'static str, i64), Vec<&'static str>>> = OnceLock::new();
    let orders: &HashMap<(&str, i64), Vec<&str>> =
        ORDERS.get_or_init(|| FIELD_ORDER.lines().filter_map(parse_order).collect());
    let Some(order) = orders.get(&(provider, event_id)) else { return };
    data.fields.sort_by_key(|field| {
        order.iter().position(|name| name.eq_ignore_ascii_case(&field.name)).unwrap_or(order.len())
    });
}

fn parse_order(line: &'static str) -> Option<((&'static str, i64), Vec<&'static str>)> {
    let mut cells = line.split('\t');
    let key = (cells.next()?, cells.next()?.parse().ok()?);
    Some((key, cells.collect()))
}

/// The column LogonTypeName: `3 - Network`; the names are those of Windows' own documentation of event 4624.
pub fn logon_type_name(logon_type: i64) -> Option<&'static str> {
    Some(match logon_type {
        0 => "0 - System",
        2 => "2 - Interactive",
        3 => "3 - Network",
        4 => "4 - Batch",
        5 => "5 - Service",
        7 => "7 - Unlock",
        8 => "8 - NetworkCleartext",
        9 => "9 - NewCredentials",
        10 => "10 - RemoteInteractive",
        11 => "11 - CachedInteractive",
        12 => "12 - CachedRemoteInteractive",
        13 => "13 - CachedUnlock",
        _ => return None,
    })
}

/// The account of a SID that is the same on every computer.
pub fn well_known_account(sid: &str) -> Option<&'static str> {
    Some(match sid {
        "S-1-5-7" => "NT AUTHORITY\\ANONYMOUS LOGON",
        "S-1-5-18" => "NT AUTHORITY\\SYSTEM",
        "S-1-5-19" => "NT AUTHORITY\\LOCAL SERVICE",
        "S-1-5-20" => "NT AUTHORITY\\NETWORK SERVICE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_are_number_and_title_or_the_bare_number() {
        assert_eq!(activity(4624), "4624 - An account was successfully logged on.");
        assert_eq!(activity(1102), "1102 - The audit log was cleared.");
        assert_eq!(activity(412), "412");
    }

    #[test]
    fn every_line_of_the_data_files_is_understood() {
        for line in ACTIVITIES.lines() {
            let (id, title) = line.split_once('\t').expect(line);
            assert!(id.parse::<i64>().is_ok() && title.ends_with('.'), "{line}");
        }
        for line in TASKS.lines() {
            let (number, name) = line.split_once('\t').expect(line);
            assert_eq!(audit_task(name), number.parse().ok());
        }
        for line in FIELD_ORDER.lines() {
            assert!(parse_order(line).is_some_and(|(_, names)| names.len() > 1), "{line}");
        }
    }

    #[test]
    fn fields_come_back_into_their_order() {
        let mut data = Payload::default();
        for name in ["StartType", "Other", "ImagePath", "ServiceName"] {
            data.push(name, "");
        }
        restore_field_order("Service Control Manager", 7045, &mut data);
        let names: Vec<&str> = data.fields.iter().map(|field| field.name.as_ref()).collect();
        assert_eq!(names, ["ServiceName", "ImagePath", "StartType", "Other"]);
    }
}
