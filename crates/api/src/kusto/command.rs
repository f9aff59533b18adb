//! The management commands that clients give by themselves, and those that set up ingestion.
//!
//! <https://learn.microsoft.com/kusto/management/>. All others are refused by name.

use crate::answer::WireColumn;
use crate::failure::{Failure, FailureKind};

use super::command_reader::Reader;

/// Longest command, in bytes: a table of the most columns with the longest names has a fifth of it.
pub const MAX_COMMAND_BYTES: usize = 1 << 20;

/// A kind of ingestion mapping: the format that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingKind {
    /// Delimited texts: by ordinal.
    Csv,
    /// JSON: by path.
    Json,
    /// Avro, Parquet, ORC and W3C log files are not read; their names are known so that they are refused as such.
    Unsupported(&'static str),
}

impl MappingKind {
    /// The name that Kusto prints.
    pub fn name(self) -> &'static str {
        match self {
            MappingKind::Csv => "Csv",
            MappingKind::Json => "Json",
            MappingKind::Unsupported(name) => name,
        }
    }

    /// The kind of that name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        const OTHERS: [&str; 5] = ["Avro", "ApacheAvro", "Parquet", "Orc", "W3CLogFile"];
        match name.to_ascii_lowercase().as_str() {
            "csv" => Some(MappingKind::Csv),
            "json" => Some(MappingKind::Json),
            lower => OTHERS.into_iter().find(|other| other.eq_ignore_ascii_case(lower)).map(MappingKind::Unsupported),
        }
    }
}

/// How the schema of a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaForm {
    /// `name:type,…`
    Csl,
    /// A JSON document.
    Json,
}

/// A management command.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each is the command of its name")]
pub enum Command {
    ShowVersion,
    ShowCluster,
    /// Of these databases; all where none is named.
    ShowDatabases {
        databases: Vec<String>,
    },
    ShowDatabasesSchema {
        databases: Vec<String>,
        as_json: bool,
    },
    ShowTables {
        tables: Vec<String>,
        details: bool,
    },
    ShowTableSchema {
        table: String,
        form: SchemaForm,
    },
    /// One function, else all.
    ShowFunctions {
        function: Option<String>,
    },
    CreateTable {
        table: String,
        columns: Vec<WireColumn>,
        merges: bool,
    },
    DropTable {
        table: String,
        if_exists: bool,
    },
    CreateMapping {
        table: String,
        kind: MappingKind,
        name: String,
        text: String,
        replaces: bool,
    },
    DropMapping {
        table: String,
        kind: MappingKind,
        name: String,
    },
    ShowMappings {
        table: String,
        kind: Option<MappingKind>,
        name: Option<String>,
    },
    GetIngestionResources,
    GetIdentityToken,
}

impl Command {
    /// Whether it changes something.
    pub fn changes(&self) -> bool {
        matches!(
            self,
            Command::CreateTable { .. }
                | Command::DropTable { .. }
                | Command::CreateMapping { .. }
                | Command::DropMapping { .. }
        )
    }
}

