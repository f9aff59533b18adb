//! Elasticsearch's `_bulk`: lines of an action, each followed by its document.
//!
//! <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk>

use crate::intake::Records;
use crate::json::JsonObject;
use crate::limits::{LIVE_RECORDS, RECORD_BYTES};

/// Longest index name that Elasticsearch takes, in bytes.
const INDEX_BYTES: usize = 255;

/// Longest document id that Elasticsearch takes, in bytes.
const ID_BYTES: usize = 512;

/// What is to be done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkAction {
    /// Store it.
    Index,
    /// Store it if its id is new.
    Create,
    /// Change one; refused, since logs are not changed.
    Update,
    /// Remove one; refused.
    Delete,
}

impl BulkAction {
    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One action, in the order of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkItem {
    /// What is to be done; `index` where the line does not say it.
    pub action: BulkAction,
    /// The index named, or that of the route.
    pub index: String,
    /// The document's id, where one is given.
    pub id: Option<String>,
    /// Its place among the records of its index, or why it has none.
    pub record: Result<usize, String>,
}

/// The actions of a body, and the documents by index.
#[derive(Debug, Default)]
pub struct Bulk {
    /// The actions in order: the answer has an item for each.
    pub items: Vec<BulkItem>,
    /// The documents of each index, in the order of the indexes' first documents.
    pub indexes: Vec<(String, Records)>,
}

impl Bulk {
    /// Reads a body; `default_index` is that of the route. Lines that cannot be read cost their item only, and are kept as damaged records.
    pub fn parse(body: &[u8], default_index: Option<&str>) -> Self {
        let mut bulk = Self::default();
        let mut lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let mut next = lines.next();
        while let Some(line) = next {
            next = lines.next();
            if bulk.items.len() >= LIVE_RECORDS {
                bulk.refuse(line, default_index, &format!("more than {LIVE_RECORDS} actions"));
                return bulk;
            }
            match Action::parse(line, default_index) {
                Ok(action) if action.kind == BulkAction::Delete => bulk.unsupported(action),
                Ok(action) => match next {
                    Some(document) => {
                        bulk.add(action, document);
                        next = lines.next();
                    }
                    None => bulk.refuse(line, default_index, "action without a document"),
                },
                Err(reason) => {
                    bulk.refuse(line, default_index, &reason);
                    // Its document follows, unless that is an action itself.
                    if next.is_some_and(|line| Action::parse(line, default_index).is_err()) {
                        next = lines.next();
                    }
                }
            }
        }
        bulk
    }

    fn unsupported(&mut self, action: Action) {
        let reason = format!("`{}` is not taken: logs are only added", action.kind.name());
        self.items.push(BulkItem { action: action.kind, index: action.index, id: action.id, record: Err(reason) });
    }

    fn add(&mut self, action: Action, document: &[u8]) {
        if action.kind == BulkAction::Update {
            return self.unsupported(action);
        }
        let records = self.records(&action.index);
        let record = records.len();
        match std::str::from_utf8(document) {
            Ok(text) if text.len() > RECORD_BYTES => {
                records.push_damage("", format!("document longer than {RECORD_BYTES} bytes"));
            }
            Ok(text) if text.starts_with('{') => records.push(text),
            Ok(text) => records.push_damage(text, "document is no JSON object"),
            Err(_) => records.push_damage(&String::from_utf8_lossy(document), "document is no UTF-8"),
        }
        self.items.push(BulkItem { action: action.kind, index: action.index, id: action.id, record: Ok(record) });
    }

    /// An item whose action cannot be read; the line goes to the records as damage.
    fn refuse(&mut self, line: &[u8], default_index: Option<&str>, reason: &str) {
        let index = default_index.unwrap_or_default().to_owned();
        let records = self.records(&index);
        let record = records.len();
        records.push_damage(&String::from_utf8_lossy(line), format!("bulk action is not valid: {reason}"));
        self.items.push(BulkItem { action: BulkAction::Index, index, id: None, record: Ok(record) });
    }

    fn records(&mut self, index: &str) -> &mut Records {
        let place = self.indexes.iter().position(|(name, _)| name == index).unwrap_or_else(|| {
            self.indexes.push((index.to_owned(), Records::json()));
            self.indexes.len() - 1
        });
        &mut self.indexes[place].1
    }
}

struct Action {
    kind: BulkAction,
    index: String,
    id: Option<String>,
}

impl Action {
    fn parse(line: &[u8], default_index: Option<&str>) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "no UTF-8".to_owned())?;
        let object = JsonObject::parse(text).map_err(|_| "no JSON object".to_owned())?;
        let mut fields = object.iter();
        let (Some((name, value)), None) = (fields.next(), fields.next()) else {
            return Err("expected one field: the action".to_owned());
        };
        let kind = [BulkAction::Index, BulkAction::Create, BulkAction::Update, BulkAction::Delete]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| "expected `index`, `create`, `update` or `delete`".to_owned())?;
        let details = value.as_object().ok_or_else(|| format!("`{name}` is no object"))?;
        let text =
            |field: &str| details.get(field).filter(|value| !value.is_null()).map(|value| value.to_text().into_owned());
        let index = text("_index").or_else(|| default_index.map(str::to_owned)).unwrap_or_default();
        if index.is_empty() || index.len() > INDEX_BYTES {
            return Err("`_index` is missing or too long".to_owned());
        }
        let id = text("_id");
        if id.as_ref().is_some_and(|id| id.len() > ID_BYTES) {
            return Err(format!("`_id` is longer than {ID_BYTES} bytes"));
        }
        Ok(Self { kind, index, id })
    }
}

