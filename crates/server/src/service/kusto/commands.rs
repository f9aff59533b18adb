//! What each management command does.

use api::kusto::{
    Command, DatabaseRow, FunctionRow, SchemaTable, cluster, databases, databases_schema, functions, identity_token,
    ingestion_resources, schema_document, schema_text, table_schema, tables, tables_details, version,
};
use api::{Failure, ResultSet};

use super::query::check_database;
use super::{mappings, tables as custom_tables};
use crate::catalog::WorkspaceCatalog;
use crate::service::app::App;
use crate::service::doors::kusto_queued;
use crate::service::queries::{self, Asking, ViewedTable};
use crate::ticks::to_ticks;

/// Runs a command; the caller may give it.
pub(super) async fn run_command(app: &App, asking: &Asking, command: Command) -> Result<ResultSet, Failure> {
    let database = app.config().workspace.name.clone();
    Ok(match command {
        Command::ShowVersion => version(env!("CARGO_PKG_VERSION"), None, "Engine"),
        Command::ShowCluster => this_machine(app, asking),
        Command::ShowDatabases { databases: names } => {
            check_all(app, &names)?;
            databases(&[DatabaseRow { name: database.clone(), id: app.workspace_guid() }], &database)
        }
        Command::ShowDatabasesSchema { databases: names, as_json } => {
            check_all(app, &names)?;
            let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
            let tables = schema_tables(&catalog);
            if as_json {
                // Editors look the database up by the name that they asked for.
                let named = names.into_iter().next().unwrap_or(database);
                schema_text(schema_document(&[(&named, &tables, &function_rows(&catalog))]))
            } else {
                databases_schema(&[(&database, &tables)])
            }
        }
        Command::ShowTables { tables: names, details } => {
            let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
            let listed = match names.is_empty() {
                true => schema_tables(&catalog),
                false => names.iter().map(|name| schema_table(&catalog, name)).collect::<Result<_, _>>()?,
            };
            if details { tables_details(&database, &listed) } else { tables(&database, &listed) }
        }
        Command::ShowTableSchema { table, form } => {
            let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
            table_schema(&database, &schema_table(&catalog, &table)?, form)
        }
        Command::ShowFunctions { function } => {
            let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
            let mut rows = function_rows(&catalog);
            if let Some(name) = function {
                rows.retain(|row| row.name == name);
                if rows.is_empty() {
                    return Err(Failure::not_found("Function", &name));
                }
            }
            functions(&rows)
        }
        Command::CreateTable { table, columns, merges } => {
            custom_tables::create(app, asking, &table, &columns, merges).await?
        }
        Command::DropTable { table, if_exists } => custom_tables::drop_table(app, asking, &table, if_exists).await?,
        Command::CreateMapping { table, kind, name, text, replaces } => {
            mappings::create(app, asking, &table, (kind, &name), &text, replaces).await?
        }
        Command::DropMapping { table, kind, name } => mappings::remove(app, asking, &table, kind, &name).await?,
        Command::ShowMappings { table, kind, name } => {
            mappings::show(app, asking, &table, kind, name.as_deref()).await?
        }
        Command::GetIngestionResources => {
            ingestion_resources(&kusto_queued::ingestion_resources(app, &asking.caller, &asking.base_url))
        }
        Command::GetIdentityToken => identity_token(&kusto_queued::identity_token(app, &asking.caller)),
    })
}

fn check_all(app: &App, names: &[String]) -> Result<(), Failure> {
    names.iter().try_for_each(|name| check_database(app, name))
}

fn this_machine(app: &App, asking: &Asking) -> ResultSet {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = i64::try_from(app.config().limits.query_memory.0).unwrap_or(i64::MAX);
    let cores = u32::try_from(cores).unwrap_or(u32::MAX);
    cluster("vedette", &asking.base_url, to_ticks(asking.context.now), cores, memory)
}

/// The tables that exist for the caller.
pub(super) fn schema_tables(catalog: &WorkspaceCatalog) -> Vec<SchemaTable> {
    queries::tables(catalog).into_iter().map(|table| described(catalog, table)).collect()
}

/// One of them.
pub(super) fn schema_table(catalog: &WorkspaceCatalog, name: &str) -> Result<SchemaTable, Failure> {
    let table = queries::table(catalog, name).ok_or_else(|| Failure::not_found("Table", name))?;
    Ok(described(catalog, table))
}

fn described(catalog: &WorkspaceCatalog, table: ViewedTable) -> SchemaTable {
    let statistics = catalog.snapshot().statistics(&table.name).unwrap_or_default();
    SchemaTable {
        folder: if table.is_custom { "Custom".to_owned() } else { String::new() },
        name: table.name,
        columns: table.columns,
        description: String::new(),
        rows: Some(statistics.rows),
        bytes: Some(statistics.bytes),
        files: Some(statistics.files),
    }
}

fn function_rows(catalog: &WorkspaceCatalog) -> Vec<FunctionRow> {
    let row = |function: queries::ViewedFunction| FunctionRow {
        name: function.name,
        parameters: format!("({})", function.parameters),
        body: format!("{{\n{}\n}}", function.body),
    };
    queries::functions(catalog).into_iter().map(row).collect()
}
