//! Rows for tests of the surfaces.

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Map, Value as Json, json};

use crate::rows_from_json::rows_from_json;
use crate::service::app::App;

/// Runs for minutes unless it is stopped.
pub(crate) const LONG: &str = "range x from 1 to 30000 step 1 | extend k=1 | join kind=inner (range y from 1 to 30000 step 1 | extend k=1) on k | summarize sum(sin(x * y))";

/// A sign-in of each of these users, an hour before the service's now.
pub(crate) async fn append_sign_ins(app: &App, users: &[&str]) {
    let table = schema::table("SigninLogs").expect("a built-in table");
    let time = (app.now() - TimeDelta::hours(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let row = |user: &&str| match json!({"TimeGenerated": time, "UserPrincipalName": user}) {
        Json::Object(row) => row,
        _ => Map::new(),
    };
    let rows: Vec<Map<String, Json>> = users.iter().map(row).collect();
    app.live().append(vec![(table, rows_from_json(table, &rows).expect("rows"))], None).await.expect("appended");
}
