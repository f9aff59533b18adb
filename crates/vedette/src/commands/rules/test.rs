//! `vedette rules test`.

use std::fs;
use std::process::ExitCode;

use server::{Error, TestedRule};

use crate::args::{ReportFormat, RulesTest};
use crate::output;

pub(super) fn run(args: &RulesTest) -> Result<ExitCode, Error> {
    let tested = server::test_rules(&args.paths)?;
    if let Some(path) = &args.junit {
        let failed = |error: std::io::Error| Error::new(format!("failed to write `{}`: {error}", path.display()));
        fs::write(path, output::junit::report(&tested)).map_err(failed)?;
    }
    match args.format {
        ReportFormat::Json => output::json(&tested)?,
        ReportFormat::Table => output::text(&report(&tested))?,
    }
    Ok(if tested.iter().all(TestedRule::passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(tested: &[TestedRule]) -> String {
    let mut text = String::new();
    for rule in tested {
        let failed = rule.cases.iter().filter(|case| case.problem.is_some()).count();
        let verdict = match (&rule.problem, rule.cases.len()) {
            (Some(_), _) => "cannot be read".to_owned(),
            (None, 0) => "no tests".to_owned(),
            (None, all) if failed == 0 => format!("ok, {all} tests"),
            (None, all) => format!("{failed} of {all} tests do not hold"),
        };
        text.push_str(&format!("{}: {verdict}\n", rule.name));
        let of_cases =
            rule.cases.iter().filter_map(|case| Some(format!("`{}`: {}", case.name, case.problem.as_ref()?)));
        for problem in rule.problem.iter().cloned().chain(of_cases) {
            text.push_str(&format!("  {}\n", problem.replace('\n', "\n  ")));
        }
    }
    let cases: usize = tested.iter().map(|rule| rule.cases.len()).sum();
    let failed = tested.iter().filter(|rule| !rule.passed()).count();
    text.push_str(&format!("{} rules, {cases} tests: {failed} rules with problems\n", tested.len()));
    text
}
