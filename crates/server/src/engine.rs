//! The engine as commands and the service use it: told how storage's tables are scanned best.

use kql_engine::{Engine, EngineOptions};

use crate::Error;

/// An engine over workspaces. Fails only where temporary files cannot be set up.
pub(crate) fn engine() -> Result<Engine, Error> {
    let engine = Engine::new(&EngineOptions::default()).map_err(|error| Error::new(error.to_string()))?;
    let engine = engine.with_scan_rules(&storage::scan_rules(), &storage::scan_functions());
    Ok(engine.with_keyed_scans(storage::giving_keys))
}
