//! A generated tenant through the decoders: each record of each form must get its place, and what logs say of each other must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::DateTime;
use generator::{Clock, Envelope, GenerateOptions, LiveFolder, Rate, Truth, generate, play};
use ingest::{Feed, IngestError, IngestOptions, IngestReport, MemorySink, NoProgress, ingest, ingest_feed};

/// A table, its column that refers, and the tables and columns referred to.
type Reference = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Logs whose records are rows of other tables than the one of the log's name.
const TABLES_OF_LOGS: [(&str, &[&str]); 21] = [
    ("SignInLogs", &["SigninLogs"]),
    ("NonInteractiveUserSignInLogs", &["AADNonInteractiveUserSignInLogs"]),
    ("ServicePrincipalSignInLogs", &["AADServicePrincipalSignInLogs"]),
    ("ManagedIdentitySignInLogs", &["AADManagedIdentitySignInLogs"]),
    ("UnifiedAudit", &["OfficeActivity"]),
    ("WindowsSecurity", &["SecurityEvent"]),
    ("WindowsSystem", &["Event"]),
    ("ProvisioningLogs", &["AADProvisioningLogs"]),
    ("RiskyUsers", &["AADRiskyUsers"]),
    ("UserRiskEvents", &["AADUserRiskEvents"]),
    ("RiskyServicePrincipals", &["AADRiskyServicePrincipals"]),
    ("ServicePrincipalRiskEvents", &["AADServicePrincipalRiskEvents"]),
    ("AdUsers", &["DirectoryObjects", "IdentityInfo"]),
    ("AdGroups", &["DirectoryObjects"]),
    ("AdComputers", &["DirectoryObjects"]),
    ("AdDomains", &["DirectoryObjects"]),
    ("EntraUsers", &["DirectoryObjects", "IdentityInfo"]),
    ("EntraGroups", &["DirectoryObjects"]),
    ("EntraDevices", &["DirectoryObjects"]),
    ("EntraServicePrincipals", &["DirectoryObjects"]),
    // Who has a role is a membership.
    ("EntraRoles", &[]),
];
/// Tables with a row for each link between two records, or none.
const LINKS: [&str; 2] = ["DirectoryMemberships", "DirectoryRelationships"];
/// Column of a table, and the columns of which one must hold each of its values.
const REFERENCES: [Reference; 14] = [
    ("OfficeActivity", "InterSystemsId", &[("SigninLogs", "CorrelationId"), ("AuditLogs", "CorrelationId")]),
    ("SigninLogs", "UserId", &[("IdentityInfo", "AccountObjectId")]),
    ("AADNonInteractiveUserSignInLogs", "UserId", &[("IdentityInfo", "AccountObjectId")]),
    ("AADServicePrincipalSignInLogs", "ServicePrincipalId", &[("DirectoryObjects", "ObjectId")]),
    ("AADManagedIdentitySignInLogs", "ServicePrincipalId", &[("DirectoryObjects", "ObjectId")]),
    ("AADUserRiskEvents", "CorrelationId", &[("SigninLogs", "CorrelationId")]),
    ("AADUserRiskEvents", "RequestId", &[("SigninLogs", "OriginalRequestId"), ("SigninLogs", "Id")]),
    ("AADRiskyUsers", "Id", &[("IdentityInfo", "AccountObjectId")]),
    ("MicrosoftGraphActivityLogs", "SignInActivityId", &TOKENS),
    ("EmailAttachmentInfo", "NetworkMessageId", &[("EmailEvents", "NetworkMessageId")]),
    ("EmailUrlInfo", "NetworkMessageId", &[("EmailEvents", "NetworkMessageId")]),
    ("UrlClickEvents", "NetworkMessageId", &[("EmailEvents", "NetworkMessageId")]),
    ("AlertEvidence", "AlertId", &[("AlertInfo", "AlertId")]),
    ("AlertInfo", "AlertId", &[("AlertEvidence", "AlertId")]),
];
/// Where tokens are given out.
const TOKENS: [(&str, &str); 4] = [
    ("SigninLogs", "UniqueTokenIdentifier"),
    ("AADNonInteractiveUserSignInLogs", "UniqueTokenIdentifier"),
    ("AADServicePrincipalSignInLogs", "UniqueTokenIdentifier"),
    ("AADManagedIdentitySignInLogs", "UniqueTokenIdentifier"),
];

struct Decoded {
    truth: Truth,
    report: IngestReport,
    sink: MemorySink,
}

fn options(envelope: Envelope) -> GenerateOptions {
    // The fourth day of a mixed tenant is the one with the portal's forms.
    GenerateOptions { users: 150, days: 4, envelope, ..GenerateOptions::default() }
}

/// A small tenant, written by this and read again.
fn decoded(write: impl FnOnce(&Path) -> Truth) -> Decoded {
    let folder = tempfile::tempdir().unwrap();
    let truth = write(folder.path());
    let paths: Vec<_> = truth.files.iter().map(|file| folder.path().join(&file.path)).collect();
    let sink = MemorySink::new();
    let report = ingest(&paths, &IngestOptions::new(DateTime::UNIX_EPOCH), &sink, &NoProgress).unwrap();
    Decoded { truth, report, sink }
}

impl Decoded {
    fn texts(&self, table: &str, column: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for batch in self.sink.batches(table) {
            let column = batch.column_by_name(column).unwrap_or_else(|| panic!("`{table}` has no `{column}`"));
            let options = FormatOptions::default();
            let format = ArrayFormatter::try_new(column.as_ref(), &options).unwrap();
            texts.extend((0..column.len()).map(|row| format.value(row).to_string()));
        }
        texts
    }

