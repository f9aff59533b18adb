//! Record numbers of Windows event logs, which count the events of one log of one computer.

use std::collections::HashMap;

use crate::engine::Trace;
use crate::records::{Channel, Record};

/// The last number given in each log.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    last: HashMap<(u32, Channel), u64>,
}

/// What a log's first event within the window is numbered.
const FIRST_RECORD: u64 = 100_001;

impl Numbering {
    /// Numbers the event of `trace`, if it is one. Traces must come in order of time.
    pub(super) fn number(&mut self, trace: &mut Trace) {
        if let Record::Windows(event) = &mut trace.record {
            let last = self.last.entry((event.host.number, event.layout.channel)).or_insert(FIRST_RECORD - 1);
            *last += 1;
            event.record = *last;
        }
    }
}
