//! A data collection rule.

use std::collections::BTreeMap;

use ingest::{Intake, Target};
use schema::{CUSTOM_SUFFIX, CustomColumn, custom_table, is_custom_table_name};

/// What streams of custom tables are called.
const CUSTOM_PREFIX: &str = "Custom-";
/// What streams of built-in tables are called.
const MICROSOFT_PREFIX: &str = "Microsoft-";

/// A rule: what may be sent, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its name.
    pub(crate) name: String,
    /// The id by which senders name it: `dcr-` and 32 hexadecimal digits.
    pub(crate) immutable_id: String,
    /// Its streams by name.
    pub(crate) streams: BTreeMap<String, Stream>,
    /// Takes streams that it does not name too, each to the table of its name.
    pub(crate) is_open: bool,
}

/// A stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// The columns declared; none for streams of built-in tables.
    pub(crate) columns: Vec<CustomColumn>,
    /// Where its records go; several get all of them.
    pub(crate) flows: Vec<Flow>,
}

/// One way of a stream's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The query that makes rows of `source`; `None` where records are taken as they are.
    pub(crate) transform: Option<String>,
    /// Where the rows go.
    pub(crate) output: Output,
}

/// Where rows of a flow go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// To this table, fields to columns of the same name.
    Table(String),
    /// To the table of each record's format: the stream carries records as they were logged.
    Recognized,
}

impl Output {
    /// Where the rows of a stream of this name go: `Custom-NAME_CL` and `Microsoft-NAME` name tables; any other `Custom-` stream carries
    /// raw records. `None` where there is no such table.
    pub(crate) fn of_stream(stream: &str) -> Option<Self> {
        if let Some(name) = stream.strip_prefix(MICROSOFT_PREFIX) {
            return schema::table(name).map(|table| Self::Table(table.name.clone()));
        }
        let name = stream.strip_prefix(CUSTOM_PREFIX)?;
        if name.ends_with(CUSTOM_SUFFIX) {
            return is_custom_table_name(name).then(|| Self::Table(name.to_owned()));
        }
        Some(schema::table(name).map_or(Self::Recognized, |table| Self::Table(table.name.clone())))
    }

    /// The target of rows; a custom table is made, with the columns declared where its rows come as the stream has them.
    pub(crate) fn target(&self, intake: &Intake, columns: &[CustomColumn]) -> Target {
        match self {
            Self::Recognized => Target::Recognized,
            Self::Table(name) => match schema::table(name) {
                Some(table) => Target::Table(table),
                None => Target::Table(intake.declare(custom_table(name, columns))),
            },
        }
    }
}

impl Rule {
    /// The rule that is always there: any stream, by the name of its table.
    pub(crate) fn open() -> Self {
        Self {
            name: "default".to_owned(),
            immutable_id: format!("dcr-{}", "0".repeat(32)),
            streams: BTreeMap::new(),
            is_open: true,
        }
    }

    /// The stream of this name.
    pub(crate) fn stream(&self, name: &str) -> Option<Stream> {
        self.streams.get(name).cloned().or_else(|| {
            let output = self.is_open.then(|| Output::of_stream(name))??;
            Some(Stream { columns: Vec::new(), flows: vec![Flow { transform: None, output }] })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_stream_says_where_its_rows_go() {
        let table = |name: &str| Some(Output::Table(name.to_owned()));
        for (stream, output) in [
            ("Custom-App_CL", table("App_CL")),
            ("Microsoft-SecurityEvent", table("SecurityEvent")),
            ("Custom-SecurityEvent", table("SecurityEvent")),
            ("Custom-Raw", Some(Output::Recognized)),
            ("Microsoft-Nothing", None),
            ("Custom-../x_CL", None),
            ("App_CL", None),
        ] {
            assert_eq!(Output::of_stream(stream), output, "{stream}");
        }
    }
}
