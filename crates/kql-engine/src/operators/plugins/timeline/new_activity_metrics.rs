//! `new_activity_metrics`: what becomes of the ids that were first seen in each window.
//!
//! <https://learn.microsoft.com/kusto/query/new-activity-metrics-plugin>

use std::collections::{BTreeMap, HashSet};

use arrow::array::ArrayRef;
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use super::events::{Events, Line, Shape, Tracked, bounded_lines, long, ratio};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::computed::Rows;
use crate::diagnostics as codes;
use crate::operators::plugins::rows::converted;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::Relation;

/// Most windows from the first to the last.
const MAX_WINDOWS: usize = 1_000;

/// What is asked about the windows.
struct Asked {
    start: i64,
    end: i64,
    step: Step,
    cohort: Option<i64>,
}

impl Binder<'_> {
    /// Each cohort of new ids in each window from its own on.
    pub(in crate::operators::plugins) fn new_activity_metrics(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let tracked = Tracked::read(&mut args, &input, call)?;
        let axis = tracked.axis;
        let (start, end) = axis.range(self, &mut args)?;
        let step = Step::read(self, &mut args, "Window", axis, start)?;
        let is_table =
            |binder: &Self, arg: &ast::Argument| binder.is_tabular(&arg.value, call.environment, &input.columns);
        let has_cohort = args.next_is(|arg| {
            let is_column = matches!(&arg.value.kind, ExprKind::Name(name) if input.column(name).is_some());
            !is_column && !is_table(self, arg)
        });
        let cohort = if has_cohort { Some(axis.point(self, &mut args, "Cohort")?) } else { None };
        let mut dimensions = Vec::new();
        while args.next_is(|arg| !is_table(self, arg)) {
            dimensions.push(args.column("dim", &input, Wanted::NOT_DYNAMIC)?);
        }
        let look_back = match args.optional("Lookback") {
            Some(table) => Some(self.look_back(table, &tracked, call)?),
            None => None,
        };
        args.finish()?;
        let shape = Shape {
            before: ["from", "to"]
                .map(|end| (format!("{end}_{}", tracked.timeline.name), tracked.timeline.ty))
                .to_vec(),
            dimensions,
            beside: Vec::new(),
            behind: vec![
                ("dcount_new_values", Type::Long),
                ("dcount_retained_values", Type::Long),
                ("dcount_churn_values", Type::Long),
                ("retention_rate", Type::Real),
                ("churn_rate", Type::Real),
            ],
        };
        let asked = Asked { start, end, step, cohort };
        self.tracked(input, &tracked, &shape, call, |events| {
            let known = look_back.as_ref().map(|known| known_ids(events, known)).transpose()?.unwrap_or_default();
            cohorts(events, &asked, &known, &tracked, call)
        })
    }

    fn look_back(&mut self, table: &ast::Expr, tracked: &Tracked, call: &PluginCall<'_>) -> Bind<Rows> {
        let relation = self.table(table, call.environment)?;
        match relation.column(&tracked.id.name).cloned() {
            Some(column) if column.ty == tracked.id.ty => {
                let relation = self.only(relation, &[column])?;
                self.rows(relation)
            }
            _ => {
                let (name, ty) = (&tracked.id.name, tracked.id.ty.name());
                let message = format!("`Lookback` of `{}` has no column `{name}` of type {ty}", call.name);
                Err(Diagnostic::error(codes::TYPE_MISMATCH, table.span, message).into())
            }
        }
    }
}

/// The numbers of the ids that the other table has.
fn known_ids(events: &Events<'_>, known: &Rows) -> Bind<HashSet<u32>> {
    let converted_known = converted(&[ArrayRef::clone(&known.arrays[0])])?;
    let converted_ids = converted(&[ArrayRef::clone(&events.rows.arrays[0])])?;
    let known: HashSet<&[u8]> = converted_known.iter().map(|row| row.data()).collect();
    let first = (0_u32..).zip(&events.ids.first);
    Ok(first.filter(|(_, row)| known.contains(converted_ids.row(**row as usize).data())).map(|(id, _)| id).collect())
}

fn cohorts(
    events: &Events<'_>,
    asked: &Asked,
    known: &HashSet<u32>,
    tracked: &Tracked,
    call: &PluginCall<'_>,
) -> Bind<Vec<Line>> {
    let mut windows = Vec::new();
    let mut window = asked.step.start_of(asked.start);
    while window <= asked.end {
        windows.push(window);
        if windows.len() > MAX_WINDOWS {
            let message = format!("`{}` would look at more than {MAX_WINDOWS} windows", call.name);
            return Err(Diagnostic::error(codes::TOO_MANY, call.span, message).into());
        }
        let next = asked.step.after(window);
        if next <= window {
            break;
        }
        window = next;
    }
    let mut seen: BTreeMap<u32, BTreeMap<i64, HashSet<u32>>> = BTreeMap::new();
    for event in events.all.iter().filter(|event| (asked.start..=asked.end).contains(&event.time)) {
        let windows = seen.entry(event.group).or_default();
        windows.entry(asked.step.start_of(event.time)).or_default().insert(event.id);
    }
    let nobody = HashSet::new();
    let mut lines = Vec::new();
    for (group, by_window) in &seen {
        let mut before = known.clone();
        for (at, from) in windows.iter().enumerate() {
            events.watch.check()?;
            let here = by_window.get(from).unwrap_or(&nobody);
            let new: HashSet<u32> = here.difference(&before).copied().collect();
            before.extend(here);
            if new.is_empty() || asked.cohort.is_some_and(|cohort| asked.step.start_of(cohort) != *from) {
                continue;
            }
            for to in &windows[at..] {
                let there = by_window.get(to).unwrap_or(&nobody);
                let retained = new.intersection(there).count();
                let new_there = if to == from { new.len() } else { there.difference(&before).count() };
                let lost = new.len() - retained;
                lines.push(Line {
                    group: *group,
                    before: vec![tracked.axis.value(*from), tracked.axis.value(*to)],
                    behind: vec![
                        long(new_there),
                        long(retained),
                        long(lost),
                        ratio(retained, new.len()),
                        ratio(lost, new.len()),
                    ],
                });
            }
            bounded_lines(lines.len(), call.name, call.span)?;
        }
    }
    Ok(lines)
}
