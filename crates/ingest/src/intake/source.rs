//! The way that a body came, and where its rows go.

use std::fmt;
use std::sync::Arc;

use schema::Table;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// The Logs Ingestion API.
    LogsIngestion,
    /// The HTTP Data Collector API.
    DataCollector,
    /// Elasticsearch's `_bulk`.
    ElasticBulk,
    /// OpenTelemetry logs over HTTP.
    Otlp,
    /// Kusto streaming ingestion.
    KustoStreaming,
    /// Kusto queued ingestion.
    KustoQueued,
    /// Syslog in datagrams.
    SyslogUdp,
    /// Syslog over TCP.
    SyslogTcp,
    /// Syslog over TLS.
    SyslogTls,
    /// A watched folder.
    Folder,
    /// Files sent by `vedette ingest --server`.
    Upload,
}

impl Way {
    /// All ways in.
    pub const ALL: [Way; 11] = [
        Way::LogsIngestion,
        Way::DataCollector,
        Way::ElasticBulk,
        Way::Otlp,
        Way::KustoStreaming,
        Way::KustoQueued,
        Way::SyslogUdp,
        Way::SyslogTcp,
        Way::SyslogTls,
        Way::Folder,
        Way::Upload,
    ];

    /// Its name in metrics and health rows.
    pub fn name(self) -> &'static str {
        match self {
            Way::LogsIngestion => "logs-ingestion",
            Way::DataCollector => "data-collector",
            Way::ElasticBulk => "elastic-bulk",
            Way::Otlp => "otlp",
            Way::KustoStreaming => "kusto-streaming",
            Way::KustoQueued => "kusto-queued",
            Way::SyslogUdp => "syslog-udp",
            Way::SyslogTcp => "syslog-tcp",
            Way::SyslogTls => "syslog-tls",
            Way::Folder => "folder",
            Way::Upload => "upload",
        }
    }

    /// Whether `TimeGenerated` is held within [`crate::TimeBounds`] there: where Azure Monitor does so, and where senders have clocks of
    /// their own. Files, Kusto and Beats (which send what was logged before they were installed) bring old records on purpose.
    pub fn bounds_times(self) -> bool {
        matches!(
            self,
            Way::LogsIngestion | Way::DataCollector | Way::Otlp | Way::SyslogUdp | Way::SyslogTcp | Way::SyslogTls
        )
    }
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Where a body came from.
#[derive(Debug, Clone)]
pub struct IntakeSource {
    /// The way.
    pub way: Way,
    /// What rows bear as `_SourceFile`: the way and who sent or which stream, or a file's path.
    pub name: Arc<str>,
}

impl IntakeSource {
    /// What came this way from there: `syslog-tcp:192.0.2.1`.
    pub fn new(way: Way, detail: &str) -> Self {
        Self { way, name: Arc::from(format!("{way}:{detail}")) }
    }

    /// A file of this path.
    pub fn file(way: Way, path: &str) -> Self {
        Self { way, name: Arc::from(path) }
    }
}

/// Where the rows of a body go.
#[derive(Debug, Clone)]
pub enum Target {
    /// To the table of each record's format; what no decoder knows is rejected.
    Recognized,
    /// To the table of each record's format; what no decoder knows goes to the custom table of this name.
    RecognizedOr(String),
    /// The same, with the columns of the custom table named by type as the HTTP Data Collector API does.
    RecognizedOrTyped {
        /// The table's name, with `_CL`.
        table: String,
        /// The field that a row's time is in.
        time_field: Option<String>,
        /// The resource that sends.
        resource_id: Option<String>,
    },
    /// To this table, fields to columns of the same name.
    Table(&'static Table),
}
