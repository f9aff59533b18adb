//! The realism report of a tenant that is written to nowhere: `realism_report OUT.html USERS DAYS [ON_PREMISES_PERMILLE [none]]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool of the project")]

use generator::realism::Realism;
use generator::{GenerateOptions, NullSink, ScenarioChoice, generate_into};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, users, days, rest @ ..] = args.as_slice() else {
        return Err("usage: realism_report OUT.html USERS DAYS [ON_PREMISES_PERMILLE [none]]".into());
    };
    let mut options = GenerateOptions { users: users.parse()?, days: days.parse()?, ..GenerateOptions::default() };
    if let Some(permille) = rest.first() {
        options.on_premises_permille = permille.parse()?;
    }
    if rest.get(1).is_some_and(|choice| choice == "none") {
        options.scenarios = ScenarioChoice::None;
    }
    let realism = Realism::new(&options, &NullSink);
    generate_into(&options, &realism)?;
    let report = realism.report();
    std::fs::write(out, report.to_html())?;
    for check in &report.checks {
        let verdict = match check.holds() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "-",
        };
        let (measured, deviation) = (check.measured.unwrap_or(f64::NAN), check.deviation_percent().unwrap_or(f64::NAN));
        println!("{verdict:>4} {measured:>9.2} {deviation:>+7.0} %  {:?}  {}", check.expected, check.title);
    }
    for log in &report.logs {
        println!("{:>9} {:>7.0}  {}", log.records, log.bytes_per_record(), log.log);
    }
    println!("{} records could not be read back", report.unread);
    Ok(())
}
