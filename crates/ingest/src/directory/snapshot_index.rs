//! What only all records of a snapshot together say: the names of the objects that others know by id, and the groups of a user. Groups list
//! their members by id, users do not list their groups.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decoder::LateRecord;
use crate::json::quote;
use crate::limits::{LATE_BYTES, LATE_LINKS};
use crate::source_file::collection_of;

/// The objects of one snapshot.
#[derive(Debug, Default)]
struct Collection {
    /// Names by id.
    names: HashMap<String, Arc<str>>,
    /// Groups by the id of a member.
    groups: HashMap<String, Vec<Arc<str>>>,
    has_groups: bool,
}

/// The snapshots of a run, and the records that wait for them. Files of one snapshot lie in one folder or archive, and bear the same time.
#[derive(Debug, Default)]
pub(super) struct SnapshotIndex {
    collections: HashMap<String, Collection>,
    /// Names and memberships so far.
    links: usize,
    waiting: Vec<LateRecord>,
    waiting_bytes: usize,
}

impl SnapshotIndex {
    /// Adds an object.
    pub fn add_object(&mut self, file: &str, id: &str, name: &str) {
        if let Some(collection) = self.collection(file) {
            collection.names.insert(id.to_owned(), Arc::from(name));
            self.links += 1;
        }
    }

    /// Adds the ids of a group's members.
    pub fn add_group<'m>(&mut self, file: &str, name: &str, members: impl Iterator<Item = &'m str>) {
        let Some(collection) = self.collection(file) else { return };
        collection.has_groups = true;
        let name: Arc<str> = Arc::from(name);
        let mut added = 0;
        for member in members {
            collection.groups.entry(member.to_owned()).or_default().push(Arc::clone(&name));
            added += 1;
        }
        self.links += added;
    }

    /// Keeps a record until the snapshot is known. False when there is no room: its rows are then made at once.
    pub fn wait(&mut self, record: LateRecord) -> bool {
        let fits = self.waiting_bytes + record.text.len() <= LATE_BYTES;
        if fits {
            self.waiting_bytes += record.text.len();
            self.waiting.push(record);
        }
        fits
    }

    /// The records that were kept.
    pub fn take_waiting(&mut self) -> Vec<LateRecord> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }

    /// The name of an object of the snapshot.
    pub fn name_of(&self, file: &str, id: &str) -> Option<Arc<str>> {
        self.collections.get(collection_of(file))?.names.get(id).cloned()
    }

    /// The names of the groups that the user is in directly, as a JSON array. `None` where the snapshot's groups were not read, or not
    /// all: some groups would look like all.
    pub fn groups_of(&self, file: &str, id: &str, primary_group: &str) -> Option<String> {
        let collection = self.collections.get(collection_of(file))?;
        if !collection.has_groups || self.is_full() {
            return None;
        }
        let mut names: Vec<&str> = collection.groups.get(id).into_iter().flatten().map(AsRef::as_ref).collect();
        names.extend(collection.names.get(primary_group).map(AsRef::as_ref));
        names.sort_unstable();
        names.dedup();
        let quoted: Vec<String> = names.into_iter().map(quote).collect();
        Some(format!("[{}]", quoted.join(",")))
    }

    fn collection(&mut self, file: &str) -> Option<&mut Collection> {
        if self.is_full() {
            return None;
        }
        Some(self.collections.entry(collection_of(file).to_owned()).or_default())
    }

    fn is_full(&self) -> bool {
        self.links > LATE_LINKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_groups_count_within_their_snapshot_only() {
        let (first, second) = ("a/20240101000000_groups.json", "a/20240601000000_groups.json");
        let mut index = SnapshotIndex::default();
        index.add_object(first, "g2", "USERS");
        index.add_group(first, "ADMINS", ["u1", "u2"].into_iter());
        index.add_group(second, "ADMINS", std::iter::empty());
        index.add_object("b/users.json", "g2", "USERS");
        let groups = |file: &str| index.groups_of(file, "u1", "g2");
        assert_eq!(groups("a/20240101000000_users.json").as_deref(), Some("[\"ADMINS\",\"USERS\"]"));
        assert_eq!(groups("a/20240601000000_users.json").as_deref(), Some("[]"));
        assert_eq!(groups("b/users.json"), None);
        assert_eq!(index.name_of("a/20240101000000_users.json", "g2").as_deref(), Some("USERS"));
        assert_eq!(index.name_of("a/20240601000000_users.json", "g2"), None);
    }
}
