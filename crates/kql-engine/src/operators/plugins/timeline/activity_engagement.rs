//! `activity_engagement`: ids of a short window as a part of those of a long one.
//!
//! <https://learn.microsoft.com/kusto/query/activity-engagement-plugin>

use std::collections::BTreeMap;

use kql_functions::Type;

use super::events::{Line, Shape, Tracked, long, ratio};
use super::sliding_window_counts::windows;
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

impl Binder<'_> {
    /// Ids of each inner window and of the outer window that ends with it.
    pub(in crate::operators::plugins) fn activity_engagement(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let has_range = args.len() >= 4 && !args.names_column(2, &input);
        let range = if has_range { axis.range(self, &mut args)? } else { (i64::MIN / 2, i64::MAX / 2) };
        let inner = axis.length(self, &mut args, "InnerActivityWindow")?.max(1);
        let outer = axis.length(self, &mut args, "OuterActivityWindow")?;
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let step = Step::Fixed { length: inner, origin: if has_range { range.0 } else { 0 } };
        let steps = usize::try_from(outer / inner).unwrap_or(usize::MAX).max(1);
        let shape = Shape::of_windows(
            &tracked,
            dimensions,
            vec![
                ("dcount_activities_inner", Type::Long),
                ("dcount_activities_outer", Type::Long),
                ("activity_ratio", Type::Real),
            ],
        );
        self.tracked(input, &tracked, &shape, call, |events| {
            let distinct = |steps: usize| -> Bind<BTreeMap<(i64, u32), usize>> {
                let seen = windows(events, step, range, steps, call)?;
                Ok(seen
                    .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
                    .map(|window| ((window[0].0, window[0].1), window.chunk_by(|a, b| a.2 == b.2).count()))
                    .collect())
            };
            let outer = distinct(steps)?;
            let line = |((time, group), inner): ((i64, u32), usize)| {
                let outer = outer.get(&(time, group)).copied().unwrap_or(inner);
                let behind = vec![long(inner), long(outer), ratio(inner, outer)];
                Line { group, before: vec![axis.value(time)], behind }
            };
            Ok(distinct(1)?.into_iter().map(line).collect())
        })
    }
}
