//! The formats of external files.

/// How a file is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Values separated by a byte; in quotes, if `quoted`, as RFC 4180 has it.
    Delimited {
        /// Between values.
        delimiter: u8,
        /// Whether values may stand in quotes.
        quoted: bool,
    },
    /// One value a line.
    Lines,
    /// One value, the whole file.
    Whole,
    /// JSON values one after the other; arrays stand for their elements.
    Json,
}

/// Formats that Kusto reads and we do not (<https://learn.microsoft.com/kusto/ingestion-supported-formats>).
const UNSUPPORTED: [&str; 11] = [
    "apacheavro",
    "avro",
    "azmonstream",
    "orc",
    "parquet",
    "singlejson",
    "sstream",
    "tsve",
    "unknown",
    "w3clogfile",
    "w3clog",
];

impl Format {
    /// The format of that name, in any case.
    ///
    /// # Errors
    /// True where it is a format, but not one that is read here.
    pub fn named(name: &str) -> Result<Self, bool> {
        let delimited = |delimiter, quoted| Ok(Format::Delimited { delimiter, quoted });
        match name.to_ascii_lowercase().as_str() {
            "csv" => delimited(b',', true),
            "tsv" => delimited(b'\t', false),
            "psv" => delimited(b'|', true),
            "scsv" => delimited(b';', true),
            "sohsv" => delimited(1, true),
            "txt" => Ok(Format::Lines),
            "raw" => Ok(Format::Whole),
            "json" | "multijson" => Ok(Format::Json),
            other => Err(UNSUPPORTED.contains(&other)),
        }
    }

    /// What the end of a file's name says; without a word, CSV.
    pub fn of_uri(uri: &str) -> Result<Self, bool> {
        let path = uri.split(['?', ';']).next().unwrap_or_default();
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zip")).unwrap_or(name);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match Format::named(extension) {
            Err(false) => Format::named("csv"),
            known => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_known_end_is_csv() {
        assert_eq!(Format::of_uri("https://a.example/x.txt?sig=a.json"), Ok(Format::Lines));
        assert_eq!(Format::of_uri("https://a.example/x.JSON.gz"), Ok(Format::Json));
        assert_eq!(Format::of_uri("https://a.example/list"), Format::named("csv"));
        assert_eq!(Format::of_uri("x.parquet"), Err(true));
        assert_eq!(Format::named("nothing"), Err(false));
    }
}
