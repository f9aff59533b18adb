//! `vedette attack-coverage`.

use std::process::ExitCode;

use server::Error;

use crate::args::AttackCoverage;
use crate::output::{self, table};

pub(crate) fn run(args: &AttackCoverage) -> Result<ExitCode, Error> {
    let coverage = server::attack_coverage(&args.rules, args.workspace.as_deref())?;
    let layer = serde_json::to_string_pretty(&coverage.layer)
        .map_err(|error| Error::new(format!("failed to write the layer as JSON: {error}")))?;
    let file = args.navigator.display();
    std::fs::write(&args.navigator, layer).map_err(|error| Error::new(format!("failed to write `{file}`: {error}")))?;
    let mut shown = table::new(&["tactic", "rules", "found", "no data", "techniques"]);
    for tactic in &coverage.tactics {
        let of_workspace = |count: usize| if args.workspace.is_some() { count.to_string() } else { String::new() };
        shown.add_row([
            tactic.tactic.as_str().to_owned(),
            tactic.rules.to_string(),
            of_workspace(tactic.fired),
            of_workspace(tactic.need_data),
            table::cell(&tactic.techniques.join(", ")),
        ]);
    }
    output::text(&format!("{shown}\nLayer for the ATT&CK Navigator: {file}\n"))?;
    Ok(ExitCode::SUCCESS)
}
