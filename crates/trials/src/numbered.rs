//! Records that carry a number, and which of them a service has.

use serde_json::json;

use crate::{HttpClient, Random};

/// The custom table of the records. The stream is named after it, and so is the index.
pub const TABLE: &str = "Numbered_CL";

/// The data collection rule that is always there and takes the stream of any table.
const RULE: &str = "dcr-00000000000000000000000000000000";

/// The records of one sender, in batches.
#[derive(Debug, Clone)]
pub struct NumberedRecords {
    /// The sender.
    pub sender: u64,
    /// The number of the next batch's first record.
    pub next: u64,
    /// Records of a batch.
    pub batch: u64,
}

impl NumberedRecords {
    /// The next batch as Logs Ingestion takes it: path, headers, body.
    pub fn logs_ingestion(&self) -> (String, Vec<(&'static str, String)>, Vec<u8>) {
        let records: Vec<serde_json::Value> = self.numbers().map(|number| self.record(number)).collect();
        let path = format!("/dataCollectionRules/{RULE}/streams/Custom-{TABLE}?api-version=2023-01-01");
        // The same each time the batch is sent: that is how Azure's clients try again.
        let id = format!("00000000-0000-4000-{:04x}-{:012x}", self.sender & 0xffff, self.next);
        let headers = vec![("content-type", "application/json".to_owned()), ("x-ms-client-request-id", id)];
        (path, headers, serde_json::Value::from(records).to_string().into_bytes())
    }

    /// The next batch as `_bulk` takes it, each document with its id.
    pub fn bulk(&self) -> (String, Vec<(&'static str, String)>, Vec<u8>) {
        let index = TABLE.trim_end_matches("_CL");
        let mut body = String::new();
        for number in self.numbers() {
            let action = json!({"create": {"_index": index, "_id": format!("{}-{number}", self.sender)}});
            body.push_str(&format!("{action}\n{}\n", self.record(number)));
        }
        ("/_bulk".to_owned(), vec![("content-type", "application/x-ndjson".to_owned())], body.into_bytes())
    }

    fn numbers(&self) -> std::ops::Range<u64> {
        self.next..self.next + self.batch
    }

    fn record(&self, number: u64) -> serde_json::Value {
        let mut random = Random::new(self.sender << 40 | number);
        let words: String = (0..8).map(|_| format!("{:016x} ", random.draw())).collect();
        json!({"Sender": self.sender, "Number": number, "Text": words.trim_end()})
    }
}

/// A query for how many records there are of each sender: rows, distinct numbers, the highest number.
pub fn count_by_query() -> String {
    format!(
        "{TABLE} | summarize Copies=count() by Sender, Number \
         | summarize Rows=sum(Copies), Distinct=count(), Highest=max(Number) by Sender | order by Sender asc"
    )
}

/// What a service has of each sender: sender, rows, distinct numbers, the highest number.
///
/// # Errors
/// When the query fails.
pub fn distinct_numbers(client: &mut HttpClient) -> Result<Vec<[u64; 4]>, String> {
    let body = json!({"query": count_by_query()});
    let answer = client.post_json("/v1/workspaces/vedette/query", &body).map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("the query was answered with {}: {}", answer.status, answer.text()));
    }
    let answer = answer.json()?;
    let rows = answer["tables"][0]["rows"].as_array().ok_or_else(|| format!("no rows in `{answer}`"))?;
    let cell = |value: &serde_json::Value| value.as_u64().or_else(|| value.as_f64().map(|real| real as u64));
    let row = |row: &serde_json::Value| {
        let cells = [cell(&row[0])?, cell(&row[1])?, cell(&row[2])?, cell(&row[3])?];
        Some(cells)
    };
    rows.iter().map(|cells| row(cells).ok_or_else(|| format!("no numbers in `{cells}`"))).collect()
}
