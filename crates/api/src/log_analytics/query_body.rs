//! The answer to a query of Log Analytics.

use serde_json::{Map, Value as Json, json};

use crate::answer::{Answer, CutOff, ResultSet};
use crate::cell::CellForm;
use crate::chunks::{Chunks, RowForm};
use crate::text::{list, quoted};

use super::prefer::Prefer;

/// The body: tables, and what the client prefers to have beside them.
pub fn query_body(answer: Answer, prefer: &Prefer) -> Chunks {
    let statistics = prefer.include_statistics.then(|| statistics(&answer));
    let render = prefer.include_render.then(|| render(answer.visualization.as_ref()));
    let mut body = Chunks::of("{\"tables\":[".to_owned());
    for (at, table) in answer.tables.into_iter().enumerate() {
        if at > 0 {
            body.push(",");
        }
        push_table(&mut body, at, table);
    }
    body.push("]");
    for (name, value) in [("statistics", statistics), ("render", render), ("error", answer.cut_off.map(partial_error))]
    {
        if let Some(value) = value {
            body.push(&format!(",\"{name}\":{value}"));
        }
    }
    body.push("}");
    body
}

fn push_table(body: &mut Chunks, at: usize, table: ResultSet) {
    let name = if at == 0 { "PrimaryResult" } else { &table.name };
    let mut head = format!("{{\"name\":{},\"columns\":", quoted(name));
    list(&mut head, &table.columns, |out, column| {
        out.push_str(&format!("{{\"name\":{},\"type\":\"{}\"}}", quoted(&column.name), column.ty.name()));
    });
    head.push_str(",\"rows\":[");
    body.push(&head);
    body.push_rows(table, CellForm::LOG_ANALYTICS, RowForm::Array);
    body.push("]}");
}

/// What the query took. What is not measured is left out rather than made up.
fn statistics(answer: &Answer) -> Json {
    let statistics = &answer.statistics;
    let tables: Vec<Json> = answer
        .tables
        .iter()
        .map(|table| json!({"tableRowCount": table.row_count(), "tableSize": table.byte_size()}))
        .collect();
    json!({"query": {
        "executionTime": statistics.execution.as_secs_f64(),
        "resourceUsage": {"memory": {"peakPerNode": statistics.memory_bytes}},
        "inputDatasetStatistics": {
            "extents": {"total": statistics.extents_total},
            "rows": {"total": statistics.rows_total},
        },
        "datasetStatistics": tables,
    }})
}

/// How the result asks to be shown: all properties, also without `render`.
fn render(visualization: Option<&Json>) -> Json {
    const PROPERTIES: [&str; 15] = [
        "title",
        "kind",
        "xColumn",
        "yColumns",
        "series",
        "anomalyColumns",
        "xTitle",
        "yTitle",
        "xAxis",
        "yAxis",
        "legend",
        "ySplit",
        "yMin",
        "yMax",
        "by",
    ];
    let empty = Map::new();
    let given = visualization.and_then(Json::as_object).unwrap_or(&empty);
    let find =
        |name: &str| given.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let mut render = Map::new();
    render.insert("visualization".to_owned(), find("visualization").unwrap_or(Json::Null));
    for name in PROPERTIES {
        let absent = || if name == "kind" { json!("default") } else { Json::Null };
        render.insert(name.to_owned(), find(name).unwrap_or_else(absent));
    }
    render.insert("accumulate".to_owned(), find("accumulate").unwrap_or(json!(false)));
    render.insert("isQuerySorted".to_owned(), json!(false));
    render.insert("annotation".to_owned(), json!(""));
    Json::Object(render)
}

/// The error beside the tables of a result that is cut off.
fn partial_error(cut_off: CutOff) -> Json {
    json!({
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{
            "code": "EngineError",
            "message": "Something went wrong processing your query on the server.",
            "innererror": {
                "code": CutOff::CODE.to_string(),
                "message": cut_off.log_analytics_message(),
                "severity": 2,
                "severityName": "Error",
            },
        }],
    })
}
