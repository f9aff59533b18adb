//! Kusto's REST API: queries of version 1 and 2, management commands.
//!
//! <https://learn.microsoft.com/kusto/api/rest/>

mod command;
mod command_reader;
mod error;
mod ingestion_mapping;
mod management_tables;
mod request;
mod schema_document;
mod status_tables;
mod v1;
mod v2;
mod visualization;

pub use command::{Command, MAX_COMMAND_BYTES, MappingKind, SchemaForm, is_command, parse_command};
pub use error::{error_body, one_api_error};
pub use ingestion_mapping::{MappingColumn, parse_mapping};
pub use management_tables::{
    DatabaseRow, FunctionRow, MappingRow, SchemaTable, cluster, databases, databases_schema, functions, identity_token,
    ingestion_mappings, ingestion_resources, schema_text, table_schema, tables, tables_details, version,
};
pub use request::{DATASCOPE, KustoOptions, KustoRequest, includes_archive};
pub use schema_document::schema_document;
pub use v1::{command_body, query_body as query_v1_body};
pub use v2::query_body as query_v2_body;
pub use visualization::visualization_properties;
