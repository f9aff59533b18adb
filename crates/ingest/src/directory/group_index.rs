//! Which groups the users of a snapshot are in: groups list their members, users do not list their groups.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decoder::LateRecord;
use crate::json::quote;
use crate::limits::{LATE_BYTES, LATE_MEMBERSHIPS};
use crate::source_file::collection_of;

/// The groups of one snapshot.
#[derive(Debug, Default)]
struct Collection {
    /// Names by id.
    names: HashMap<String, Arc<str>>,
    /// Groups by the id of a member.
    groups: HashMap<String, Vec<Arc<str>>>,
}

/// Groups and users of all snapshots of a run. Files of one snapshot lie in one folder or archive, and bear the same time.
#[derive(Debug, Default)]
pub(super) struct GroupIndex {
    collections: HashMap<String, Collection>,
    memberships: usize,
    users: Vec<LateRecord>,
    user_bytes: usize,
}

impl GroupIndex {
    /// Adds a group with the ids of its members.
    pub fn add_group<'m>(&mut self, file: &str, id: &str, name: &str, members: impl Iterator<Item = &'m str>) {
        if self.is_over() {
            return;
        }
        let collection = self.collections.entry(collection_of(file).to_owned()).or_default();
        let name: Arc<str> = Arc::from(name);
        collection.names.insert(id.to_owned(), Arc::clone(&name));
        for member in members {
            collection.groups.entry(member.to_owned()).or_default().push(Arc::clone(&name));
            self.memberships += 1;
        }
    }

    /// Keeps a user until all groups are known. False when there is no room: its row is then made without groups.
    pub fn add_user(&mut self, user: LateRecord) -> bool {
        let fits = self.user_bytes + user.text.len() <= LATE_BYTES;
        if fits {
            self.user_bytes += user.text.len();
            self.users.push(user);
        }
        fits
    }

    /// The users that were kept.
    pub fn take_users(&mut self) -> Vec<LateRecord> {
        self.user_bytes = 0;
        std::mem::take(&mut self.users)
    }

    /// The names of the groups that the user is in directly, as a JSON array. `None` where the snapshot's groups were not read, or not
    /// all: some groups would look like all.
    pub fn groups_of(&self, file: &str, id: &str, primary_group: &str) -> Option<String> {
        let collection = self.collections.get(collection_of(file)).filter(|_| !self.is_over())?;
        let mut names: Vec<&str> = collection.groups.get(id).into_iter().flatten().map(AsRef::as_ref).collect();
        names.extend(collection.names.get(primary_group).map(AsRef::as_ref));
        names.sort_unstable();
        names.dedup();
        let quoted: Vec<String> = names.into_iter().map(quote).collect();
        Some(format!("[{}]", quoted.join(",")))
    }

    fn is_over(&self) -> bool {
        self.memberships > LATE_MEMBERSHIPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_count_within_their_snapshot_only() {
        let mut index = GroupIndex::default();
        index.add_group("a/20240101000000_groups.json", "g1", "ADMINS", ["u1", "u2"].into_iter());
        index.add_group("a/20240101000000_groups.json", "g2", "USERS", std::iter::empty());
        index.add_group("a/20240601000000_groups.json", "g1", "ADMINS", std::iter::empty());
        let groups = |file: &str, id: &str| index.groups_of(file, id, "g2");
        assert_eq!(groups("a/20240101000000_users.json", "u1").as_deref(), Some("[\"ADMINS\",\"USERS\"]"));
        assert_eq!(groups("a/20240601000000_users.json", "u1").as_deref(), Some("[]"));
        assert_eq!(groups("b/users.json", "u1"), None);
    }
}
