//! The mix and volume of the domain's days, against the Los Alamos data.

use std::collections::BTreeMap;

use super::*;
use crate::GenerateOptions;
use crate::engine::traces_of_day;
use crate::options::{LANL_LOGONS_PER_USER_AND_DAY, ScenarioChoice};
use crate::records::Record;

/// Kinds of authentication events with their shares in thousandths (10,000 rows of the data set; 970 in all).
const MIX: [(&str, u64); 8] = [
    ("network logoff", 340),
    ("Kerberos network logon", 330),
    ("service ticket", 130),
    ("ticket-granting ticket", 60),
    ("mapping", 50),
    ("NTLM network logon", 30),
    ("batch logon", 20),
    ("interactive logon", 10),
];

/// What a Windows event counts as; `other` is further logons and logoffs, which the data set has too.
fn kind(event_id: u32, logon_type: &str, package: &str) -> Option<&'static str> {
    Some(match (event_id, logon_type) {
        (4634, "3") => "network logoff",
        (4624, "3") if package == "Kerberos" => "Kerberos network logon",
        (4624, "3") => "NTLM network logon",
        (4769, _) => "service ticket",
        (4768, _) => "ticket-granting ticket",
        (4648, _) => "mapping",
        (4624, "4") => "batch logon",
        (4624, "2") => "interactive logon",
        (4624 | 4634 | 4647 | 4771, _) => "other",
        _ => return None,
    })
}

fn tenant(users: u32, on_premises_permille: u32) -> Tenant {
    let scenarios = ScenarioChoice::None;
    Tenant::invent(&GenerateOptions { users, on_premises_permille, scenarios, ..GenerateOptions::default() })
}

/// Events of a week by kind.
fn week(tenant: &Tenant) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for behavior in all() {
        for day in 0..7 {
            for trace in traces_of_day(behavior.as_ref(), tenant, day).iter() {
                let Record::Windows(event) = &trace.record else { continue };
                let value = |name| event.value(name).unwrap_or_default();
                let kind = kind(event.layout.event_id, &value("LogonType"), &value("AuthenticationPackageName"));
                if let Some(kind) = kind {
                    *counts.entry(kind).or_default() += 1;
                }
            }
        }
    }
    counts
}

#[test]
fn the_mix_and_the_volume_are_those_of_los_alamos_within_a_quarter() {
    for (users, permille) in [(500, 100), (200, 300)] {
        let counts = week(&tenant(users, permille));
        let total: u64 = counts.values().sum();
        let shares: BTreeMap<_, _> = counts.iter().map(|(kind, count)| (*kind, 1_000 * count / total)).collect();
        for (kind, share) in MIX {
            let tenth_permille = 10_000 * counts[kind] / total;
            assert!((share * 75 / 10..=share * 125 / 10).contains(&tenth_permille), "{kind}: {shares:?}");
        }
        let wanted = LANL_LOGONS_PER_USER_AND_DAY * u64::from(permille) * u64::from(users) * 7 / 1_000;
        assert!((wanted * 3 / 4..=wanted * 5 / 4).contains(&total), "{total} of {wanted}: {shares:?}");
    }
}

#[test]
fn without_a_domain_nothing_of_it_is_logged() {
    assert!(week(&tenant(150, 0)).is_empty());
}
