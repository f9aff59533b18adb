//! Requests and results of `runHuntingQuery`.

use crate::answer::Answer;
use crate::body::{BodyError, object, text};
use crate::cell::CellForm;
use crate::chunks::{Chunks, RowForm};
use crate::text::{list, quoted};
use crate::wire_type::graph_type;

/// A hunting query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HuntingRequest {
    /// KQL.
    pub query: String,
    /// The time range (see [`crate::timespan`]).
    pub timespan: Option<String>,
}

impl HuntingRequest {
    /// Reads `{"query","timespan"}`; msticpy writes `Query`.
    ///
    /// # Errors
    /// Where the body is no such object.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = object(body)?;
        let query = text(&body, "query")?.filter(|query| !query.trim().is_empty());
        let query = query.ok_or_else(|| BodyError::new("`query` has no text"))?;
        Ok(Self { query, timespan: text(&body, "timespan")?.filter(|text| !text.trim().is_empty()) })
    }
}

/// The body: schema and rows, each row an object. `base` is the address of the API, such as `https://host/v1.0`.
///
/// The form has no place for a result that is cut off; the caller refuses such results.
pub fn hunting_body(answer: Answer, base: &str) -> Chunks {
    let table = answer.tables.into_iter().next().unwrap_or_default();
    let context = quoted(&format!("{base}/$metadata#microsoft.graph.security.huntingQueryResults"));
    let mut head = format!("{{\"@odata.context\":{context},\"schema\":");
    list(&mut head, &table.columns, |out, column| {
        out.push_str(&format!("{{\"name\":{},\"type\":\"{}\"}}", quoted(&column.name), graph_type(column.ty)));
    });
    head.push_str(",\"results\":[");
    let mut body = Chunks::of(head);
    body.push_rows(table, CellForm::KUSTO_V2, RowForm::Object);
    body.push("]}");
    body
}
