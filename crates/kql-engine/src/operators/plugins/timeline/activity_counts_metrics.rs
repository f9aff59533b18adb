//! `activity_counts_metrics`: rows and ids of each window, and how many ids are new.
//!
//! <https://learn.microsoft.com/kusto/query/activity-counts-metrics-plugin>

use std::collections::{BTreeMap, HashMap, HashSet};

use kql_functions::Type;

use super::events::{Line, Shape, Tracked, long};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

impl Binder<'_> {
    /// Counts of each window, compared with all windows before.
    pub(in crate::operators::plugins) fn activity_counts_metrics(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let step = Step::read(self, &mut args, "Step", axis, start)?;
        let dimensions = args.columns("Dimensions", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let shape = Shape::of_windows(
            &tracked,
            dimensions,
            vec![
                ("count", Type::Long),
                ("dcount", Type::Long),
                ("new_dcount", Type::Long),
                ("aggregated_dcount", Type::Long),
            ],
        );
        self.tracked(input, &tracked, &shape, call, |events| {
            let mut windows: BTreeMap<(i64, u32), (usize, HashSet<u32>)> = BTreeMap::new();
            for event in events.all.iter().filter(|event| (start..=end).contains(&event.time)) {
                let (count, ids) = windows.entry((step.start_of(event.time), event.group)).or_default();
                *count += 1;
                ids.insert(event.id);
            }
            let mut known: HashMap<u32, HashSet<u32>> = HashMap::new();
            let line = |((time, group), (count, ids)): ((i64, u32), (usize, HashSet<u32>))| {
                let known = known.entry(group).or_default();
                let new = ids.iter().filter(|id| known.insert(**id)).count();
                let behind = vec![long(count), long(ids.len()), long(new), long(known.len())];
                Line { group, before: vec![axis.value(time)], behind }
            };
            Ok(windows.into_iter().map(line).collect())
        })
    }
}
