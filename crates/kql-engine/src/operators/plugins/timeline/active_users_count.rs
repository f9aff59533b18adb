//! `active_users_count`: ids that were seen in enough periods of a window that looks back.
//!
//! <https://learn.microsoft.com/kusto/query/active-users-count-plugin>

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kql_functions::{Type, Value};

use super::events::{Line, Shape, Tracked, long};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

impl Binder<'_> {
    /// How many ids are active in each window: seen there, and in so many periods up to then.
    pub(in crate::operators::plugins) fn active_users_count(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let look_back = axis.length(self, &mut args, "LookbackWindow")?;
        let period = axis.length(self, &mut args, "Period")?;
        let needed = args.constant(self, "ActivePeriodsCount", Wanted::NUMBER)?;
        let needed = match needed.cast(Type::Long) {
            Value::Long(needed) => usize::try_from(needed).unwrap_or(0),
            _ => 0,
        };
        let step = Step::read(self, &mut args, "Bin", axis, start)?;
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let period = Step::Fixed { length: period.max(1), origin: start };
        let shape = Shape::of_windows(&tracked, dimensions, vec![("dcount", Type::Long)]);
        self.tracked(input, &tracked, &shape, call, |events| {
            let mut seen: HashMap<(u32, u32), BTreeMap<i64, usize>> = HashMap::new();
            let mut oldest: HashMap<(u32, u32), (usize, Vec<i64>)> = HashMap::new();
            let mut active: BTreeMap<(i64, u32), BTreeSet<u32>> = BTreeMap::new();
            for event in events.all.iter().filter(|event| event.time <= end) {
                let who = (event.group, event.id);
                let periods = seen.entry(who).or_default();
                let (head, times) = oldest.entry(who).or_default();
                times.push(event.time);
                *periods.entry(period.start_of(event.time)).or_default() += 1;
                // The window ends with this event and does not hold its own beginning.
                while times[*head] <= event.time.saturating_sub(look_back) {
                    let gone = period.start_of(times[*head]);
                    *head += 1;
                    if let Some(count) = periods.get_mut(&gone) {
                        *count -= 1;
                        if *count == 0 {
                            periods.remove(&gone);
                        }
                    }
                }
                if event.time >= start && periods.len() >= needed {
                    active.entry((step.start_of(event.time), event.group)).or_default().insert(event.id);
                }
            }
            let line = |((time, group), ids): ((i64, u32), BTreeSet<u32>)| Line {
                group,
                before: vec![axis.value(time)],
                behind: vec![long(ids.len())],
            };
            Ok(active.into_iter().map(line).collect())
        })
    }
}
