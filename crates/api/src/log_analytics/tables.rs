//! Tables of a workspace as Azure Resource Manager lists them, which msticpy reads schemas from.
//!
//! <https://learn.microsoft.com/rest/api/loganalytics/tables>

use serde_json::{Value as Json, json};

use crate::answer::WireColumn;
use crate::wire_type::arm_type;

/// A table of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmTable {
    /// Its name.
    pub name: String,
    /// Whether it is a custom table.
    pub is_custom: bool,
    /// Visible columns, in order.
    pub columns: Vec<WireColumn>,
    /// Days that its rows can be queried, where a retention is set.
    pub retention_days: Option<u32>,
}

/// The body of one table; `workspace` is the workspace's resource id.
pub fn arm_table(workspace: &str, table: &ArmTable) -> Json {
    let column = |column: &WireColumn| json!({"name": column.name, "type": arm_type(column.ty), "isDefaultDisplay": false, "isHidden": false});
    let columns: Vec<Json> = table.columns.iter().map(column).collect();
    let (standard, custom) = if table.is_custom { (Vec::new(), columns) } else { (columns, Vec::new()) };
    let mut properties = json!({
        "schema": {
            "name": table.name,
            "tableType": if table.is_custom { "CustomLog" } else { "Microsoft" },
            "tableSubType": if table.is_custom { "DataCollectionRuleBased" } else { "Any" },
            "standardColumns": standard,
            "columns": custom,
            // msticpy reads custom columns by this name.
            "customColumns": custom,
            "isTroubleshootingAllowed": true,
        },
        "plan": "Analytics",
        "provisioningState": "Succeeded",
    });
    if let Some(days) = table.retention_days {
        properties["retentionInDays"] = json!(days);
        properties["totalRetentionInDays"] = json!(days);
    }
    json!({
        "id": format!("{workspace}/tables/{}", table.name),
        "name": table.name,
        "type": "Microsoft.OperationalInsights/workspaces/tables",
        "properties": properties,
    })
}

/// The body of all tables, in one page.
pub fn arm_tables_body(workspace: &str, tables: &[ArmTable]) -> String {
    let listed: Vec<Json> = tables.iter().map(|table| arm_table(workspace, table)).collect();
    json!({ "value": listed }).to_string()
}
