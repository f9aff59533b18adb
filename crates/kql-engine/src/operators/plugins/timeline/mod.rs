//! Plugins that follow ids along a timeline.

mod active_users_count;
mod activity_counts_metrics;
mod activity_engagement;
mod activity_metrics;
mod axis;
mod events;
mod funnel_sequence_completion;
mod new_activity_metrics;
mod rolling_percentile;
mod session_count;
mod sliding_window_counts;
mod step;

pub(super) use axis::Axis;
