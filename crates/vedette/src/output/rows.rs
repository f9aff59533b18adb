//! The rows of a query in each format.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde_json::Value;
use server::{Error, OutputColumn, OutputRows, QueryOutput};

use super::{done, table, wide_pipe};
use crate::args::RowsFormat;

/// Written at once: small enough that a reader begins early.
const PIECE_BYTES: usize = 64 * 1024;

/// Prints a query's result.
pub(crate) fn print(output: &QueryOutput, format: RowsFormat) -> Result<(), Error> {
    if !output.more.is_empty() && matches!(format, RowsFormat::Ndjson | RowsFormat::Csv | RowsFormat::Arrow) {
        let tables = output.more.len() + 1;
        return Err(Error::new(format!("query gives {tables} tables\nthis format holds one: ask for a table or JSON")));
    }
    if format == RowsFormat::Arrow && io::stdout().is_terminal() {
        return Err(Error::new(
            "Arrow's format is no text\nsend it into a file or to another program: `> rows.arrows`",
        ));
    }
    wide_pipe::widen();
    let mut out = BufWriter::with_capacity(PIECE_BYTES, io::stdout().lock());
    let outcome = match format {
        RowsFormat::Table => table(&mut out, output),
        RowsFormat::Json => json(&mut out, output),
        RowsFormat::Ndjson => ndjson(&mut out, output),
        RowsFormat::Csv => csv(&mut out, output),
        RowsFormat::Arrow => output.rows.write_arrow(&mut out),
    };
    done(outcome.and_then(|()| out.flush()))
}

fn table(out: &mut impl Write, output: &QueryOutput) -> io::Result<()> {
    one_table(out, &output.columns, &output.rows)?;
    for further in &output.more {
        writeln!(out, "\n{}", further.name)?;
        one_table(out, &further.columns, &further.rows)?;
    }
    Ok(())
}

fn one_table(out: &mut impl Write, columns: &[OutputColumn], rows: &OutputRows) -> io::Result<()> {
    let header: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut shown = table::new(&header);
    for row in rows.iter() {
        shown.add_row(row.iter().map(|value| table::cell(&plain(value))));
    }
    writeln!(out, "{shown}")?;
    writeln!(out, "{} row{}", rows.count(), if rows.count() == 1 { "" } else { "s" })
}

fn json(out: &mut impl Write, output: &QueryOutput) -> io::Result<()> {
    let QueryOutput { columns, rows, more, error, warning: _, warnings: _ } = output;
    out.write_all(b"{\"columns\":")?;
    serde_json::to_writer(&mut *out, columns)?;
    out.write_all(b",\"rows\":")?;
    rows.write_json(out)?;
    if !more.is_empty() {
        out.write_all(b",\"more\":")?;
        serde_json::to_writer(&mut *out, more)?;
    }
    if let Some(error) = error {
        out.write_all(b",\"error\":")?;
        serde_json::to_writer(&mut *out, error)?;
    }
    writeln!(out, "}}")
}

fn ndjson(out: &mut impl Write, output: &QueryOutput) -> io::Result<()> {
    for row in output.rows.iter() {
        let names = output.columns.iter().map(|column| column.name.clone());
        let object: serde_json::Map<String, Value> = names.zip(row).collect();
        serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, output: &QueryOutput) -> io::Result<()> {
    let header: Vec<String> = output.columns.iter().map(|column| csv_field(&column.name)).collect();
    writeln!(out, "{}", header.join(","))?;
    for row in output.rows.iter() {
        let fields: Vec<String> = row.iter().map(|value| csv_field(&plain(value))).collect();
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

/// Text as it is, null as nothing, everything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Quoted where RFC 4180 asks for it.
pub(crate) fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_only_where_needed() {
        assert_eq!(csv_field("plain"), "plain");
        assert_eq!(csv_field("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
    }

    #[test]
    fn null_is_nothing_and_dynamic_is_json() {
        assert_eq!(plain(&Value::Null), "");
        assert_eq!(plain(&serde_json::json!({"a": [1]})), r#"{"a":[1]}"#);
    }
}
