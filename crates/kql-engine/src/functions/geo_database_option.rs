//! How a session hands the database of places to the functions that it runs.

use std::any::Any;
use std::sync::Arc;

use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use kql_functions::GeoDatabase;

/// The database of places as an option of a session, so that plans hold no handle to it.
#[derive(Debug, Clone)]
pub(crate) struct GeoDatabaseOption(pub Arc<dyn GeoDatabase>);

impl GeoDatabaseOption {
    /// The database of a session's options.
    pub fn find(options: &ConfigOptions) -> Option<&dyn GeoDatabase> {
        options.extensions.get::<Self>().map(|option| option.0.as_ref())
    }
}

impl ConfigExtension for GeoDatabaseOption {
    const PREFIX: &'static str = "geo_database";
}

impl ExtensionOptions for GeoDatabaseOption {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _: &str) -> Result<()> {
        Err(DataFusionError::Configuration(format!("`{}.{key}` cannot be set by text", Self::PREFIX)))
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}
