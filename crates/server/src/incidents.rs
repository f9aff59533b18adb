//! The incidents of a workspace.

use std::path::Path;

use crate::findings::Findings;
use crate::investigation::IncidentSummary;
use crate::summaries::{incident_summary, sort_incidents};
use crate::{Error, Session};

/// All incidents that stand, most severe first.
pub fn incidents(workspace: &Path) -> Result<Vec<IncidentSummary>, Error> {
    let findings = read(workspace)?;
    let mut found: Vec<_> = findings
        .open_incidents()
        .map(|incident| (incident.severity, incident_summary(incident, &findings.alerts)))
        .collect();
    sort_incidents(&mut found);
    Ok(found.into_iter().map(|(_, incident)| incident).collect())
}

/// The incident of that number or id.
pub fn incident(workspace: &Path, id: &str) -> Result<IncidentSummary, Error> {
    let findings = read(workspace)?;
    let is_wanted = |number: u32, name: &str| number.to_string() == id || name.eq_ignore_ascii_case(id);
    let found = findings.incidents.values().find(|incident| is_wanted(incident.number, &incident.id));
    found.map(|incident| incident_summary(incident, &findings.alerts)).ok_or_else(|| {
        Error::new(format!("no incident `{id}` in `{}`", workspace.display()))
            .with_hint("`vedette incidents list` shows numbers and titles")
    })
}

fn read(workspace: &Path) -> Result<Findings, Error> {
    let session = Session::open(workspace)?;
    let catalog = session.catalog()?;
    Findings::read(&session, &catalog)
}
