//! Version 2 of Kusto's answers to queries: an array of frames.
//!
//! <https://learn.microsoft.com/kusto/api/rest/response-http-v2>. Frames are never progressive: a client that asks for progressive
//! ones must take these too.

use crate::answer::{Answer, ResultSet};
use crate::cell::CellForm;
use crate::chunks::{Chunks, RowForm};
use crate::request_context::RequestContext;
use crate::text::{list, quoted};

use super::error::one_api_errors;
use super::status_tables::{ids, status_rows};
use super::visualization::visualization_properties;

const HEADER: &str = r#"[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},
{"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","TableName":"@ExtendedProperties","Columns":[{"ColumnName":"TableId","ColumnType":"int"},{"ColumnName":"Key","ColumnType":"string"},{"ColumnName":"Value","ColumnType":"dynamic"}],"Rows":[[1,"Visualization","#;

const STATUS_COLUMNS: &str = r#""Columns":[{"ColumnName":"Timestamp","ColumnType":"datetime"},{"ColumnName":"ClientRequestId","ColumnType":"string"},{"ColumnName":"ActivityId","ColumnType":"guid"},{"ColumnName":"SubActivityId","ColumnType":"guid"},{"ColumnName":"ParentActivityId","ColumnType":"guid"},{"ColumnName":"Level","ColumnType":"int"},{"ColumnName":"LevelName","ColumnType":"string"},{"ColumnName":"StatusCode","ColumnType":"int"},{"ColumnName":"StatusCodeName","ColumnType":"string"},{"ColumnName":"EventType","ColumnType":"int"},{"ColumnName":"EventTypeName","ColumnType":"string"},{"ColumnName":"Payload","ColumnType":"string"}]"#;

/// The body of an answer. Where it is cut off, the rows end with the error; with `defers_failures` only the status says so.
pub fn query_body(answer: Answer, context: &RequestContext, defers_failures: bool) -> Chunks {
    let mut body = Chunks::of(HEADER.to_owned());
    body.push(&quoted(&visualization_properties(answer.visualization.as_ref())));
    body.push("]]}");
    let status = status_frame(&answer, context);
    let errors = answer.cut_off.filter(|_| !defers_failures).map(|cut_off| one_api_errors(cut_off, context));
    let count = answer.tables.len();
    for (at, table) in answer.tables.into_iter().enumerate() {
        push_table(&mut body, at, table, errors.as_deref().filter(|_| at == 0));
    }
    body.push(&format!(
        ",\n{{\"FrameType\":\"DataTable\",\"TableId\":{},\"TableKind\":\"QueryCompletionInformation\",\"TableName\":\"QueryCompletionInformation\",{status}}}",
        count + 1
    ));
    body.push(&match errors {
        None => ",\n{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}]".to_owned(),
        Some(errors) => {
            format!(",\n{{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":true,\"Cancelled\":false,\"OneApiErrors\":{errors}}}]")
        }
    });
    body
}

/// The frame of a result: the first has the id 1, since 0 are the properties.
fn push_table(body: &mut Chunks, at: usize, table: ResultSet, errors: Option<&str>) {
    let name = if at == 0 { "PrimaryResult" } else { &table.name };
    // The streaming reader of azure-kusto-data wants these keys in this order, rows last.
    let mut head = format!(
        ",\n{{\"FrameType\":\"DataTable\",\"TableId\":{},\"TableKind\":\"PrimaryResult\",\"TableName\":{},\"Columns\":",
        at + 1,
        quoted(name)
    );
    list(&mut head, &table.columns, |out, column| {
        let (name, ty) = (quoted(&column.name), column.ty.name());
        out.push_str(&format!("{{\"ColumnName\":{name},\"ColumnType\":\"{ty}\"}}"));
    });
    head.push_str(",\"Rows\":[");
    body.push(&head);
    let is_empty = table.row_count() == 0;
    body.push_rows(table, CellForm::KUSTO_V2, RowForm::Array);
    if let Some(errors) = errors {
        body.push(&format!("{}{{\"OneApiErrors\":{errors}}}", if is_empty { "" } else { "," }));
    }
    body.push("]}");
}

fn status_frame(answer: &Answer, context: &RequestContext) -> String {
    let ids = ids(context);
    let mut out = format!("{STATUS_COLUMNS},\"Rows\":");
    list(&mut out, status_rows(answer), |out, row| {
        out.push_str(&format!(
            "[{ids},{},\"{}\",{},{},{},\"{}\",{}]",
            row.level,
            row.level_name,
            row.status_code,
            quoted(&row.status_name),
            row.event_type,
            row.event_name,
            quoted(&row.payload)
        ));
    });
    out
}
