//! `SecurityAlert.Entities`: entities with `$id`s, files with the hashes and processes with the files that they refer to.

use schema::{Entity, EntityKind};
use serde_json::{Map, Value, json};

use super::evidence::Evidence;

/// Most entities of an alert; Sentinel's limit.
const MAX_ENTITIES: usize = 500;
/// Longest text of all entities of an alert, in bytes; Sentinel's limit.
const MAX_BYTES: usize = 64 * 1024;

/// The entities of an alert as JSON text; empty where there are none.
pub(super) fn entity_list(evidence: &[Evidence]) -> String {
    let mut list = EntityList::default();
    for evidence in evidence {
        list.add(evidence);
    }
    if list.entities.is_empty() { String::new() } else { format!("[{}]", list.entities.join(",")) }
}

#[derive(Default)]
struct EntityList {
    entities: Vec<String>,
    bytes: usize,
    /// Bodies of the entities, so that each comes once, with its `$id`.
    seen: Vec<(String, usize)>,
    /// The limit is reached.
    full: bool,
}

impl EntityList {
    /// Adds an entity, unless the list has it or is full. Gives its `$id`; 1 is the alert itself.
    fn push(&mut self, body: Map<String, Value>) -> Option<usize> {
        let text = Value::Object(body.clone()).to_string();
        if let Some((_, id)) = self.seen.iter().find(|(seen, _)| *seen == text) {
            return Some(*id);
        }
        let id = self.entities.len() + 2;
        let mut entity = Map::from_iter([("$id".to_owned(), Value::String(id.to_string()))]);
        entity.extend(body);
        let written = Value::Object(entity).to_string();
        self.full |= self.entities.len() >= MAX_ENTITIES || self.bytes + written.len() + 1 > MAX_BYTES;
        if self.full {
            return None;
        }
        self.bytes += written.len() + 1;
        self.entities.push(written);
        self.seen.push((text, id));
        Some(id)
    }

    fn add(&mut self, evidence: &Evidence) {
        match evidence.entity.as_ref().map(|entity| entity.kind) {
            Some(EntityKind::Process) => drop(self.process(evidence)),
            Some(EntityKind::File) => drop(self.file(evidence)),
            Some(EntityKind::Host) => drop(self.host(evidence)),
            Some(_) => drop(self.plain(evidence.entity.as_ref())),
            // A file known by its hashes only.
            None if evidence.entity_type == "File" => drop(self.hashes(evidence)),
            None => {}
        }
    }

    fn plain(&mut self, entity: Option<&Entity>) -> Option<usize> {
        self.push(body(entity?))
    }

    fn host(&mut self, evidence: &Evidence) -> Option<usize> {
        let mut host = body(evidence.entity.as_ref()?);
        if let Some(id) = evidence.column("DeviceId") {
            host.insert("MdatpDeviceId".to_owned(), json!(id));
        }
        self.push(host)
    }

    fn hashes(&mut self, evidence: &Evidence) -> Vec<Value> {
        let hashes = ["SHA1", "SHA256"].into_iter().filter_map(|algorithm| {
            let value = evidence.column(algorithm)?;
            let entity = Entity::new(EntityKind::FileHash, [("Algorithm", algorithm), ("Value", value)])?;
            let id = self.plain(Some(&entity))?;
            Some(reference(id))
        });
        hashes.collect()
    }

    fn file(&mut self, evidence: &Evidence) -> Option<usize> {
        let names = [("FileName", "Name"), ("FolderPath", "Directory")];
        let identifiers = names.iter().filter_map(|(column, name)| Some((*name, evidence.column(column)?)));
        let mut file = body(&Entity::new(EntityKind::File, identifiers)?);
        let hashes = self.hashes(evidence);
        if !hashes.is_empty() {
            file.insert("FileHashes".to_owned(), Value::Array(hashes));
        }
        self.push(file)
    }

    fn process(&mut self, evidence: &Evidence) -> Option<usize> {
        let mut process = body(evidence.entity.as_ref()?);
        if let Some(id) = self.file(evidence) {
            process.insert("ImageFile".to_owned(), reference(id));
        }
        let account = [
            ("AccountUpn", "FullName"),
            ("AccountName", "Name"),
            ("AccountDomain", "NTDomain"),
            ("AccountSid", "Sid"),
            ("AccountObjectId", "AadUserId"),
        ];
        let account = account.iter().filter_map(|(column, name)| Some((*name, evidence.column(column)?)));
        if let Some(id) = self.plain(Entity::new(EntityKind::Account, account).as_ref()) {
            process.insert("Account".to_owned(), reference(id));
        }
        self.push(process)
    }
}

/// The entity's identifiers and type, without an `$id`.
fn body(entity: &Entity) -> Map<String, Value> {
    match entity.to_sentinel_json(0) {
        Value::Object(mut body) => {
            body.remove("$id");
            body
        }
        _ => Map::new(),
    }
}

fn reference(id: usize) -> Value {
    json!({ "$ref": id.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonObject;

    fn list(objects: &[&str]) -> String {
        let evidence: Vec<Evidence> =
            objects.iter().map(|text| Evidence::read(&JsonObject::parse(text).unwrap())).collect();
        entity_list(&evidence)
    }

    #[test]
    fn a_process_refers_to_its_file_and_the_file_to_its_hashes() {
        let process = r#"{"entityType":"Process","processId":7,"fileName":"a.exe","filePath":"c:\\x","sha1":"aa"}"#;
        let text = list(&[process, process]);
        let entities: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(
            Value::Array(entities),
            json!([
                {"$id": "2", "Algorithm": "SHA1", "Value": "aa", "Type": "filehash"},
                {"$id": "3", "Directory": "c:\\x", "Name": "a.exe", "FileHashes": [{"$ref": "2"}], "Type": "file"},
                {"$id": "4", "ProcessId": "7", "ImageFile": {"$ref": "3"}, "Type": "process"}
            ])
        );
    }

    #[test]
    fn entities_stay_under_the_limit() {
        let objects: Vec<String> = (0..200)
            .map(|n| format!(r#"{{"entityType":"Url","url":"https://{n}.contoso.com/{}"}}"#, "x".repeat(500)))
            .collect();
        let text = list(&objects.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(text.len() <= MAX_BYTES && serde_json::from_str::<Vec<Value>>(&text).unwrap().len() > 100);
        assert_eq!(list(&[]), "");
    }
}
