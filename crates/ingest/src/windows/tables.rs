//! Which table an event goes to.

use super::event::WindowsEvent;
use super::event_table::EventTable;
use super::security_event::SecurityEventTable;
use crate::rows::Rows;

/// The tables of Windows events.
pub struct WindowsTables {
    security: SecurityEventTable,
    other: EventTable,
}

impl WindowsTables {
    /// Looks the columns up.
    pub fn new() -> Self {
        Self { security: SecurityEventTable::new(), other: EventTable::new() }
    }

    /// Adds the event's row: to SecurityEvent for the logs Security and AppLocker, to Event for every other.
    pub fn write(&self, event: &WindowsEvent, rows: &mut Rows) {
        if event.is_security_event() {
            self.security.write(event, rows);
        } else {
            self.other.write(event, rows);
        }
    }
}
