//! Names of Entra's built-in roles by template id, which is also the id of their definition; from Microsoft's list of built-in roles.

/// `template id<TAB>name`.
const ROLES: &str = include_str!("data/entra_roles.tsv");

/// The name of the role, or `""`.
pub(super) fn role_name(id: &str) -> &'static str {
    let role = ROLES.lines().filter_map(|line| line.split_once('\t')).find(|(known, _)| known.eq_ignore_ascii_case(id));
    role.map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_roles_have_names() {
        assert_eq!(role_name("62E90394-69f5-4237-9190-012177145e10"), "Global Administrator");
        assert_eq!(role_name("00000000-0000-0000-0000-000000000000"), "");
        assert!(ROLES.lines().all(|line| line.split_once('\t').is_some_and(|(id, _)| id.len() == 36)));
    }
}
