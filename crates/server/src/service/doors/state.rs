//! What all ways share.

use std::sync::Arc;

use ingest::Intake;
use schema::Table;

use super::rules::Rules;
use super::statistics::DoorStatistics;
use crate::service::config::Config;
use crate::service::metrics::Metrics;

/// The parts of the ways in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Doors {
    intake: Arc<Intake>,
    statistics: Arc<DoorStatistics>,
    rules: Arc<Rules>,
}

impl Doors {
    /// The parts, for a workspace that has these custom tables.
    pub(crate) fn new(config: &Config, custom: &[&'static Table], metrics: &Metrics) -> Self {
        let statistics = DoorStatistics::new();
        statistics.register(&mut metrics.registry());
        let intake = Intake::new(custom).with_bounded_times(config.ingestion.bound_times);
        Self { intake: Arc::new(intake), statistics: Arc::new(statistics), rules: Arc::new(Rules::new(&config.rules)) }
    }

    /// The decoders.
    pub(crate) fn intake(&self) -> &Arc<Intake> {
        &self.intake
    }

    /// What came.
    pub(crate) fn statistics(&self) -> &Arc<DoorStatistics> {
        &self.statistics
    }

    /// The data collection rules.
    pub(crate) fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }
}
