//! A workspace's metadata, from which editors complete names.
//!
//! <https://learn.microsoft.com/rest/api/loganalytics/metadata/get>

use crate::answer::WireColumn;
use crate::text::{list, quoted};

/// A table of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataTable {
    /// Its name.
    pub name: String,
    /// The column that the time range restricts.
    pub time_column: String,
    /// Visible columns, in order.
    pub columns: Vec<WireColumn>,
}

/// A stored function of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataFunction {
    /// Its name.
    pub name: String,
    /// `a:long, T:(*)`.
    pub parameters: String,
    /// KQL.
    pub body: String,
}

/// The body: one workspace with its tables and functions.
pub fn metadata_body(
    workspace: (&str, &str),
    resource: &str,
    tables: &[MetadataTable],
    functions: &[MetadataFunction],
) -> String {
    let (id, name) = workspace;
    let mut out = String::from("{\"tables\":");
    list(&mut out, tables, |out, table| {
        let name = quoted(&table.name);
        out.push_str(&format!(
            "{{\"id\":{name},\"name\":{name},\"timespanColumn\":{},\"columns\":",
            quoted(&table.time_column)
        ));
        list(out, &table.columns, |out, column| {
            out.push_str(&format!("{{\"name\":{},\"type\":\"{}\"}}", quoted(&column.name), column.ty.name()));
        });
        out.push_str(&format!(",\"related\":{{\"workspaces\":[{}]}}}}", quoted(id)));
    });
    out.push_str(",\"functions\":");
    list(&mut out, functions, |out, function| {
        let name = quoted(&function.name);
        out.push_str(&format!(
            "{{\"id\":{name},\"name\":{name},\"displayName\":{name},\"body\":{}",
            quoted(&function.body)
        ));
        if !function.parameters.is_empty() {
            out.push_str(&format!(",\"parameters\":{}", quoted(&function.parameters)));
        }
        out.push_str(&format!(",\"related\":{{\"workspaces\":[{}]}}}}", quoted(id)));
    });
    let (id, name, resource) = (quoted(id), quoted(name), quoted(resource));
    out.push_str(&format!(",\"workspaces\":[{{\"id\":{id},\"resourceId\":{resource},\"name\":{name},\"region\":\"local\",\"related\":{{\"tables\":"));
    list(&mut out, tables, |out, table| out.push_str(&quoted(&table.name)));
    out.push_str(",\"functions\":");
    list(&mut out, functions, |out, function| out.push_str(&quoted(&function.name)));
    out.push_str(&format!(
        "}}}}],\"tableGroups\":[],\"categories\":[],\"queries\":[],\"resourceTypes\":[],\"solutions\":[],\"applications\":[],\"resources\":[],\
         \"permissions\":{{\"workspaces\":[{{\"workspaceId\":{id}}}]}}}}"
    ));
    out
}