    /// What is wrong, in words.
    fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> =
            self.report.errors.iter().map(|group| format!("{group:?}").chars().take(300).collect()).collect();
        faults.extend(self.wrong_counts());
        faults.extend(self.unresolved());
        faults.extend(self.ends_without_begin());
        faults
    }

    /// Sessions on Windows computers that end and never began; those of the first day may have begun before.
    fn ends_without_begin(&self) -> Option<String> {
        let columns = ["EventID", "Computer", "TargetLogonId", "TimeGenerated"];
        let [events, computers, sessions, times] = columns.map(|column| self.texts("SecurityEvent", column));
        let key = |row: usize| (computers[row].as_str(), sessions[row].as_str());
        let events = &events;
        let of = |id: &'static str| (0..events.len()).filter(move |row| events[*row] == id);
        let begun: BTreeSet<_> = of("4624").map(key).collect();
        if of("4634").next().is_none() {
            return Some("no session ends".to_owned());
        }
        let first_day = &times.iter().min()?[..10];
        let lost: Vec<_> = of("4634")
            .filter(|row| !times[*row].starts_with(first_day) && !begun.contains(&key(*row)))
            .map(key)
            .collect();
        lost.first().map(|first| format!("{} sessions end that never began, such as {first:?}", lost.len()))
    }

    fn wrong_counts(&self) -> Vec<String> {
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for (log, count) in &self.truth.counts {
            let named = TABLES_OF_LOGS.iter().find(|(name, _)| name == log).map(|(_, tables)| *tables);
            for table in named.unwrap_or(&[log.as_str()]) {
                *expected.entry(table).or_default() += count;
            }
        }
        let found = |table: &str| self.report.tables.get(table).copied().unwrap_or(0);
        let others = ["IngestedFiles", "IngestionErrors"].into_iter().chain(LINKS).collect::<Vec<_>>();
        let is_unexpected =
            |table: &&String| !expected.contains_key(table.as_str()) && !others.contains(&table.as_str());
        let unexpected = self.report.tables.keys().filter(is_unexpected);
        let unexpected =
            unexpected.map(|table| format!("{} rows of `{table}`, which nothing was meant for", found(table)));
        let wrong = expected.iter().filter(|(table, count)| found(table) != **count);
        let wrong = wrong.map(|(table, count)| format!("{} rows of `{table}` from {count} records", found(table)));
        let repeated = (self.report.duplicates != self.truth.repetitions)
            .then(|| format!("{} duplicates of {} repetitions", self.report.duplicates, self.truth.repetitions));
        let unlinked = LINKS.into_iter().filter(|table| found(table) == 0).map(|table| format!("no row of `{table}`"));
        unexpected.chain(unlinked).chain(wrong).chain(repeated).collect()
    }

    fn unresolved(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (table, column, targets) in REFERENCES {
            let known: BTreeSet<String> =
                targets.iter().flat_map(|(table, column)| self.texts(table, column)).collect();
            let values = self.texts(table, column);
            let lost: Vec<&String> =
                values.iter().filter(|value| !value.is_empty() && !known.contains(value.as_str())).collect();
            if let Some(first) = lost.first() {
                faults.push(format!(
                    "{} of {} `{table}.{column}` lead nowhere, such as `{first}`",
                    lost.len(),
                    values.len()
                ));
            }
        }
        faults
    }
}

#[test]
fn every_generated_record_gets_its_place_whatever_its_form() {
    let mut faults = Vec::new();
    for (name, envelope) in Envelope::ALL {
        let found = decoded(|folder| generate(&options(envelope), folder).unwrap()).faults();
        faults.extend(found.into_iter().map(|fault| format!("in the form `{name}`: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Always says that enough time has passed.
struct NoTime;

impl Clock for NoTime {
    fn wait_until(&mut self, _: Duration) {}
}

#[test]
fn a_played_tenant_is_read_like_a_written_one() {
    let faults = decoded(|folder| {
        let mut live = LiveFolder::open(folder).unwrap();
        play(&options(Envelope::Mixed), Rate::Times(1), &mut NoTime, &mut live).unwrap()
    })
    .faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn texts_that_are_fed_are_read_like_files() {
    let folder = tempfile::tempdir().unwrap();
    generate(&options(Envelope::Mixed), folder.path()).unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in Truth::read(folder.path()).unwrap().files {
        // Plain files, whose bytes are the text.
        if !file.path.ends_with(".gz") && !file.path.ends_with(".zip") {
            paths.push(folder.path().join(file.path));
        }
    }
    paths.sort();
    let options = IngestOptions::new(DateTime::UNIX_EPOCH);
    let by_files = ingest(&paths, &options, &MemorySink::new(), &NoProgress).unwrap();
    let give = |feed: &Feed| -> Result<(), IngestError> {
        for path in &paths {
            let mut text = feed.begin(&path.display().to_string());
            for part in std::fs::read(path).unwrap().chunks(10_007) {
                text.feed(part);
                feed.take(&mut text)?;
            }
            feed.end(text)?;
        }
        Ok(())
    };
    let ((), fed) = ingest_feed(&options, &MemorySink::new(), give).unwrap();
    assert!(fed.files.len() > 3);
    assert_eq!(fed, by_files);
}
