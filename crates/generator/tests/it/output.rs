//! A sink that reads back what it is given, with nothing of the crate's own knowledge.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex};

use chrono::{DateTime, NaiveDateTime, Utc};
use generator::realism::{Realism, RealismReport};
use generator::{FileAbout, GenerateError, GenerateOptions, Sink, SinkFile, Truth, generate_into};
use serde_json::Value;

/// What was read back.
#[derive(Default)]
pub(crate) struct Output {
    /// Records by log, as the truth file names logs, and id: how many.
    pub(crate) records: HashMap<(String, String), u64>,
    /// Records by file.
    pub(crate) files: BTreeMap<String, u64>,
    /// Hashes of all values that may name a record.
    identifiers: HashSet<u64>,
    pub(crate) first: Option<DateTime<Utc>>,
    pub(crate) last: Option<DateTime<Utc>>,
    /// Records that arrive before they happen.
    pub(crate) early: Vec<String>,
}

impl Output {
    /// Whether some record has `id`, or the parts of which it is made.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        let known = |id: &str| self.identifiers.contains(&hash(id));
        // Rows without an identifier of their own have a counter behind that of what they belong to.
        known(id) || id.split('/').filter(|part| part.parse::<u32>().is_err()).all(known)
    }
}

/// A tenant with what was read back of it.
pub(crate) struct Tenant {
    pub(crate) truth: Truth,
    pub(crate) output: Output,
    pub(crate) report: RealismReport,
}

/// The tenant that is measured.
pub(crate) static WEEK: LazyLock<Tenant> = LazyLock::new(|| read_back(&super::week()));

/// The smallest tenant, with all attacks.
pub(crate) static SMALL: LazyLock<Tenant> = LazyLock::new(|| read_back(&super::small()));

/// Generates the tenant of `options` and reads every record back.
pub(crate) fn read_back(options: &GenerateOptions) -> Tenant {
    let reader = Reader::default();
    let realism = Realism::new(options, &reader);
    let truth = generate_into(options, &realism).unwrap();
    let report = realism.report();
    drop(realism);
    let output = std::mem::take(&mut *reader.0.lock().unwrap());
    Tenant { truth, output, report }
}

#[derive(Default)]
struct Reader(Arc<Mutex<Output>>);

struct ReadFile {
    path: String,
    header: Option<csv::StringRecord>,
    output: Arc<Mutex<Output>>,
}

impl Sink for Reader {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let csv = about.path.ends_with(".csv");
        let header = csv.then(|| csv_row(about.framing.open.trim_start_matches('\u{feff}')));
        let (path, output) = (about.path.clone(), Arc::clone(&self.0));
        assert_eq!(output.lock().unwrap().files.insert(path.clone(), 0), None, "{path} is opened twice");
        Ok(Box::new(ReadFile { path, header, output }))
    }
}

impl SinkFile for ReadFile {
    fn record(&mut self, arrival: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        let (value, is_json) = match &self.header {
            Some(header) => (table_row(header, record), false),
            None if record.starts_with('{') => (serde_json::from_str(record).expect(record), true),
            None => (Value::from(record), false),
        };
        let seen = seen(&self.path, &value);
        let mut output = self.output.lock().unwrap();
        *output.files.get_mut(&self.path).unwrap() += 1;
        if let Some(time) = seen.time {
            output.first = Some(output.first.map_or(time, |first| first.min(time)));
            output.last = Some(output.last.map_or(time, |last| last.max(time)));
            if time > arrival {
                output.early.push(format!("{} {} {time}", seen.log, seen.id));
            }
        }
        output.identifiers.insert(hash(&seen.id));
        if is_json {
            identifiers(&value, 3, &mut output.identifiers);
        } else if self.header.is_none() {
            let fields = record.split(' ').filter_map(|field| field.split_once('='));
            output.identifiers.extend(fields.map(|(_, value)| hash(value)));
        }
        *output.records.entry((seen.log, seen.id)).or_default() += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        Ok(())
    }
}

/// One record of a log, whatever its envelope.
struct Seen {
    log: String,
    id: String,
    time: Option<DateTime<Utc>>,
}

