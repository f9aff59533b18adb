//! Alerts in, incidents out.

use std::collections::{BTreeMap, BTreeSet};

use schema::{Alert, Entity, Incident, IncidentSettings};

use crate::disjoint_sets::DisjointSets;
use crate::grouping::group_rule;
use crate::joining::join_alerts;
use crate::scopes::Scopes;
use crate::summary::summarize;

/// What to know besides the alerts.
#[derive(Debug, Clone, Default)]
pub struct CorrelationOptions {
    infrastructure: BTreeSet<String>,
}

impl CorrelationOptions {
    /// `infrastructure` names accounts, hosts and addresses that serve everybody (a proxy, a scanner, a management server), as a
    /// person would write them; alerts that share one of them have nothing in common. Case does not matter.
    pub fn new<T: AsRef<str>>(infrastructure: impl IntoIterator<Item = T>) -> Self {
        Self { infrastructure: infrastructure.into_iter().map(|name| name.as_ref().trim().to_lowercase()).collect() }
    }

    pub(crate) fn is_infrastructure(&self, entity: &Entity) -> bool {
        let named = |name: &str| self.infrastructure.contains(&name.to_lowercase());
        named(&entity.friendly_name()) || entity.identifiers.values().any(|value| named(value))
    }
}

/// Groups alerts into incidents.
///
/// First within a rule, as its settings say (`settings` by rule id; a rule without any gets Sentinel's default, an incident an
/// alert), then across rules: alerts at most 24 hours apart that share an account, host or address belong together, unless that
/// entity is in more than 20 alerts on a day, is built in everywhere (`SYSTEM`, loopback) or is marked as infrastructure. Alerts
/// of rules that create no incident are left out. Every other alert is in exactly one incident.
///
/// Alerts of two tenants are never grouped, and joined only by a public address: accounts, hosts and private addresses mean
/// something within a tenant only. Alerts without a tenant (on-premises logs name none) belong to the only tenant where there is
/// just one; where there are several they stay among themselves, joined by names that carry a domain.
///
/// Incidents are numbered from 1 in the order of first activity.
pub fn correlate(
    alerts: &[Alert],
    settings: &BTreeMap<String, IncidentSettings>,
    options: &CorrelationOptions,
) -> Vec<Incident> {
    let default = IncidentSettings::default();
    let settings_of = |rule: &str| settings.get(rule).unwrap_or(&default);
    let mut ordered: Vec<&Alert> = alerts.iter().filter(|alert| settings_of(&alert.rule_id).create_incident).collect();
    ordered
        .sort_by(|left, right| (left.start, left.generated, &left.id).cmp(&(right.start, right.generated, &right.id)));
    ordered.dedup_by(|left, right| left.id == right.id);

    let scopes = Scopes::of(&ordered);
    let mut sets = DisjointSets::new(ordered.len());
    for ((rule, _), positions) in by_rule(&ordered, &scopes) {
        let of_rule: Vec<&Alert> = positions.iter().map(|&position| ordered[position]).collect();
        for group in group_rule(&of_rule, settings_of(rule)) {
            group.windows(2).for_each(|pair| sets.union(positions[pair[0]], positions[pair[1]]));
        }
    }
    join_alerts(&ordered, options, &scopes, &mut sets);

    let members = |set: Vec<usize>| -> Vec<&Alert> { set.into_iter().map(|position| ordered[position]).collect() };
    let mut incidents: Vec<Incident> =
        sets.into_sets().into_iter().filter_map(|set| summarize(&members(set))).collect();
    // Sets come in the order of their first alert, which began first.
    for (incident, number) in incidents.iter_mut().zip(1..) {
        incident.number = number;
    }
    incidents
}

