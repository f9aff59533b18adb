//! The names by which clients find the workspace.

use crate::service::app::App;

/// What clients of Kusto ask for where they were told no database.
const DEFAULT_DATABASE: &str = "NetDefaultDB";

/// Whether this is a name of the workspace: its name, its id, one of its aliases, or the name that stands for any.
pub(crate) fn is_workspace(app: &App, name: &str) -> bool {
    let config = &app.config().workspace;
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    same(&config.name)
        || same(DEFAULT_DATABASE)
        || same(&app.workspace_guid())
        || config.aliases.iter().any(|alias| same(alias))
}

/// The name in a resource id of a workspace (`/subscriptions/…/workspaces/NAME`); the text itself where it is no resource id.
pub(crate) fn name_in(resource: &str) -> Option<&str> {
    let trimmed = resource.trim_matches('/');
    if !trimmed.contains('/') {
        return Some(trimmed);
    }
    let (parent, name) = trimmed.rsplit_once('/')?;
    let kind = "microsoft.operationalinsights/workspaces";
    parent.to_ascii_lowercase().ends_with(kind).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_id_ends_with_the_name_of_the_workspace() {
        let id = "/subscriptions/S/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/Main";
        assert_eq!(name_in(id), Some("Main"));
        assert_eq!(name_in("Main"), Some("Main"));
        assert_eq!(name_in("/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/vm"), None);
    }
}
