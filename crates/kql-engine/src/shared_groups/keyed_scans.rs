//! How a scan is asked for the keys of texts.

use std::sync::Arc;

use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;

/// Gives a scan whose texts in some of these columns are keys into texts: dictionary arrays of `u32` and views. Which columns they are, the
/// scan's schema tells. Nothing for a plan that is no such scan, or that has none among the columns.
pub type GivingKeys = fn(&Arc<dyn ExecutionPlan>, &[usize], &ConfigOptions) -> Result<Option<Arc<dyn ExecutionPlan>>>;

/// What a session knows of such scans.
#[derive(Debug)]
pub(crate) struct KeyedScans(pub GivingKeys);

impl KeyedScans {
    /// The scan, giving keys where it can.
    pub fn of(
        context: &TaskContext,
        scan: &Arc<dyn ExecutionPlan>,
        columns: &[usize],
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let config = context.session_config();
        match config.get_extension::<Self>() {
            Some(scans) if !columns.is_empty() => (scans.0)(scan, columns, config.options()),
            _ => Ok(None),
        }
    }
}
