//! Version 1 of Kusto's answers: a list of tables. Management commands answer with one.
//!
//! <https://learn.microsoft.com/kusto/api/rest/response-http>

use crate::answer::{Answer, ResultSet};
use crate::cell::CellForm;
use crate::chunks::{Chunks, RowForm};
use crate::request_context::RequestContext;
use crate::text::{list, quoted};
use crate::wire_type::kusto_data_type;

use super::error::one_api_errors;
use super::status_tables::status_rows;
use super::visualization::visualization_properties;

const PROPERTIES: &str = r#","Columns":[{"ColumnName":"Value","DataType":"String","ColumnType":"string"}],"Rows":[["#;

const STATUS_COLUMNS: &str = r#","Columns":[{"ColumnName":"Timestamp","DataType":"DateTime","ColumnType":"datetime"},{"ColumnName":"Severity","DataType":"Int32","ColumnType":"int"},{"ColumnName":"SeverityName","DataType":"String","ColumnType":"string"},{"ColumnName":"StatusCode","DataType":"Int32","ColumnType":"int"},{"ColumnName":"StatusDescription","DataType":"String","ColumnType":"string"},{"ColumnName":"Count","DataType":"Int32","ColumnType":"int"},{"ColumnName":"RequestId","DataType":"Guid","ColumnType":"guid"},{"ColumnName":"ActivityId","DataType":"Guid","ColumnType":"guid"},{"ColumnName":"SubActivityId","DataType":"Guid","ColumnType":"guid"},{"ColumnName":"ClientActivityId","DataType":"String","ColumnType":"string"}],"Rows":"#;

const CONTENTS_COLUMNS: &str = r#","Columns":[{"ColumnName":"Ordinal","DataType":"Int64","ColumnType":"long"},{"ColumnName":"Kind","DataType":"String","ColumnType":"string"},{"ColumnName":"Name","DataType":"String","ColumnType":"string"},{"ColumnName":"Id","DataType":"String","ColumnType":"string"},{"ColumnName":"PrettyName","DataType":"String","ColumnType":"string"}],"Rows":"#;

/// The answer to a management command: its only table, without the tables that queries have around theirs.
pub fn command_body(table: ResultSet) -> Chunks {
    let mut body = Chunks::of("{\"Tables\":[".to_owned());
    push_table(&mut body, 0, table, None);
    body.push("]}");
    body
}

/// The answer to a query: results, properties, status, and last the table of contents.
pub fn query_body(answer: Answer, context: &RequestContext, defers_failures: bool) -> Chunks {
    let properties = visualization_properties(answer.visualization.as_ref());
    let status = status_table(&answer, context);
    let errors = answer.cut_off.filter(|_| !defers_failures).map(|cut_off| one_api_errors(cut_off, context));
    let count = answer.tables.len();
    let mut body = Chunks::of("{\"Tables\":[".to_owned());
    for (at, table) in answer.tables.into_iter().enumerate() {
        push_table(&mut body, at, table, errors.as_deref().filter(|_| at == 0));
        body.push(",");
    }
    body.push(&format!("{{\"TableName\":\"Table_{count}\"{PROPERTIES}{}]]}},", quoted(&properties)));
    body.push(&format!("{{\"TableName\":\"Table_{}\"{STATUS_COLUMNS}{status}}},", count + 1));
    body.push(&format!("{{\"TableName\":\"Table_{}\"{CONTENTS_COLUMNS}{}}}", count + 2, contents(count, context)));
    body.push("]");
    if let Some(errors) = errors {
        body.push(&format!(",\"Exceptions\":{errors}"));
    }
    body.push("}");
    body
}

fn push_table(body: &mut Chunks, at: usize, table: ResultSet, errors: Option<&str>) {
    let mut head = format!("{{\"TableName\":\"Table_{at}\",\"Columns\":");
    list(&mut head, &table.columns, |out, column| {
        let (name, data_type, ty) = (quoted(&column.name), kusto_data_type(column.ty), column.ty.name());
        out.push_str(&format!("{{\"ColumnName\":{name},\"DataType\":\"{data_type}\",\"ColumnType\":\"{ty}\"}}"));
    });
    head.push_str(",\"Rows\":[");
    body.push(&head);
    let is_empty = table.row_count() == 0;
    body.push_rows(table, CellForm::KUSTO_V1, RowForm::Array);
    if let Some(errors) = errors {
        body.push(&format!("{}{{\"OneApiErrors\":{errors}}}", if is_empty { "" } else { "," }));
    }
    body.push("]}");
}

fn status_table(answer: &Answer, context: &RequestContext) -> String {
    let (time, id, client) =
        (quoted(&context.timestamp()), quoted(&context.activity_id), quoted(&context.client_request_id));
    let mut out = String::new();
    list(&mut out, status_rows(answer), |out, row| {
        let description = quoted(&row.description);
        let (level, name, code) = (row.level, row.level_name, row.status_code);
        out.push_str(&format!("[{time},{level},\"{name}\",{code},{description},1,{id},{id},{id},{client}]"));
    });
    out
}

/// What each table is, by its place.
fn contents(count: usize, context: &RequestContext) -> String {
    let id = quoted(&context.activity_id);
    let mut out = String::from("[");
    for at in 0..count {
        out.push_str(&format!("[{at},\"QueryResult\",\"PrimaryResult\",{id},\"\"],"));
    }
    out.push_str(&format!("[{count},\"QueryProperties\",\"@ExtendedProperties\",{id},\"\"],"));
    out.push_str(&format!(
        "[{},\"QueryStatus\",\"QueryStatus\",\"00000000-0000-0000-0000-000000000000\",\"\"]]",
        count + 1
    ));
    out
}
