//! Generated tenants for people: the attacks there are, and how they fared.

use std::fmt::Write;

use server::{CheckedScenario, CheckedTenant, ListedScenario};

use super::table;

/// Every attack with its stages and benign twins.
pub(crate) fn scenarios(scenarios: &[ListedScenario]) -> String {
    let mut text = String::new();
    for scenario in scenarios {
        let _ = writeln!(text, "{}  {} ({})", scenario.id, scenario.title, scenario.severity);
        let _ = writeln!(text, "  {}", scenario.description);
        for stage in &scenario.stages {
            let techniques = stage.techniques.join(", ");
            let found = stage.detection.map_or_else(String::new, |rule| format!("; found by `{rule}`"));
            let _ =
                writeln!(text, "  +{:>3} h  {}: {} [{techniques}]{found}", stage.after_hours, stage.id, stage.title);
        }
        for twin in &scenario.twins {
            let _ = writeln!(text, "  benign   {}: {}", twin.id, twin.description);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} scenarios", scenarios.len());
    text
}

/// How the attacks fared, and what was raised beside them.
pub(crate) fn check(tenant: &CheckedTenant) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", stages(&tenant.scenarios));
    let found = tenant.scenarios.iter().filter(|scenario| scenario.found).count();
    let stages = tenant.scenarios.iter().flat_map(|scenario| &scenario.stages);
    let (stages_found, all) = stages.fold((0, 0), |(found, all), stage| (found + usize::from(stage.found), all + 1));
    let _ = writeln!(text, "found: {found} of {} attacks, {stages_found} of {all} stages", tenant.scenarios.len());
    let percent = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0));
    let _ = writeln!(
        text,
        "incidents of attacks: {}, purity {}, completeness {}",
        tenant.incidents.len(),
        percent(tenant.purity),
        percent(tenant.completeness)
    );
    let mixed = tenant.incidents.iter().filter(|incident| incident.purity < 1.0);
    for incident in mixed {
        let share = percent(Some(incident.purity));
        let _ =
            writeln!(text, "  #{} {share} {}: {}", incident.number, incident.scenario, table::cell(&incident.title));
    }
    let wrong = &tenant.false_incidents;
    let rate = wrong.per_thousand_users_and_day;
    let _ = writeln!(text, "false incidents: {}, {rate:.2} per 1,000 users and day", wrong.count);
    for rule in &wrong.by_rule {
        let _ = writeln!(
            text,
            "  {:>4} ({:.2}) {}",
            rule.incidents,
            rule.per_thousand_users_and_day,
            table::cell(&rule.rule)
        );
    }
    for twin in &wrong.of_twins {
        let numbers: Vec<String> = twin.incidents.iter().map(|number| format!("#{number}")).collect();
        let _ = writeln!(text, "  raised by {}: {}", twin.twin, numbers.join(", "));
    }
    if tenant.rejected > 0 {
        let _ = writeln!(text, "records that found no table: {}", tenant.rejected);
    }
    text
}

fn stages(scenarios: &[CheckedScenario]) -> String {
    let mut shown = table::new(&["attack", "stage", "found", "after", "by", "incident"]);
    for scenario in scenarios {
        for (position, stage) in scenario.stages.iter().enumerate() {
            let (name, incident) = if position == 0 {
                (scenario.id.as_str(), scenario.incident.map(|number| format!("#{number}")).unwrap_or_default())
            } else {
                ("", String::new())
            };
            let by = if stage.found {
                stage.rules.join(", ")
            } else {
                stage.expected.as_ref().map_or_else(String::new, |rule| format!("not by {rule}"))
            };
            shown.add_row([
                table::cell(name),
                table::cell(&stage.id),
                if stage.found { "yes".to_owned() } else { "no".to_owned() },
                stage.seconds_to_detect.map(duration).unwrap_or_default(),
                table::cell(&by),
                incident,
            ]);
        }
    }
    shown.to_string()
}

/// `3 min`, `5.2 h`, `2.5 d`.
fn duration(seconds: i64) -> String {
    let value = seconds as f64;
    match seconds {
        ..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{:.1} h", value / 3_600.0),
        _ => format!("{:.1} d", value / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_that_fits() {
        assert_eq!([240, 5_400, 129_600].map(duration), ["4 min", "1.5 h", "1.5 d"]);
    }
}
