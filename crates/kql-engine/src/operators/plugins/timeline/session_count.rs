//! `session_count`: ids that were not seen for a while, window by window.
//!
//! <https://learn.microsoft.com/kusto/query/session-count-plugin>

use std::collections::{BTreeMap, HashMap};

use kql_functions::Type;

use super::events::{Line, Shape, Tracked, long};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

impl Binder<'_> {
    /// How many sessions begin in each window; windows lie as `bin` cuts them, as in the recorded answers.
    pub(in crate::operators::plugins) fn session_count(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let step = Step::read(self, &mut args, "Bin", axis, 0)?;
        let look_back = axis.length(self, &mut args, "LookBackWindow")?;
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let shape = Shape::of_windows(&tracked, dimensions, vec![("count_sessions", Type::Long)]);
        self.tracked(input, &tracked, &shape, call, |events| {
            let mut last: HashMap<(u32, u32), i64> = HashMap::new();
            let mut sessions: BTreeMap<(i64, u32), usize> = BTreeMap::new();
            for event in &events.all {
                let before = last.insert((event.group, event.id), event.time);
                let is_new = before.is_none_or(|before| event.time.saturating_sub(before) >= look_back);
                if (start..=end).contains(&event.time) {
                    *sessions.entry((step.start_of(event.time), event.group)).or_default() += usize::from(is_new);
                }
            }
            let line = |((time, group), count): ((i64, u32), usize)| Line {
                group,
                before: vec![axis.value(time)],
                behind: vec![long(count)],
            };
            Ok(sessions.into_iter().map(line).collect())
        })
    }
}
