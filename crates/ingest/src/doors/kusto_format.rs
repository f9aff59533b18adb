//! The formats of Kusto ingestion.
//!
//! <https://learn.microsoft.com/kusto/ingestion-supported-formats>

use std::str::FromStr;

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KustoFormat {
    /// Values with commas between them.
    Csv,
    /// Values with tabs between them, quotes as in CSV.
    Tsv,
    /// Values with vertical lines between them.
    Psv,
    /// Values with semicolons between them.
    Scsv,
    /// Values with the byte 0x01 between them, as Hive writes them.
    Sohsv,
    /// One JSON object a line.
    Json,
    /// JSON objects one after another or in arrays.
    MultiJson,
    /// Each line is one value.
    Txt,
    /// The whole body is one value.
    Raw,
}

impl KustoFormat {
    /// The character between values; `None` for formats without one.
    pub(crate) fn delimiter(self) -> Option<char> {
        Some(match self {
            Self::Csv => ',',
            Self::Tsv => '\t',
            Self::Psv => '|',
            Self::Scsv => ';',
            Self::Sohsv => '\u{1}',
            _ => return None,
        })
    }

    /// Whether records are JSON.
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::MultiJson)
    }
}

impl FromStr for KustoFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "tsv" | "tsve" => Self::Tsv,
            "psv" => Self::Psv,
            "scsv" => Self::Scsv,
            "sohsv" => Self::Sohsv,
            // `singlejson` is the older name.
            "json" | "singlejson" => Self::Json,
            "multijson" => Self::MultiJson,
            "txt" => Self::Txt,
            "raw" => Self::Raw,
            _ => {
                return Err(format!(
                    "format `{}` is not read\nformats are csv, tsv, psv, scsv, sohsv, json, multijson, txt, raw",
                    crate::unsupported::shorten(text)
                ));
            }
        })
    }
}
