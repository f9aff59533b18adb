//! What every report says about its making.

/// Headings and their paragraphs.
pub(crate) const PARAGRAPHS: &[(&str, &[&str])] = &[
    (
        "How the logs were read",
        &[
            "Each file was read record by record and recognized by its content. A record became a row of the table that Microsoft names for it, with \
             the file and the place it came from; fields without a column of their own were kept beside it. Times were brought to UTC. What could \
             not be placed was set aside with its reason; nothing was left out silently, duplicates are counted.",
        ],
    ),
    (
        "How findings came about",
        &[
            "Detection rules are Microsoft Sentinel scheduled analytics rules. Each rule's schedule was replayed over the whole time of the logs it \
             reads, so that it saw what it would have seen live. Severity is the rule's own, or one that the rule raises or lowers by what it \
             sees; an incident has the severity of its most severe alert.",
            "Alerts were first grouped within a rule as the rule says, then joined across rules when they share an account, host or address and lie \
             at most 24 hours apart. Names that everybody shares (built-in accounts, local addresses, anything in more than 20 alerts a day) join \
             nothing. Where the logs are of several tenants, rules ran over each tenant apart, and alerts of two tenants are joined only by a \
             public address that both saw, never by the names of accounts or hosts.",
        ],
    ),
    (
        "How evidence was chosen",
        &[
            "The timeline of an incident shows rows of the tables that the alert's rule reads, between the alert's first and last event, that name \
             the alert's account or address (or, where it has neither, its host or application) and do not come from another address than the \
             alert's. It can therefore hold neighboring events that are harmless; the rule's own answer is what is listed under the alert.",
        ],
    ),
    (
        "Limits",
        &[
            "A report can only tell of what the logs hold. A rule that found nothing, or could not look, does not prove that nothing happened. Names, \
             user agents and messages are shown as they stand in the logs and may have been written by an attacker.",
            "ATT&CK techniques (such as T1110) are described by MITRE at attack.mitre.org.",
        ],
    ),
];

/// How to go on from the report.
pub(crate) fn timeline_command(workspace: &str) -> String {
    format!(
        "vedette timeline --workspace {workspace} --incident 1\n\
         vedette timeline --workspace {workspace} --entity somebody@example.com --format csv\n\
         vedette query --workspace {workspace} \"SecurityAlert | project TimeGenerated, DisplayName, AlertSeverity\""
    )
}
