//! `sliding_window_counts`: rows and ids of a window that looks back, at each step.
//!
//! <https://learn.microsoft.com/kusto/query/sliding-window-counts-plugin>

use kql_functions::Type;

use super::events::{Events, Line, Shape, Tracked, long};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::operators::plugins::rows::bounded;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Windows between two looks at the clock and the limit.
const WATCHED: usize = 65_536;

impl Binder<'_> {
    /// How many rows and ids lie in the window that ends with each step.
    pub(in crate::operators::plugins) fn sliding_window_counts(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let look_back = axis.length(self, &mut args, "LookbackWindow")?;
        let step = Step::read(self, &mut args, "Bin", axis, start)?;
        let Step::Fixed { length, .. } = step else {
            let what = "sliding_window_counts by month or year";
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, call.span, what).into());
        };
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let shape = Shape::of_windows(&tracked, dimensions, vec![("Count", Type::Long), ("Dcount", Type::Long)]);
        let steps = usize::try_from(look_back / length).unwrap_or(usize::MAX).max(1);
        self.tracked(input, &tracked, &shape, call, |events| {
            let seen = windows(events, step, (start, end), steps, call)?;
            Ok(seen
                .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
                .map(|window| {
                    let ids = window.chunk_by(|a, b| a.2 == b.2).count();
                    let (time, group, _) = window[0];
                    Line { group, before: vec![axis.value(time)], behind: vec![long(window.len()), long(ids)] }
                })
                .collect())
        })
    }
}

/// Each event once for each window that it lies in: beginning of the last step, combination of dimensions, id; sorted.
pub(super) fn windows(
    events: &Events<'_>,
    step: Step,
    (start, end): (i64, i64),
    steps: usize,
    call: &PluginCall<'_>,
) -> Bind<Vec<(i64, u32, u32)>> {
    let mut seen = Vec::new();
    let earliest = step.start_of(start);
    for event in events.all.iter().filter(|event| event.time <= end) {
        let mut window = step.start_of(event.time);
        let mut left = steps;
        // Skips the windows before the first in one go.
        if window < earliest
            && let Step::Fixed { length, .. } = step
        {
            let skipped = earliest.saturating_sub(window) / length;
            window = window.saturating_add(skipped.saturating_mul(length));
            left = left.saturating_sub(usize::try_from(skipped).unwrap_or(usize::MAX));
        }
        while left > 0 && window <= end {
            if window >= earliest {
                seen.push((window, event.group, event.id));
            }
            if seen.len().is_multiple_of(WATCHED) {
                events.watch.check()?;
                bounded(seen.len(), call.name, call.span)?;
            }
            left -= 1;
            let next = step.after(window);
            if next <= window {
                break;
            }
            window = next;
        }
    }
    seen.sort_unstable();
    Ok(seen)
}
