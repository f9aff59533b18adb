//! Making and dropping custom tables.

use access::TableScope;
use api::kusto::{SchemaForm, table_schema, tables};
use api::{Failure, FailureKind, ResultSet, WireColumn};
use kql_functions::Type;
use schema::{
    ColumnType, CustomColumn, MAX_CUSTOM_COLUMNS, MAX_CUSTOM_TABLES, custom_column_name, custom_table,
    is_custom_table_name,
};

use super::commands::{schema_table, schema_tables};
use crate::service::app::App;
use crate::service::queries::Asking;

/// The column of times that every custom table has, and the others that it has of itself.
const TIME_COLUMN: &str = "TimeGenerated";
const COMMON_COLUMNS: [&str; 2] = ["TenantId", "Type"];

/// Makes a custom table, or adds columns to one where `merges`.
pub(super) async fn create(
    app: &App,
    asking: &Asking,
    name: &str,
    columns: &[WireColumn],
    merges: bool,
) -> Result<ResultSet, Failure> {
    in_scope(&asking.caller.tables, name)?;
    let catalog = app.queries().catalog(app, &TableScope::All).await?;
    if schema::table(name).is_some() {
        return Err(Failure::bad_request(format!("table `{name}` is a built-in table, whose columns are fixed")));
    }
    if !is_custom_table_name(name) {
        let hint = "the name of a custom table has letters, digits and underscores and ends with `_CL`";
        return Err(Failure::bad_request(format!("`{name}` cannot be the name of a table\n{hint}")));
    }
    let wanted = custom_columns(columns)?;
    let existing = catalog.describe(name).map(schema::Table::custom_columns);
    let is_new = existing.is_none();
    let mut all = existing.unwrap_or_default();
    for column in wanted {
        match all.iter().find(|known| known.name == column.name) {
            Some(known) if known.ty == column.ty => {}
            Some(known) => {
                let (ty, column) = (known.ty, &column.name);
                return Err(Failure::bad_request(format!(
                    "column `{column}` of table `{name}` is of type {ty:?}, which cannot be changed"
                )));
            }
            None if is_new || merges => all.push(column),
            None => {
                let hint = "`.create-merge table` adds columns to a table";
                return Err(Failure::bad_request(format!(
                    "table `{name}` exists and has no column `{}`\n{hint}",
                    column.name
                )));
            }
        }
    }
    if all.len() > MAX_CUSTOM_COLUMNS {
        return Err(Failure::bad_request(format!(
            "table `{name}` would have {} columns\nit can have {MAX_CUSTOM_COLUMNS}",
            all.len()
        )));
    }
    let declared = app.queries().declared().all(app.database()).await?.len();
    if is_new && declared + catalog.snapshot().custom_tables().len() >= MAX_CUSTOM_TABLES {
        return Err(Failure::bad_request(format!(
            "workspace has {MAX_CUSTOM_TABLES} custom tables, the most that it can have"
        )));
    }
    app.queries().declared().declare(app.database(), name, &all, asking.context.now).await?;
    app.doors().intake().declare(custom_table(name, &all));
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    Ok(table_schema(&app.config().workspace.name, &schema_table(&catalog, name)?, SchemaForm::Csl))
}

/// Forgets a table that has no rows.
pub(super) async fn drop_table(app: &App, asking: &Asking, name: &str, if_exists: bool) -> Result<ResultSet, Failure> {
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    match catalog.describe(name) {
        None if if_exists => {}
        None => return Err(Failure::not_found("Table", name)),
        Some(table) if !table.is_custom() => {
            return Err(Failure::bad_request(format!("table `{name}` is a built-in table, which cannot be dropped")));
        }
        Some(_) if catalog.snapshot().describe(name).is_some() => {
            let message = format!("table `{name}` has rows, which are not dropped\ntheir retention ends them");
            return Err(Failure::new(FailureKind::Unsupported, message));
        }
        Some(_) => {
            app.queries().declared().forget(app.database(), name).await?;
            app.doors().intake().forget(name);
        }
    }
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    Ok(tables(&app.config().workspace.name, &schema_tables(&catalog)))
}

/// A caller to whom only some tables exist makes no others.
fn in_scope(scope: &TableScope, name: &str) -> Result<(), Failure> {
    if scope.has(name) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Forbidden, format!("table `{name}` is not among the tables that the caller may use")))
}

/// The columns of a table beside those that every one has.
fn custom_columns(columns: &[WireColumn]) -> Result<Vec<CustomColumn>, Failure> {
    let mut custom: Vec<CustomColumn> = Vec::with_capacity(columns.len());
    for column in columns {
        let name = column.name.as_str();
        let is_common = COMMON_COLUMNS.contains(&name) && column.ty == Type::String;
        if is_common || (name == TIME_COLUMN && column.ty == Type::DateTime) {
            continue;
        }
        if custom_column_name(name).as_deref() != Some(name) {
            return Err(Failure::bad_request(format!(
                "`{name}` cannot be the name of a column of type {}",
                column.ty.name()
            )));
        }
        if custom.iter().any(|known| known.name == name) {
            return Err(Failure::bad_request(format!("column `{name}` is named twice")));
        }
        custom.push(CustomColumn { name: name.to_owned(), ty: column_type(column.ty) });
    }
    Ok(custom)
}

fn column_type(ty: Type) -> ColumnType {
    match ty {
        Type::Bool => ColumnType::Bool,
        Type::Int => ColumnType::Int,
        Type::Long => ColumnType::Long,
        Type::Real => ColumnType::Real,
        Type::Decimal => ColumnType::Decimal,
        Type::String => ColumnType::String,
        Type::Guid => ColumnType::Guid,
        Type::DateTime => ColumnType::DateTime,
        Type::TimeSpan => ColumnType::TimeSpan,
        Type::Dynamic => ColumnType::Dynamic,
    }
}
