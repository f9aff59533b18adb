//! `funnel_sequence_completion`: how many ids get how far along a sequence of states.
//!
//! <https://learn.microsoft.com/kusto/query/funnel-sequence-completion-plugin>

use std::collections::BTreeMap;

use kql_functions::dynamic::{Kind, elements, kind, text_of, unquote};
use kql_functions::timespan::parse_timespan;
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use super::events::{Line, Shape, Tracked, long};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Most states of a sequence, and most periods.
const MAX_STATES: usize = 64;

impl Binder<'_> {
    /// Per window, period and state: how many ids came from the first state to this one within the period.
    pub(in crate::operators::plugins) fn funnel_sequence_completion(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let step = Step::read(self, &mut args, "BinSize", axis, start)?;
        let state = args.column("StateColumn", &input, Wanted::NOT_DYNAMIC)?;
        let states = self.listed(&mut args, "Sequence", call, |json| Some(text_of(json).into_owned()))?;
        let periods = self.listed(&mut args, "MaxSequenceStepPeriods", call, period)?;
        args.finish()?;
        let shape = Shape {
            before: vec![
                (tracked.timeline.name.clone(), tracked.timeline.ty),
                (state.name.clone(), Type::String),
                ("Period".to_owned(), axis.span_type()),
                ("dcount".to_owned(), Type::Long),
            ],
            dimensions: Vec::new(),
            beside: vec![state],
            behind: Vec::new(),
        };
        self.tracked(input, &tracked, &shape, call, |events| {
            let rows = events.rows;
            let positions = axis.positions(&rows.arrays[1]);
            let mut seen: BTreeMap<(i64, u32), Vec<(i64, usize)>> = BTreeMap::new();
            for (row, time) in positions.into_iter().enumerate() {
                let Some(time) = time.filter(|time| (start..=end).contains(time)) else { continue };
                let here = match rows.value(2, row).cast(Type::String) {
                    Value::String(text) => text,
                    _ => String::new(),
                };
                let who = (step.start_of(time), events.ids.of_row[row]);
                for at in states.iter().enumerate().filter(|(_, state)| **state == here).map(|(at, _)| at) {
                    seen.entry(who).or_default().push((time, at));
                }
            }
            let mut reached: BTreeMap<i64, Vec<Vec<usize>>> = BTreeMap::new();
            for ((window, _), mut times) in seen {
                events.watch.check()?;
                times.sort_unstable();
                let counts = reached.entry(window).or_insert_with(|| vec![vec![0; states.len()]; periods.len()]);
                for (period, counts) in periods.iter().zip(counts) {
                    let far = farthest(&times, states.len(), *period);
                    counts[..far].iter_mut().for_each(|count| *count += 1);
                }
            }
            let mut lines = Vec::new();
            for (window, counts) in reached.into_iter().filter(|(_, counts)| counts.iter().any(|c| c[0] > 0)) {
                for (period, counts) in periods.iter().zip(counts) {
                    for (state, count) in states.iter().zip(counts) {
                        let state = Value::String(state.clone());
                        let before = vec![axis.value(window), state, axis.span(*period), long(count)];
                        lines.push(Line { group: 0, before, behind: Vec::new() });
                    }
                }
            }
            Ok(lines)
        })
    }

    /// The elements of a constant array.
    fn listed<T>(
        &mut self,
        args: &mut Arguments<'_>,
        parameter: &'static str,
        call: &PluginCall<'_>,
        read: fn(&str) -> Option<T>,
    ) -> Bind<Vec<T>> {
        let expr: &ast::Expr = args.required(parameter)?;
        let value = args.constant_of(self, expr, parameter, Wanted::DYNAMIC)?;
        let found: Option<Vec<T>> = match &value {
            Value::Dynamic(json) if kind(json) == Kind::Array => elements(json).map(read).collect(),
            _ if self.is_check => Some(Vec::new()),
            _ => None,
        };
        match found {
            Some(found) if self.is_check || (1..=MAX_STATES).contains(&found.len()) => Ok(found),
            _ => {
                let message = format!("`{parameter}` of `{}` is not an array of 1 to {MAX_STATES} values", call.name);
                Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).into())
            }
        }
    }
}

/// A timespan, or a number on a timeline of numbers.
fn period(json: &str) -> Option<i64> {
    match kind(json) {
        Kind::String => parse_timespan(&unquote(json)),
        Kind::Number => json.trim().parse().ok(),
        _ => None,
    }
}

/// How many states an id reaches, each later than the one before, within a period from the first.
fn farthest(times: &[(i64, usize)], states: usize, period: i64) -> usize {
    let mut best = 0;
    for (start, (first, state)) in times.iter().enumerate() {
        if *state != 0 {
            continue;
        }
        let (mut reached, mut last) = (1, *first);
        for (time, state) in &times[start + 1..] {
            if reached == states || time.saturating_sub(*first) > period {
                break;
            }
            if *state == reached && *time > last {
                reached += 1;
                last = *time;
            }
        }
        best = best.max(reached);
        if best == states {
            break;
        }
    }
    best
}
