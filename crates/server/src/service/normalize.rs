//! Paths as the routes know them.

use std::borrow::Cow;

use super::doors::kusto_queued::ACCOUNT;

/// Segments of Azure Resource Manager paths that are words, not names: clients differ in their case.
const ARM_ROOT: &str = "subscriptions";

/// The path to route by: `//` collapsed; the words of Azure Resource Manager paths in lower case (a path alternates words and names after
/// `/subscriptions`; after `providers` a namespace comes first); the key of a table's row (`/table(PartitionKey='…',RowKey='…')`) a segment of
/// its own; the account of addresses of storage left out. Names keep their case.
pub(crate) fn normalize_path(path: &str) -> Cow<'_, str> {
    let collapsed = without_account(collapse(path));
    let root = collapsed.trim_start_matches('/').split('/').next().unwrap_or_default();
    if let Some((table, keys)) = root.split_once('(')
        && keys.ends_with(')')
    {
        return Cow::Owned(collapsed.replacen(&format!("{table}("), &format!("{table}/("), 1));
    }
    if root.eq_ignore_ascii_case(ARM_ROOT) { Cow::Owned(lower_words(&collapsed)) } else { collapsed }
}

fn without_account(path: Cow<'_, str>) -> Cow<'_, str> {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(ACCOUNT)).filter(|rest| rest.starts_with('/'));
    match rest {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => path,
    }
}

fn collapse(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut collapsed = String::with_capacity(path.len());
    for char in path.chars() {
        if !(char == '/' && collapsed.ends_with('/')) {
            collapsed.push(char);
        }
    }
    Cow::Owned(collapsed)
}

fn lower_words(path: &str) -> String {
    let mut is_word = true;
    let mut lowered = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        lowered.push('/');
        if !is_word {
            lowered.push_str(segment);
            is_word = true;
            continue;
        }
        lowered.push_str(&segment.to_ascii_lowercase());
        // A namespace such as `Microsoft.Insights` stands between two words.
        let is_namespace = segment.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("microsoft."));
        is_word = is_namespace || segment.eq_ignore_ascii_case("providers");
    }
    lowered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_slashes_are_one() {
        assert_eq!(normalize_path("/v1//subscriptions/S//query"), "/v1/subscriptions/S/query");
        assert_eq!(normalize_path("/v1/rest/query"), "/v1/rest/query");
    }

    #[test]
    fn words_of_resource_manager_paths_are_lower_case_and_names_stay() {
        let path = "/subscriptions/Sub/resourceGroups/RG/providers/Microsoft.Insights/dataCollectionRules/MyRule";
        assert_eq!(
            normalize_path(path),
            "/subscriptions/Sub/resourcegroups/RG/providers/microsoft.insights/datacollectionrules/MyRule"
        );
        let nested = "/Subscriptions/S/resourcegroups/RG/providers/Microsoft.OperationalInsights/workspaces/W/providers/Microsoft.SecurityInsights/Incidents/I";
        assert_eq!(
            normalize_path(nested),
            "/subscriptions/S/resourcegroups/RG/providers/microsoft.operationalinsights/workspaces/W/providers/microsoft.securityinsights/incidents/I"
        );
    }

    #[test]
    fn the_key_of_a_row_is_a_segment() {
        assert_eq!(normalize_path("/t(PartitionKey='a',RowKey='b')"), "/t/(PartitionKey='a',RowKey='b')");
        assert_eq!(normalize_path("/t()"), "/t/()");
        assert_eq!(normalize_path("/a/t(x)"), "/a/t(x)");
    }

    #[test]
    fn the_account_of_storage_is_left_out() {
        assert_eq!(normalize_path("/vedettestorage/ingest-queue/messages"), "/ingest-queue/messages");
        assert_eq!(normalize_path("/vedettestoragex/a"), "/vedettestoragex/a");
    }

    #[test]
    fn a_name_beyond_ascii_is_no_namespace() {
        assert_eq!(normalize_path("/subscriptions/ééééééééé/X/y"), "/subscriptions/ééééééééé/x/y");
        assert_eq!(normalize_path("/subscriptions/a/ééééééééé/Y"), "/subscriptions/a/ééééééééé/Y");
    }
}
