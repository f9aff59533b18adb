//! Which kind of Entra object a record of Microsoft Graph is.

use crate::json::JsonObject;

/// Kinds of objects, and of links between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GraphKind {
    User,
    Group,
    DirectoryRole,
    RoleDefinition,
    AdministrativeUnit,
    ServicePrincipal,
    Application,
    Device,
    Tenant,
    RoleAssignment,
    PermissionGrant,
    AppRoleAssignment,
    /// Which authentication methods a user has registered.
    UserRegistration,
}

/// Names of Graph's types, those of Azure AD Graph's `objectType` among them.
const TYPES: [(&str, GraphKind); 17] = [
    ("user", GraphKind::User),
    ("group", GraphKind::Group),
    ("directoryRole", GraphKind::DirectoryRole),
    ("role", GraphKind::DirectoryRole),
    ("unifiedRoleDefinition", GraphKind::RoleDefinition),
    ("administrativeUnit", GraphKind::AdministrativeUnit),
    ("servicePrincipal", GraphKind::ServicePrincipal),
    ("application", GraphKind::Application),
    ("device", GraphKind::Device),
    ("organization", GraphKind::Tenant),
    ("unifiedRoleAssignment", GraphKind::RoleAssignment),
    ("unifiedRoleAssignmentScheduleInstance", GraphKind::RoleAssignment),
    ("unifiedRoleEligibilityScheduleInstance", GraphKind::RoleAssignment),
    ("unifiedRoleEligibilitySchedule", GraphKind::RoleAssignment),
    ("unifiedRoleAssignmentSchedule", GraphKind::RoleAssignment),
    ("oAuth2PermissionGrant", GraphKind::PermissionGrant),
    ("appRoleAssignment", GraphKind::AppRoleAssignment),
];

/// Fields that a record without a type must all have, one of those behind the bar suffices, and its kind; the first that fits decides.
const SHAPES: [(&[&str], &[&str], GraphKind); 12] = [
    (&["userPrincipalName", "isMfaRegistered"], &[], GraphKind::UserRegistration),
    (&["principalId", "roleDefinitionId"], &["directoryScopeId", "appScopeId"], GraphKind::RoleAssignment),
    (&["clientId", "consentType", "resourceId", "scope"], &[], GraphKind::PermissionGrant),
    (&["principalId", "resourceId", "appRoleId"], &[], GraphKind::AppRoleAssignment),
    (&["displayName", "roleTemplateId"], &[], GraphKind::DirectoryRole),
    (&["displayName", "rolePermissions"], &[], GraphKind::RoleDefinition),
    (&["displayName", "appId"], &["servicePrincipalType", "servicePrincipalNames"], GraphKind::ServicePrincipal),
    (&["displayName", "appId"], &["signInAudience", "requiredResourceAccess"], GraphKind::Application),
    (&["displayName", "deviceId"], &["operatingSystem", "trustType"], GraphKind::Device),
    (&["displayName", "securityEnabled", "mailEnabled"], &[], GraphKind::Group),
    (&["displayName", "verifiedDomains", "tenantType"], &[], GraphKind::Tenant),
    (&["displayName", "userPrincipalName"], &[], GraphKind::User),
];

/// Fields of logs that name users and applications too.
const LOG_FIELDS: [&str; 7] =
    ["category", "ipAddress", "riskLevel", "riskEventType", "activityDisplayName", "activityDateTime", "TimeGenerated"];

/// The kind, or `None` for what is no Entra object.
pub(super) fn kind_of(object: &JsonObject) -> Option<GraphKind> {
    id_of(object)?;
    if let Some(name) = object.get_str("@odata.type") {
        return type_of(&name);
    }
    if object.has("objectId")
        && let Some(name) = object.get_str("objectType")
    {
        return type_of(&name);
    }
    let has = |name: &&str| object.get_ignore_case(name).is_some();
    if LOG_FIELDS.iter().any(has) {
        return None;
    }
    let fits =
        |(all, one, _): &&(&[&str], &[&str], GraphKind)| all.iter().all(has) && (one.is_empty() || one.iter().any(has));
    SHAPES.iter().find(fits).map(|(.., kind)| *kind)
}

/// The kind that a type's name stands for: `#microsoft.graph.user`, `User`.
pub(super) fn type_of(name: &str) -> Option<GraphKind> {
    let name = name.rsplit('.').next()?.trim_start_matches('#');
    TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
}

/// The object's id; exports of older tools and of the portal call it `objectId`.
pub(super) fn id_of<'a>(object: &'a JsonObject) -> Option<std::borrow::Cow<'a, str>> {
    ["id", "Id", "objectId", "ObjectId"].iter().find_map(|name| object.get_str(name)).filter(|id| !id.is_empty())
}

impl GraphKind {
    /// As it stands in `ObjectType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User | Self::UserRegistration => "User",
            Self::Group => "Group",
            Self::DirectoryRole | Self::RoleDefinition => "DirectoryRole",
            Self::AdministrativeUnit => "AdministrativeUnit",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::Application => "Application",
            Self::Device => "Device",
            Self::Tenant => "Tenant",
            Self::RoleAssignment => "RoleAssignment",
            Self::PermissionGrant => "PermissionGrant",
            Self::AppRoleAssignment => "AppRoleAssignment",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(json: &str) -> Option<GraphKind> {
        kind_of(&JsonObject::parse(json).unwrap())
    }

    #[test]
    fn objects_are_told_by_type_or_by_shape() {
        let cases = [
            (r##"{"@odata.type":"#microsoft.graph.group","id":"1"}"##, Some(GraphKind::Group)),
            (r#"{"id":"1","displayName":"Ann","userPrincipalName":"ann@contoso.com"}"#, Some(GraphKind::User)),
            (r#"{"objectId":"1","objectType":"User","userPrincipalName":"x"}"#, Some(GraphKind::User)),
            (r#"{"Id":"1","DisplayName":"Ann","UserPrincipalName":"x"}"#, Some(GraphKind::User)),
            (r#"{"id":"1","displayName":"A","appId":"2","signInAudience":"x"}"#, Some(GraphKind::Application)),
            (
                r#"{"id":"1","displayName":"A","appId":"2","signInAudience":"x","servicePrincipalType":"Application"}"#,
                Some(GraphKind::ServicePrincipal),
            ),
            (
                r#"{"id":"1","principalId":"2","roleDefinitionId":"3","directoryScopeId":"/"}"#,
                Some(GraphKind::RoleAssignment),
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(kind(json), expected, "{json}");
        }
    }

    #[test]
    fn logs_that_name_users_are_no_objects() {
        let logs = [
            r#"{"id":"1","createdDateTime":"x","userPrincipalName":"x","userDisplayName":"x","appId":"x","ipAddress":"x"}"#,
            r#"{"id":"1","userPrincipalName":"x","userDisplayName":"x","riskLevel":"high"}"#,
            r#"{"id":"1","category":"x","displayName":"x","userPrincipalName":"x"}"#,
            r#"{"id":"1","title":"x"}"#,
            r#"{"displayName":"x","userPrincipalName":"x"}"#,
            r##"{"@odata.type":"#microsoft.graph.security.alert","id":"x"}"##,
        ];
        for json in logs {
            assert_eq!(kind(json), None, "{json}");
        }
    }
}
