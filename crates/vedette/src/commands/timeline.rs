//! `vedette timeline`.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use chrono::SecondsFormat;
use server::{Error, TimelineEvent, TimelineRequest};

use crate::args::{EventsFormat, Timeline};
use crate::output::rows::csv_field;
use crate::output::{self, table};

pub(crate) fn run(args: &Timeline) -> Result<ExitCode, Error> {
    let request = TimelineRequest {
        workspace: args.workspace.workspace.clone(),
        entity: args.entity.clone(),
        incident: args.incident.clone(),
        since: args.since,
        until: args.until,
    };
    let timeline = server::timeline(&request)?;
    if timeline.cut > 0 {
        output::warning(&format!(
            "warning: the timeline is cut: {} events are left out; narrow it with --since and --until\n",
            timeline.cut
        ));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = match args.format {
        EventsFormat::Table => for_people(&mut out, &timeline),
        EventsFormat::Csv => csv(&mut out, &timeline.events),
        EventsFormat::Jsonl => jsonl(&mut out, &timeline.events),
    };
    output::done(outcome.and_then(|()| out.flush()))?;
    Ok(ExitCode::SUCCESS)
}

fn for_people(out: &mut impl Write, timeline: &server::Timeline) -> io::Result<()> {
    let mut shown = table::new(&["time", "table", "what happened", "source"]);
    for event in &timeline.events {
        let offset = event.source_offset.map(|offset| format!(":{offset}")).unwrap_or_default();
        shown.add_row([
            event.time.format("%Y-%m-%d %H:%M:%SZ").to_string(),
            table::cell(&event.table),
            table::cell(&event.description),
            table::cell(&format!("{}{offset}", event.source_file)),
        ]);
    }
    let names: Vec<String> = timeline.identifiers.iter().map(|name| table::cell(name)).collect();
    writeln!(out, "Events that name {}", names.join(", "))?;
    writeln!(out, "{shown}")?;
    let tables: Vec<String> = timeline.tables.iter().map(|table| format!("{} {}", table.events, table.table)).collect();
    writeln!(out, "{} events: {}", timeline.events.len(), tables.join(", "))
}

fn csv(out: &mut impl Write, events: &[TimelineEvent]) -> io::Result<()> {
    writeln!(out, "time,table,description,fields,source_file,source_offset")?;
    for event in events {
        let offset = event.source_offset.map(|offset| offset.to_string()).unwrap_or_default();
        let cells = [
            event.time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            event.table.clone(),
            event.description.clone(),
            fields(event),
            event.source_file.clone(),
            offset,
        ];
        writeln!(out, "{}", cells.map(|cell| csv_field(&harmless(cell))).join(","))?;
    }
    Ok(())
}

/// Spreadsheets run cells that begin like a formula; text from logs may be an attacker's.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn jsonl(out: &mut impl Write, events: &[TimelineEvent]) -> io::Result<()> {
    for event in events {
        serde_json::to_writer(&mut *out, event).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

fn fields(event: &TimelineEvent) -> String {
    event.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_text() {
        assert_eq!(harmless("=HYPERLINK(1)".to_owned()), "'=HYPERLINK(1)");
        assert_eq!(harmless("ann: signed in".to_owned()), "ann: signed in");
    }
}
