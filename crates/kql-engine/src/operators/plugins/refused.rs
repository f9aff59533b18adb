//! Plugins that are refused by name, each with its reason.

/// They reach out of the workspace; a query here reads nothing but stored tables.
const NETWORK: &str = "it calls a service on the network, which queries here never do";
/// They run code of another language inside of the query.
const SCRIPT: &str = "it runs a script in a sandbox, and there is none here";
/// They ask a language model.
const MODEL: &str = "it sends rows to a language model, which queries here never do";
/// They read files of a storage account.
const STORAGE: &str = "it reads files of a storage account, which queries here never do";

/// They give several result tables.
const TABLES: &str = "it gives three result tables, and a query here has one";
/// They ask the engine about itself.
const INTERNAL: &str = "it asks Kusto's engine about its own storage";

/// Names and reasons, in the order of the documentation.
const REFUSED: &[(&str, &str)] = &[
    ("ai_chat_completion", MODEL),
    ("ai_chat_completion_prompt", MODEL),
    ("ai_embed_text", MODEL),
    ("ai_embeddings", MODEL),
    ("azure_digital_twins_query_request", NETWORK),
    ("cosmosdb_sql_request", NETWORK),
    ("csharp", SCRIPT),
    ("diffpatterns_text", "its search for patterns in text is not published"),
    ("estimate_rows_count", INTERNAL),
    ("execute_query", NETWORK),
    ("execute_show_command", NETWORK),
    ("external_datatable", STORAGE),
    ("funnel_sequence", TABLES),
    ("http_request", NETWORK),
    ("http_request_post", NETWORK),
    ("infer_storage_schema", STORAGE),
    ("infer_storage_schema_with_suggestions", STORAGE),
    ("mysql_request", NETWORK),
    ("postgresql_request", NETWORK),
    ("python", SCRIPT),
    ("r", SCRIPT),
    ("sql_request", NETWORK),
];

/// Why the plugin of that name is refused; nothing if it is none of these.
pub(super) fn reason(name: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, reason)| *reason)
}