/// The custom table for documents of an index that no decoder knows: its name without the date, version and number that rotation
/// adds (`app-2024.05.01`, `filebeat-8.15.0-000001`), with `_` for what a table's name cannot have.
pub fn table_of_index(index: &str) -> String {
    let is_rotation = |part: &&str| {
        let part = part.strip_prefix('v').unwrap_or(part);
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let index = index.trim_start_matches('.').strip_prefix("ds-").unwrap_or(index.trim_start_matches('.'));
    let parts: Vec<&str> = index.split('-').filter(|part| !is_rotation(part)).collect();
    let name: String =
        parts.join("_").chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let name = name.trim_matches('_');
    let room = schema::MAX_CUSTOM_TABLE_NAME_BYTES - schema::CUSTOM_SUFFIX.len() - 1;
    let name = &name[..name.len().min(room)];
    let letter = if name.starts_with(|first: char| first.is_ascii_alphabetic()) { "" } else { "i" };
    format!("{letter}{name}{}", schema::CUSTOM_SUFFIX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(bulk: &Bulk) -> Vec<String> {
        let item = |item: &BulkItem| {
            let place = match &item.record {
                Ok(place) => place.to_string(),
                Err(reason) => reason.clone(),
            };
            format!("{} {} {} {place}", item.action.name(), item.index, item.id.as_deref().unwrap_or("-"))
        };
        bulk.items.iter().map(item).collect()
    }

    #[test]
    fn every_action_has_an_item_in_order() {
        let body = b"{\"create\":{}}\n{\"a\":1}\n{\"index\":{\"_index\":\"x\",\"_id\":7}}\r\n{\"a\":2}\n\n{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n{\"create\":{}}\n[1]\n{\"create\":{}}";
        let bulk = Bulk::parse(body, Some("logs"));
        assert_eq!(
            shown(&bulk),
            [
                "create logs - 0",
                "index x 7 0",
                "delete logs 1 `delete` is not taken: logs are only added",
                "update logs 2 `update` is not taken: logs are only added",
                "create logs - 1",
                "index logs - 2",
            ]
        );
        let logs: Vec<_> = bulk.indexes[0].1.iter().collect();
        assert_eq!(logs[0], ("{\"a\":1}", None));
        assert_eq!(logs[1], ("[1]", Some("document is no JSON object")));
        assert_eq!(logs[2].1, Some("bulk action is not valid: action without a document"));
    }

    #[test]
    fn an_action_that_cannot_be_read_takes_its_document_with_it() {
        let body = b"{\"create\":{\"_index\":\"x\"}}\n{\"a\":1}\n{\"cre\n{\"a\":2}\n{\"create\":{\"_index\":\"x\"}}\n{\"a\":3}\n";
        let bulk = Bulk::parse(body, None);
        assert_eq!(shown(&bulk), ["create x - 0", "index  - 0", "create x - 1"]);
        let missing = Bulk::parse(b"{\"create\":{}}\n{\"a\":1}\n", None);
        assert_eq!(
            missing.indexes[0].1.iter().next().unwrap().1,
            Some("bulk action is not valid: `_index` is missing or too long")
        );
    }

    #[test]
    fn the_table_of_an_index_is_the_same_after_rotation() {
        for (index, table) in [
            ("app-2024.05.01", "app_CL"),
            ("filebeat-8.15.0-000001", "filebeat_CL"),
            (".ds-logs-okta.system-default-2024.05.01-000002", "logs_okta_system_default_CL"),
            ("2024.05.01", "i_CL"),
            ("../../etc/passwd", "etc_passwd_CL"),
            ("logs_é", "logs_CL"),
        ] {
            assert_eq!(table_of_index(index), table, "{index}");
            assert!(schema::is_custom_table_name(table));
        }
    }

    proptest! {
        #[test]
        fn every_index_has_a_table(index in "\\PC{0,300}") {
            prop_assert!(schema::is_custom_table_name(&table_of_index(&index)));
        }

        #[test]
        fn any_lines_are_read(lines in proptest::collection::vec(prop_oneof![
            Just("{\"create\":{}}"), Just("{\"index\":{\"_index\":\"a\"}}"), Just("{\"a\":1}"), Just("{"), Just(""), Just("é\u{0}")
        ], 0..12)) {
            let bulk = Bulk::parse(lines.join("\n").as_bytes(), Some("d"));
            let records: usize = bulk.indexes.iter().map(|(_, records)| records.len()).sum();
            prop_assert_eq!(records, bulk.items.iter().filter(|item| item.record.is_ok()).count());
        }
    }
}