/// Whether a text is a command: it starts with a dot, comments aside.
pub fn is_command(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("//") {
        rest = comment.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest.starts_with('.')
}

/// Reads a command, and the query that may follow it behind a `|`.
///
/// # Errors
/// Where it is none that is known, or is not written as it should.
pub fn parse_command(text: &str) -> Result<(Command, Option<String>), Failure> {
    if text.len() > MAX_COMMAND_BYTES {
        return Err(Failure::bad_request(format!("management command is longer than {MAX_COMMAND_BYTES} bytes")));
    }
    let mut reader = Reader::new(text)?;
    let command = command(&mut reader).ok_or_else(|| unsupported(&reader))?;
    let rest = reader.rest(text).ok_or_else(|| {
        let token = reader.token().unwrap_or_default();
        Failure::new(
            FailureKind::BadRequest,
            format!("Syntax error: SYN0002: `{token}` is not expected in this command"),
        )
    })?;
    Ok((command, rest))
}

fn unsupported(reader: &Reader) -> Failure {
    let name = reader.leading_words();
    Failure::new(FailureKind::Unsupported, format!("management command `{name}` is not supported"))
}

fn command(reader: &mut Reader) -> Option<Command> {
    match reader.word()?.as_str() {
        ".show" => show(reader),
        ".get" => match (reader.word()?.as_str(), reader.word()?.as_str()) {
            ("ingestion", "resources") => Some(Command::GetIngestionResources),
            ("kusto", "identity") => reader.eat("token").then_some(Command::GetIdentityToken),
            _ => None,
        },
        ".create" => create(reader, false),
        ".create-or-alter" | ".alter" => create(reader, true),
        ".create-merge" => {
            reader.eat("table").then_some(())?;
            create_table(reader, true)
        }
        ".drop" => {
            reader.eat("table").then_some(())?;
            let table = reader.name()?;
            if reader.eat("ingestion") {
                let kind = MappingKind::of(&reader.word()?)?;
                reader.eat("mapping").then_some(())?;
                return Some(Command::DropMapping { table, kind, name: reader.string()? });
            }
            let if_exists = reader.eat("ifexists");
            Some(Command::DropTable { table, if_exists })
        }
        _ => None,
    }
}

fn show(reader: &mut Reader) -> Option<Command> {
    match reader.word()?.as_str() {
        "version" => Some(Command::ShowVersion),
        "cluster" => Some(Command::ShowCluster),
        "databases" => {
            let databases = if reader.is("(") { reader.names()? } else { Vec::new() };
            databases_or_schema(reader, databases)
        }
        "database" => {
            // `.show database schema` is of the current one; `schema` in brackets is a name.
            let is_unnamed = reader.is("schema") || reader.is_end();
            let databases = if is_unnamed { Vec::new() } else { vec![reader.name()?] };
            databases_or_schema(reader, databases)
        }
        "schema" => {
            let as_json = reader.eat("as") && reader.eat("json");
            Some(Command::ShowDatabasesSchema { databases: Vec::new(), as_json })
        }
        "tables" => {
            let tables = if reader.is("(") { reader.names()? } else { Vec::new() };
            let details = reader.eat("details");
            Some(Command::ShowTables { tables, details })
        }
        "table" => show_table(reader),
        "functions" => Some(Command::ShowFunctions { function: None }),
        "function" => Some(Command::ShowFunctions { function: Some(reader.name()?) }),
        _ => None,
    }
}

fn databases_or_schema(reader: &mut Reader, databases: Vec<String>) -> Option<Command> {
    if !reader.eat("schema") {
        reader.eat("details");
        return Some(Command::ShowDatabases { databases });
    }
    let as_json = reader.eat("as") && reader.eat("json");
    Some(Command::ShowDatabasesSchema { databases, as_json })
}

fn show_table(reader: &mut Reader) -> Option<Command> {
    let table = reader.name()?;
    if reader.eat("cslschema") {
        return Some(Command::ShowTableSchema { table, form: SchemaForm::Csl });
    }
    if reader.eat("schema") {
        let form = if reader.eat("as") && reader.eat("json") { SchemaForm::Json } else { SchemaForm::Csl };
        return Some(Command::ShowTableSchema { table, form });
    }
    if !reader.eat("ingestion") {
        let details = reader.eat("details");
        return Some(Command::ShowTables { tables: vec![table], details });
    }
    let kind =
        if reader.is("mappings") || reader.is("mapping") { None } else { Some(MappingKind::of(&reader.word()?)?) };
    if reader.eat("mappings") {
        return Some(Command::ShowMappings { table, kind, name: None });
    }
    reader.eat("mapping").then_some(())?;
    Some(Command::ShowMappings { table, kind, name: Some(reader.string()?) })
}

fn create(reader: &mut Reader, replaces: bool) -> Option<Command> {
    reader.eat("table").then_some(())?;
    if !reader.is_ahead(1, "ingestion") {
        return if replaces { None } else { create_table(reader, false) };
    }
    let table = reader.name()?;
    reader.eat("ingestion").then_some(())?;
    let kind = MappingKind::of(&reader.word()?)?;
    reader.eat("mapping").then_some(())?;
    let name = reader.string()?;
    let text = reader.joined_strings()?;
    reader.properties();
    Some(Command::CreateMapping { table, kind, name, text, replaces })
}

fn create_table(reader: &mut Reader, merges: bool) -> Option<Command> {
    let table = reader.name()?;
    let columns = reader.columns()?;
    reader.properties();
    Some(Command::CreateTable { table, columns, merges })
}

#[cfg(test)]
mod tests {
    use kql_functions::Type;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Command {
        parse_command(text).unwrap_or_else(|failure| panic!("{text}: {failure:?}")).0
    }

    #[test]
    fn schema_commands_are_read_in_all_spellings_of_clients() {
        let schema = |databases: &[&str], as_json| Command::ShowDatabasesSchema {
            databases: databases.iter().map(|name| (*name).to_owned()).collect(),
            as_json,
        };
        for (text, expected) in [
            (".show databases schema", schema(&[], false)),
            (".show databases schema as json", schema(&[], true)),
            (".show databases (['D'], E) schema as json", schema(&["D", "E"], true)),
            (".show database ['my db'] schema", schema(&["my db"], false)),
            (".show database D schema as json", schema(&["D"], true)),
            (".show database [\"D\"] schema as json", schema(&["D"], true)),
            (".show database schema", schema(&[], false)),
            (".SHOW  Databases\n SCHEMA As JSON;", schema(&[], true)),
            ("// a comment\n.show schema as json", schema(&[], true)),
            (".show databases", Command::ShowDatabases { databases: Vec::new() }),
            (".show database D", Command::ShowDatabases { databases: vec!["D".to_owned()] }),
            (".show version", Command::ShowVersion),
            (".show cluster", Command::ShowCluster),
            (".show tables", Command::ShowTables { tables: Vec::new(), details: false }),
            (".show table T cslschema", Command::ShowTableSchema { table: "T".to_owned(), form: SchemaForm::Csl }),
            (".get kusto identity token", Command::GetIdentityToken),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn tables_and_mappings_are_made_as_users_write_it() {
        let columns = vec![WireColumn::new("TimeGenerated", Type::DateTime), WireColumn::new("a b", Type::Dynamic)];
        assert_eq!(
            read(
                ".create-merge table T_CL (TimeGenerated:datetime, ['a b']: System.Object) with (folder='x', docstring=\"y\")"
            ),
            Command::CreateTable { table: "T_CL".to_owned(), columns, merges: true }
        );
        let mapping = ".create-or-alter table T_CL ingestion json mapping 'M'\n'[{\"column\":\"a\",'\n'\"Properties\":{\"path\":\"$.a\"}}]'";
        assert_eq!(
            read(mapping),
            Command::CreateMapping {
                table: "T_CL".to_owned(),
                kind: MappingKind::Json,
                name: "M".to_owned(),
                text: r#"[{"column":"a","Properties":{"path":"$.a"}}]"#.to_owned(),
                replaces: true
            }
        );
        let in_ticks = ".create table T_CL ingestion csv mapping \"M\" ```[]```";
        assert!(matches!(read(in_ticks), Command::CreateMapping { text, .. } if text == "[]"));
        assert_eq!(read(".drop table T_CL ifexists"), Command::DropTable { table: "T_CL".to_owned(), if_exists: true });
    }

    #[test]
    fn a_query_may_follow_a_command() {
        let (command, rest) = parse_command(".show tables | where TableName has 'a|b' | count").expect("a command");
        assert!(matches!(command, Command::ShowTables { .. }));
        assert_eq!(rest.as_deref(), Some("| where TableName has 'a|b' | count"));
    }

    #[test]
    fn other_commands_are_refused_by_name() {
        for (text, named) in [
            (".show queries", "`.show queries`"),
            (".execute database script <| .x", "`.execute database script`"),
            (".create table T", "`.create table T`"),
            (".drop database D", "`.drop database D`"),
            (".show", "`.show`"),
        ] {
            let failure = parse_command(text).expect_err(text);
            assert!(failure.message.contains(named), "{text}: {failure:?}");
        }
        assert!(parse_command(".show version please").is_err());
        assert!(parse_command(".show table ['T").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[.showtablecre\\-dx() \\[\\]'\"`,:|@é\\\\\n]{0,40}") {
            let _ = parse_command(&text);
        }
    }
}