fn seen(path: &str, value: &Value) -> Seen {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let time = |value: &Value| text(value).parse::<DateTime<Utc>>().ok();
    let whole = || hash(&value.to_string()).to_string();
    let properties = value.get("properties").unwrap_or(value);
    if let Some(audit) = value.get("AuditData") {
        let audit: Value = serde_json::from_str(audit.as_str().unwrap()).unwrap();
        return seen(path, &audit);
    }
    let (log, id, time) = if value.get("CreationTime").is_some() {
        let time = format!("{}Z", text(&value["CreationTime"])).parse().ok();
        ("UnifiedAudit".to_owned(), text(&value["Id"]), time)
    } else if let Some(winlog) = value.get("winlog") {
        let id = format!("{}/{}/{}", text(&winlog["computer_name"]), text(&winlog["channel"]), winlog["record_id"]);
        (format!("Windows{}", text(&winlog["channel"])), id, time(&value["@timestamp"]))
    } else if value.get("RecordNumber").is_some() {
        let id = format!("{}/{}/{}", text(&value["Hostname"]), text(&value["Channel"]), value["RecordNumber"]);
        (format!("Windows{}", text(&value["Channel"])), id, time(&value["@timestamp"]))
    } else if let Some(at) = value.get("CreatedDateTime [UTC]") {
        (text(&value["Category"]), text(&value["Id"]), portal_time(&text(at)))
    } else if path.starts_with("directory/") {
        (directory_log(path), whole(), None)
    } else if let Some(table) = value["category"].as_str().and_then(|name| name.strip_prefix("AdvancedHunting-")) {
        (table.to_owned(), whole(), time(&properties["Timestamp"]))
    } else if path.starts_with("azure/activity") {
        ("AzureActivity".to_owned(), whole(), time(&value["time"]))
    } else if path.starts_with("azure/resources") {
        ("AzureDiagnostics".to_owned(), whole(), time(&value["time"]))
    } else if path.starts_with("proxy/") {
        ("CommonSecurityLog".to_owned(), whole(), None)
    } else if value.get("TimeGenerated").is_some() {
        (text(&value["Type"]), whole(), time(&value["TimeGenerated"]))
    } else if let Some(category) = value.get("category") {
        let at = [&properties["createdDateTime"], &properties["activityDateTime"], &value["time"]];
        let id = properties["id"].as_str().map_or_else(whole, str::to_owned);
        (text(category), id, at.into_iter().find_map(time))
    } else {
        ("SignInLogs".to_owned(), text(&value["id"]), time(&value["createdDateTime"]))
    };
    assert!(!log.is_empty() && !id.is_empty(), "{path}: {value}");
    Seen { log, id, time }
}

/// `directory/entra/20260105020000_users.json` holds the log `EntraUsers`.
fn directory_log(path: &str) -> String {
    let source = if path.contains("/ad/") { "Ad" } else { "Entra" };
    let kind = path.rsplit('_').next().unwrap().trim_end_matches(".json");
    format!("{source}{}{}", kind[..1].to_uppercase(), &kind[1..])
}

fn portal_time(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, "%m/%d/%Y, %I:%M:%S%.f %p").ok().map(|time| time.and_utc())
}

fn csv_row(text: &str) -> csv::StringRecord {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().next().unwrap().unwrap()
}

fn table_row(header: &csv::StringRecord, text: &str) -> Value {
    let row = csv_row(text);
    assert_eq!(row.len(), header.len(), "{text}");
    header.iter().zip(&row).map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// Notes all texts and numbers of the upper `depth` levels whose names look like an identifier's.
fn identifiers(value: &Value, depth: usize, found: &mut HashSet<u64>) {
    let Some(object) = value.as_object() else { return };
    for (name, value) in object {
        match value {
            Value::Object(_) if depth > 1 => identifiers(value, depth - 1, found),
            Value::String(text) if names_something(name) => drop(found.insert(hash(text))),
            Value::Number(number) if names_something(name) => drop(found.insert(hash(&number.to_string()))),
            _ => {}
        }
    }
}

fn names_something(name: &str) -> bool {
    ["id", "name", "host", "computer"].iter().any(|end| name.to_ascii_lowercase().ends_with(end))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
