//! `activity_metrics`: how many ids come back from one window to the next.
//!
//! <https://learn.microsoft.com/kusto/query/activity-metrics-plugin>

use std::collections::{BTreeMap, HashSet};

use kql_functions::Type;

use super::events::{Line, Shape, Tracked, long, ratio};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

impl Binder<'_> {
    /// Ids of each window, compared with the window before.
    pub(in crate::operators::plugins) fn activity_metrics(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        // `[Start, End,] Window`: columns cannot stand before the window.
        let has_range = args.len() >= 3 && !args.names_column(1, &input);
        let (start, end) = if has_range { axis.range(self, &mut args)? } else { (i64::MIN, i64::MAX) };
        let step = Step::read(self, &mut args, "Window", axis, if has_range { start } else { 0 })?;
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let shape = Shape::of_windows(
            &tracked,
            dimensions,
            vec![
                ("dcount_values", Type::Long),
                ("dcount_newvalues", Type::Long),
                ("retention_rate", Type::Real),
                ("churn_rate", Type::Real),
            ],
        );
        self.tracked(input, &tracked, &shape, call, |events| {
            let mut windows: BTreeMap<(i64, u32), HashSet<u32>> = BTreeMap::new();
            for event in events.all.iter().filter(|event| (start..=end).contains(&event.time)) {
                windows.entry((step.start_of(event.time), event.group)).or_default().insert(event.id);
            }
            let nobody = HashSet::new();
            let line = |(&(time, group), ids): (&(i64, u32), &HashSet<u32>)| {
                let before = windows.get(&(step.before(time), group)).unwrap_or(&nobody);
                let back = ids.intersection(before).count();
                let lost = before.len() - back;
                let behind =
                    vec![long(ids.len()), long(ids.len() - back), ratio(back, before.len()), ratio(lost, before.len())];
                Line { group, before: vec![axis.value(time)], behind }
            };
            Ok(windows.iter().map(line).collect())
        })
    }
}