/// Positions of each rule's alerts of a tenant in the order in which the rule made them.
fn by_rule<'a>(ordered: &[&'a Alert], scopes: &Scopes<'a>) -> BTreeMap<(&'a str, Option<&'a str>), Vec<usize>> {
    let mut by_rule: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (position, alert) in ordered.iter().enumerate() {
        by_rule.entry((&alert.rule_id, scopes.tenant(alert))).or_default().push(position);
    }
    for positions in by_rule.values_mut() {
        positions.sort_by_key(|&position| (ordered[position].generated, position));
    }
    by_rule
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;
    use schema::{AlertQuery, EntityKind, Grouping, MatchingMethod, Severity, Tactic};

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_600_000_000 + hours * 3_600, 0).expect("in range")
    }

    fn alert(id: &str, rule: &str, hours: i64, entities: &[Option<Entity>]) -> Alert {
        Alert {
            id: id.to_owned(),
            rule_id: rule.to_owned(),
            tenant: None,
            rule_name: format!("Rule {rule}"),
            rule_version: None,
            display_name: format!("Rule {rule}"),
            description: format!("about {id}"),
            severity: Severity::Low,
            tactics: vec![Tactic::InitialAccess],
            techniques: vec!["T1110".to_owned()],
            sub_techniques: Vec::new(),
            entities: entities.iter().flatten().cloned().collect(),
            start: at(hours),
            end: at(hours),
            generated: at(hours + 1),
            updated: at(hours + 1),
            custom_details: BTreeMap::new(),
            query: AlertQuery::default(),
            overrides: BTreeMap::new(),
            events: Vec::new(),
            event_count: 1,
            remediation: Vec::new(),
        }
    }

    fn groups(alerts: &[Alert]) -> Vec<Vec<String>> {
        groups_with(alerts, &BTreeMap::new(), &CorrelationOptions::default())
    }

    fn groups_with(
        alerts: &[Alert],
        settings: &BTreeMap<String, IncidentSettings>,
        options: &CorrelationOptions,
    ) -> Vec<Vec<String>> {
        correlate(alerts, settings, options).into_iter().map(|incident| incident.alert_ids).collect()
    }

    fn grouping(matching: MatchingMethod) -> BTreeMap<String, IncidentSettings> {
        let grouping = Grouping {
            reopen_closed_incident: false,
            lookback: TimeDelta::hours(5),
            matching,
            by_entities: vec![EntityKind::Url],
            by_alert_details: Vec::new(),
            by_custom_details: Vec::new(),
        };
        BTreeMap::from([("r".to_owned(), IncidentSettings { create_incident: true, grouping: Some(grouping) })])
    }

    fn url(address: &str) -> Option<Entity> {
        Entity::new(EntityKind::Url, [("Url", address)])
    }

    #[test]
    fn an_alert_makes_its_own_incident_by_default() {
        assert_eq!(groups(&[alert("a", "r", 0, &[url("x")]), alert("b", "r", 0, &[url("x")])]), [["a"], ["b"]]);
    }

    #[test]
    fn alerts_of_different_rules_join_by_account_host_or_address() {
        for entity in [Entity::account("a@b.c"), Entity::host("dc1.b.c"), Entity::ip("203.0.113.7")] {
            let alerts =
                [alert("a", "r", 0, std::slice::from_ref(&entity)), alert("b", "s", 24, std::slice::from_ref(&entity))];
            assert_eq!(groups(&alerts), [["a", "b"]], "{entity:?}");
            let later =
                [alert("a", "r", 0, std::slice::from_ref(&entity)), alert("b", "s", 25, std::slice::from_ref(&entity))];
            assert_eq!(groups(&later), [["a"], ["b"]], "{entity:?}");
        }
    }

    #[test]
    fn a_long_alert_is_near_to_what_follows_its_end() {
        let mut long = alert("a", "r", 0, &[Entity::ip("203.0.113.7")]);
        long.end = at(30);
        let alerts =
            [long, alert("b", "r", 1, &[Entity::ip("203.0.113.7")]), alert("c", "s", 50, &[Entity::ip("203.0.113.7")])];
        assert_eq!(groups(&alerts), [["a", "b", "c"]]);
    }

    #[test]
    fn joining_reaches_through_alerts_between() {
        let alerts = [
            alert("a", "r", 0, &[Entity::ip("203.0.113.7")]),
            alert("b", "s", 20, &[Entity::ip("203.0.113.7"), Entity::account("a@b.c")]),
            alert("c", "t", 40, &[Entity::account("A@B.C"), Entity::host("h.b.c")]),
            alert("d", "t", 60, &[Entity::host("other.b.c")]),
        ];
        assert_eq!(groups(&alerts), [vec!["a", "b", "c"], vec!["d"]]);
    }

    #[test]
    fn what_everybody_has_joins_nothing() {
        for entity in [
            Entity::ip("127.0.0.1"),
            Entity::ip("::1"),
            Entity::account("NT AUTHORITY\\SYSTEM"),
            Entity::account("NT AUTHORITY\\ANONYMOUS LOGON"),
            Entity::account("bob"),
            url("https://example.com"),
        ] {
            let alerts =
                [alert("a", "r", 0, std::slice::from_ref(&entity)), alert("b", "s", 1, std::slice::from_ref(&entity))];
            assert_eq!(groups(&alerts), [["a"], ["b"]], "{entity:?}");
        }
    }

    #[test]
    fn infrastructure_joins_nothing() {
        let alerts = [
            alert("a", "r", 0, &[Entity::ip("203.0.113.7"), Entity::account("CORP\\scanner")]),
            alert("b", "s", 1, &[Entity::ip("203.0.113.7"), Entity::account("CORP\\scanner")]),
        ];
        let options = CorrelationOptions::new(["203.0.113.7", "corp\\Scanner"]);
        assert_eq!(groups_with(&alerts, &BTreeMap::new(), &options), [["a"], ["b"]]);
    }

    #[test]
    fn an_entity_in_more_than_20_alerts_a_day_joins_nothing() {
        let make = |count: i64| -> Vec<Alert> {
            let entities = [Entity::ip("203.0.113.7")];
            (0..count)
                .map(|number| alert(&format!("{number:02}"), &format!("r{number}"), number % 5, &entities))
                .collect()
        };
        assert_eq!(groups(&make(20)).len(), 1);
        assert_eq!(groups(&make(21)).len(), 21);
    }

    #[test]
    fn a_rule_groups_its_alerts_as_it_says() {
        let alerts = [
            alert("a", "r", 0, &[url("x")]),
            alert("b", "r", 4, &[url("x")]),
            alert("c", "r", 4, &[url("y")]),
            alert("d", "r", 6, &[url("x")]),
            alert("e", "r", 6, &[]),
        ];
        let with = |matching| groups_with(&alerts, &grouping(matching), &CorrelationOptions::default());
        assert_eq!(with(MatchingMethod::AllEntities), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
        assert_eq!(with(MatchingMethod::AnyAlert), [vec!["a", "b", "c"], vec!["d", "e"]]);
        assert_eq!(with(MatchingMethod::Selected), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
    }

    fn of_tenant(tenant: &str, mut alert: Alert) -> Alert {
        alert.tenant = (!tenant.is_empty()).then(|| tenant.to_owned());
        alert
    }

    #[test]
    fn two_tenants_share_only_public_addresses() {
        for (entity, joined) in [
            (Entity::account("a@b.c"), false),
            (Entity::account("CORP\\ann"), false),
            (Entity::host("dc1.b.c"), false),
            (Entity::ip("10.0.0.7"), false),
            (Entity::ip("203.0.113.7"), true),
            (Entity::ip("2001:4860::8"), true),
            (Entity::ip("fd00::8"), false),
        ] {
            let entities = std::slice::from_ref(&entity);
            let alerts = [of_tenant("t1", alert("a", "r", 0, entities)), of_tenant("t2", alert("b", "s", 1, entities))];
            assert_eq!(groups(&alerts).len() == 1, joined, "{entity:?}");
            let same = [of_tenant("t1", alert("a", "r", 0, entities)), of_tenant("t1", alert("b", "s", 1, entities))];
            assert_eq!(groups(&same), [["a", "b"]], "{entity:?}");
        }
    }

    #[test]
    fn a_rule_groups_the_alerts_of_two_tenants_apart() {
        let alerts = [of_tenant("t1", alert("a", "r", 0, &[])), of_tenant("t2", alert("b", "r", 1, &[]))];
        let found = groups_with(&alerts, &grouping(MatchingMethod::AnyAlert), &CorrelationOptions::default());
        assert_eq!(found, [["a"], ["b"]]);
    }

    #[test]
    fn on_premises_alerts_belong_to_the_only_tenant() {
        let entities = [Entity::account("a@b.c")];
        let alerts = [of_tenant("t1", alert("a", "r", 0, &entities)), of_tenant("", alert("b", "s", 1, &entities))];
        assert_eq!(groups(&alerts), [["a", "b"]]);
        let other = of_tenant("t2", alert("c", "s", 90, &[]));
        let several = [alerts[0].clone(), alerts[1].clone(), other];
        assert_eq!(groups(&several), [["a"], ["b"], ["c"]], "nobody can say whose it is");
    }

    #[test]
    fn on_premises_alerts_stay_apart_by_domain_where_there_are_several_tenants() {
        let several = [of_tenant("t1", alert("x", "r", 500, &[])), of_tenant("t2", alert("y", "r", 600, &[]))];
        for (entity, joined) in [
            (Entity::host("dc1.b.c"), true),
            (Entity::account("CORP\\ann"), true),
            (Entity::host("dc1"), false),
            (Entity::ip("10.0.0.7"), false),
        ] {
            let entities = std::slice::from_ref(&entity);
            let mut alerts = vec![alert("a", "r", 0, entities), alert("b", "s", 1, entities)];
            alerts.extend(several.clone());
            assert_eq!(groups(&alerts)[0].len() == 2, joined, "{entity:?}");
        }
    }

    #[test]
    fn an_incident_names_the_tenants_of_its_alerts() {
        let entities = [Entity::ip("203.0.113.7")];
        let alerts = [of_tenant("t2", alert("a", "r", 0, &entities)), of_tenant("t1", alert("b", "s", 1, &entities))];
        let incident = correlate(&alerts, &BTreeMap::new(), &CorrelationOptions::default()).remove(0);
        assert_eq!(incident.tenants, ["t1", "t2"]);
    }

    #[test]
    fn a_group_takes_150_alerts() {
        let alerts: Vec<Alert> = (0..151).map(|number| alert(&format!("{number:03}"), "r", 0, &[])).collect();
        let sizes: Vec<usize> =
            groups_with(&alerts, &grouping(MatchingMethod::AnyAlert), &CorrelationOptions::default())
                .iter()
                .map(Vec::len)
                .collect();
        assert_eq!(sizes, [150, 1]);
    }

    #[test]
    fn a_rule_can_make_no_incidents() {
        let settings = BTreeMap::from([("r".to_owned(), IncidentSettings { create_incident: false, grouping: None })]);
        let alerts = [alert("a", "r", 0, &[Entity::account("a@b.c")]), alert("b", "s", 0, &[Entity::account("a@b.c")])];
        assert_eq!(groups_with(&alerts, &settings, &CorrelationOptions::default()), [["b"]]);
    }

    #[test]
    fn an_incident_speaks_of_its_most_severe_alert() {
        let mut first = alert("a", "r", 0, &[Entity::ip("203.0.113.7"), Entity::account("a@b.c")]);
        first.techniques = vec!["T1078".to_owned()];
        let mut severe = alert("b", "s", 3, &[Entity::ip("203.0.113.9"), Entity::account("a@b.c")]);
        severe.severity = Severity::High;
        severe.tactics = vec![Tactic::Exfiltration];
        let incident = correlate(&[severe, first], &BTreeMap::new(), &CorrelationOptions::default()).remove(0);
        assert_eq!(incident.title, "Rule s involving a@b.c");
        assert_eq!((incident.severity, incident.number, incident.status.as_str()), (Severity::High, 1, "New"));
        assert_eq!(incident.tactics, [Tactic::InitialAccess, Tactic::Exfiltration]);
        assert_eq!(incident.techniques, ["T1078", "T1110"]);
        assert_eq!(incident.entities.len(), 3);
        assert_eq!((incident.first_activity, incident.last_activity), (at(0), at(3)));
        assert_eq!(incident.rule_ids, ["r", "s"]);
    }

    #[test]
    fn an_account_known_by_two_identities_is_one_entity_of_the_incident() {
        let by_name = Entity::account("a@b.c");
        let by_both = Entity::new(EntityKind::Account, [("FullName", "A@b.c"), ("AadUserId", "11-22")]);
        let alerts = [alert("a", "r", 0, &[by_name]), alert("b", "s", 1, &[by_both])];
        let incident = correlate(&alerts, &BTreeMap::new(), &CorrelationOptions::default()).remove(0);
        assert_eq!(incident.entities.len(), 1);
        assert_eq!(incident.entities[0].identifier("AadUserId"), Some("11-22"));
    }

    #[test]
    fn a_title_does_not_say_the_same_twice() {
        let mut named = alert("a", "r", 0, &[Entity::account("a@b.c")]);
        named.display_name = "Spray against A@B.C".to_owned();
        let incident = correlate(&[named], &BTreeMap::new(), &CorrelationOptions::default()).remove(0);
        assert_eq!(incident.title, "Spray against A@B.C");
    }

    /// Rule, hour, address, account of an alert.
    type Sketch = (u8, i64, u8, u8);

    fn drawn(sketches: &[Sketch]) -> Vec<Alert> {
        let draw = |(number, (rule, hours, address, account)): (usize, &Sketch)| {
            let entities = [Entity::ip(&format!("10.0.0.{address}")), Entity::account(&format!("user{account}@b.c"))];
            alert(&format!("{number:03}"), &format!("r{rule}"), *hours, &entities)
        };
        sketches.iter().enumerate().map(draw).collect()
    }

    fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
        prop::collection::vec((0_u8..4, 0_i64..200, 0_u8..8, 0_u8..8), 0..40)
    }

    proptest! {
        #[test]
        fn the_order_of_alerts_does_not_matter(sketches in sketches(), seed in any::<u64>()) {
            let alerts = drawn(&sketches);
            let mut shuffled = alerts.clone();
            shuffled.sort_by_key(|alert| alert.id.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)));
            let mut settings = grouping(MatchingMethod::AllEntities);
            settings.insert("r1".to_owned(), settings["r"].clone());
            settings.insert("r2".to_owned(), IncidentSettings { create_incident: false, grouping: None });
            let options = CorrelationOptions::default();
            prop_assert_eq!(correlate(&alerts, &settings, &options), correlate(&shuffled, &settings, &options));
        }

        #[test]
        fn every_alert_is_in_exactly_one_incident(sketches in sketches()) {
            let alerts = drawn(&sketches);
            let mut settings = grouping(MatchingMethod::AnyAlert);
            settings.insert("r1".to_owned(), settings["r"].clone());
            settings.insert("r2".to_owned(), IncidentSettings { create_incident: false, grouping: None });
            let mut found: Vec<String> = correlate(&alerts, &settings, &CorrelationOptions::default()).into_iter().flat_map(|incident| incident.alert_ids).collect();
            found.sort();
            let wanted: Vec<String> = alerts.iter().filter(|alert| alert.rule_id != "r2").map(|alert| alert.id.clone()).collect();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn near_alerts_that_share_an_entity_are_together(sketches in sketches()) {
            let alerts = drawn(&sketches);
            let incidents = correlate(&alerts, &BTreeMap::new(), &CorrelationOptions::default());
            let incident_of = |alert: &Alert| incidents.iter().find(|incident| incident.alert_ids.contains(&alert.id)).map(|incident| incident.number);
            let by_day = |of: &dyn Fn(&Alert) -> bool| {
                let mut days: BTreeMap<_, usize> = BTreeMap::new();
                alerts.iter().filter(|alert| of(alert)).for_each(|alert| *days.entry(alert.start.date_naive()).or_default() += 1);
                days.into_values().max().unwrap_or(0)
            };
            for (left, right) in alerts.iter().flat_map(|left| alerts.iter().map(move |right| (left, right))) {
                let shared = left.entities.iter().any(|entity| right.entities.contains(entity) && by_day(&|alert| alert.entities.contains(entity)) <= 20);
                if shared && (left.start - right.start).abs() <= TimeDelta::hours(24) {
                    prop_assert_eq!(incident_of(left), incident_of(right));
                }
            }
        }
    }
}
