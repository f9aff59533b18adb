//! `evaluate`: plugins, one file each.
//!
//! To add one: a file with a function of the type [`Apply`] that reads its arguments with [`Arguments`], and a line in
//! [`PLUGINS`].

mod arguments;
mod bag_unpack;
mod call;
mod dcount_intersect;
mod lookup;
mod narrow;
mod output_schema;
mod patterns;
mod pivot;
mod preview;
mod refused;
mod rows;
mod rows_near;
mod schema_merge;
mod sequence_detect;
mod timeline;

pub(super) use arguments::{Arguments, Wanted};
pub(super) use call::PluginCall;

use crate::binder::{Bind, Binder};
use crate::scope::Relation;

/// Applies a plugin to a table.
type Apply = fn(&mut Binder<'_>, Relation, &PluginCall<'_>) -> Bind<Relation>;

/// The plugins by name.
const PLUGINS: &[(&str, Apply)] = &[
    ("active_users_count", |binder, input, call| binder.active_users_count(input, call)),
    ("activity_counts_metrics", |binder, input, call| binder.activity_counts_metrics(input, call)),
    ("activity_engagement", |binder, input, call| binder.activity_engagement(input, call)),
    ("activity_metrics", |binder, input, call| binder.activity_metrics(input, call)),
    ("autocluster", |binder, input, call| binder.autocluster(input, call)),
    ("bag_unpack", |binder, input, call| binder.bag_unpack(input, call)),
    ("basket", |binder, input, call| binder.basket(input, call)),
    ("dcount_intersect", |binder, input, call| binder.dcount_intersect(input, call)),
    ("diffpatterns", |binder, input, call| binder.diffpatterns(input, call)),
    ("funnel_sequence_completion", |binder, input, call| binder.funnel_sequence_completion(input, call)),
    ("geo_line_lookup", |binder, input, call| binder.geo_line_lookup(input, call)),
    ("geo_polygon_lookup", |binder, input, call| binder.geo_polygon_lookup(input, call)),
    ("ipv4_lookup", |binder, input, call| binder.ipv4_lookup(input, call)),
    ("ipv6_lookup", |binder, input, call| binder.ipv6_lookup(input, call)),
    ("narrow", |binder, input, call| binder.narrow(input, call)),
    ("new_activity_metrics", |binder, input, call| binder.new_activity_metrics(input, call)),
    ("pivot", |binder, input, call| binder.pivot(input, call)),
    ("preview", |binder, input, call| binder.preview(input, call)),
    ("rolling_percentile", |binder, input, call| binder.rolling_percentile(input, call)),
    ("rows_near", |binder, input, call| binder.rows_near(input, call)),
    ("schema_merge", |binder, input, call| binder.schema_merge(input, call)),
    ("sequence_detect", |binder, input, call| binder.sequence_detect(input, call)),
    ("session_count", |binder, input, call| binder.session_count(input, call)),
    ("sliding_window_counts", |binder, input, call| binder.sliding_window_counts(input, call)),
];

/// The names of all plugins that `evaluate` calls, sorted.
pub fn plugin_names() -> Vec<&'static str> {
    let mut names: Vec<_> = PLUGINS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}
