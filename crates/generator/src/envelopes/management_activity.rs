//! The Office 365 Management Activity API: a blob is a JSON array. Blobs repeat records, some of them much later.

use crate::output::Content;
use crate::unified_audit::UnifiedRecord;

/// How many records later a repetition comes.
const DISTANCE: usize = 25;

/// The records with their repetitions.
pub(super) fn repeated<'a>(records: &[&'a UnifiedRecord]) -> Vec<&'a UnifiedRecord> {
    let mut repeated = Vec::with_capacity(records.len() + records.len() / 10);
    for position in 0..records.len() + DISTANCE {
        repeated.extend(records.get(position));
        let earlier = position.checked_sub(DISTANCE).and_then(|earlier| records.get(earlier));
        repeated.extend(earlier.filter(|record| record.duplicated));
    }
    repeated
}

/// The blob.
pub(super) fn blob(records: &[&UnifiedRecord]) -> Content {
    let texts: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
    Content::new(format!("[{}]", texts.join(",\n")), records.len())
}
