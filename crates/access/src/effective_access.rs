//! What somebody may, from all that it was given.

use std::collections::BTreeSet;

use crate::{Permission, Role, TableScope};

/// A role that was given, with the tables that it is limited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The tables; absent: all.
    pub tables: Option<BTreeSet<String>>,
}

/// What somebody may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveAccess {
    /// Its roles, without repetition, in the order of `Role`.
    pub roles: Vec<Role>,
    /// The tables that exist for it.
    pub tables: TableScope,
}

impl EffectiveAccess {
    /// The sum of grants. A grant that reads and names no tables opens all of them; one that does not read opens none.
    pub fn of(grants: &[Grant]) -> Self {
        let roles: BTreeSet<Role> = grants.iter().map(|grant| grant.role).collect();
        let reading = || grants.iter().filter(|grant| grant.role.allows(Permission::Read));
        let tables = if reading().any(|grant| grant.tables.is_none()) {
            TableScope::All
        } else {
            TableScope::Only(reading().flat_map(|grant| grant.tables.iter().flatten().cloned()).collect())
        };
        Self { roles: roles.into_iter().collect(), tables }
    }

    /// What both may: of an owner's token, which may do no more than its owner may today.
    pub fn and(&self, other: &EffectiveAccess) -> EffectiveAccess {
        let roles: BTreeSet<Role> =
            self.roles.iter().flat_map(|one| other.roles.iter().filter_map(|two| one.common(*two))).collect();
        let tables = match (&self.tables, &other.tables) {
            (TableScope::All, scope) | (scope, TableScope::All) => scope.clone(),
            (TableScope::Only(one), TableScope::Only(two)) => {
                TableScope::Only(one.intersection(two).cloned().collect())
            }
        };
        EffectiveAccess { roles: roles.into_iter().collect(), tables }
    }

    /// Whether all of this is within the other: who gives away may give no more than it has.
    pub fn is_within(&self, other: &EffectiveAccess) -> bool {
        let tables = match (&self.tables, &other.tables) {
            (_, TableScope::All) => true,
            (TableScope::All, TableScope::Only(_)) => false,
            (TableScope::Only(own), TableScope::Only(others)) => own.is_subset(others),
        };
        tables && self.roles.iter().all(|role| other.roles.iter().any(|others| role.common(*others) == Some(*role)))
    }
}

impl Role {
    /// The greatest role that is within both. `Ingest` stands beside the ladder of readers, and within `Contributor` and `Administrator`.
    fn common(self, other: Role) -> Option<Role> {
        let (small, great) = if self <= other { (self, other) } else { (other, self) };
        (small != Role::Ingest || great.allows(Permission::Ingest)).then_some(small)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, tables: Option<&[&str]>) -> Grant {
        Grant { role, tables: tables.map(|tables| tables.iter().map(|table| (*table).to_owned()).collect()) }
    }

    fn only(tables: &[&str]) -> TableScope {
        TableScope::Only(tables.iter().map(|table| (*table).to_owned()).collect())
    }

    #[test]
    fn grants_add_up() {
        let cases: [(&[Grant], TableScope); 6] = [
            (&[], only(&[])),
            (&[grant(Role::Ingest, None)], only(&[])),
            (&[grant(Role::Reader, Some(&["A"])), grant(Role::Ingest, None)], only(&["A"])),
            (&[grant(Role::Reader, Some(&["A"])), grant(Role::Responder, Some(&["B"]))], only(&["A", "B"])),
            (&[grant(Role::Reader, Some(&["A"])), grant(Role::Reader, None)], TableScope::All),
            (&[grant(Role::Reader, Some(&[]))], only(&[])),
        ];
        for (grants, tables) in cases {
            assert_eq!(EffectiveAccess::of(grants).tables, tables, "{grants:?}");
        }
        let roles =
            EffectiveAccess::of(&[grant(Role::Reader, None), grant(Role::Ingest, None), grant(Role::Reader, None)])
                .roles;
        assert_eq!(roles, [Role::Ingest, Role::Reader]);
    }

    #[test]
    fn a_token_may_no_more_than_its_owner() {
        let of = |grants: &[Grant]| EffectiveAccess::of(grants);
        let administrator = of(&[grant(Role::Administrator, None)]);
        let reader_of_a = of(&[grant(Role::Reader, Some(&["A"]))]);
        let ingest = of(&[grant(Role::Ingest, None)]);
        assert_eq!(administrator.and(&reader_of_a), reader_of_a);
        assert_eq!(administrator.and(&ingest).roles, [Role::Ingest]);
        assert!(reader_of_a.and(&ingest).roles.is_empty());
        assert_eq!(reader_of_a.and(&of(&[grant(Role::Responder, Some(&["A", "B"]))])), reader_of_a);
        assert!(ingest.is_within(&administrator) && !administrator.is_within(&ingest));
        assert!(reader_of_a.is_within(&administrator) && !ingest.is_within(&reader_of_a));
        assert!(!of(&[grant(Role::Reader, None)]).is_within(&of(&[grant(Role::Contributor, Some(&["A"]))])));
    }

    #[test]
    fn what_both_may_is_what_each_may() {
        for one in Role::ALL {
            for two in Role::ALL {
                let both = EffectiveAccess::of(&[grant(one, None)]).and(&EffectiveAccess::of(&[grant(two, None)]));
                for permission in [
                    Permission::Ingest,
                    Permission::Read,
                    Permission::Respond,
                    Permission::Contribute,
                    Permission::Administer,
                ] {
                    let may = both.roles.iter().any(|role| role.allows(permission));
                    assert_eq!(
                        may,
                        one.allows(permission) && two.allows(permission),
                        "{one} and {two}: {permission:?}"
                    );
                }
            }
        }
    }
}
