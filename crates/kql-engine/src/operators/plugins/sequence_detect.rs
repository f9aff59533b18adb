//! `sequence_detect`: rows that fulfill predicates one after the other.
//!
//! <https://learn.microsoft.com/kusto/query/sequence-detect-plugin>

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use super::rows::{Codes, MAX_ROWS, bounded, taken};
use super::timeline::Axis;
use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, Watch, array_of};
use crate::diagnostics as codes;
use crate::naming::{Names, derived};
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

/// Most steps of a sequence.
const MAX_STEPS: usize = 32;

/// What is in the parentheses.
struct Sequence {
    axis: Axis,
    timeline: ScopeColumn,
    max_step: i64,
    max_span: i64,
    steps: Vec<(String, Typed)>,
    dimensions: Vec<ScopeColumn>,
}

impl Binder<'_> {
    /// Every choice of times, one a step, each later than the one before and near enough.
    pub(super) fn sequence_detect(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let sequence = self.sequence(&input, call)?;
        let columns = output(&sequence);
        let mut used: Vec<(String, Typed, bool)> = Vec::new();
        for column in [&sequence.timeline].into_iter().chain(&sequence.dimensions) {
            used.push((column.name.clone(), Typed::column(column), false));
        }
        used.extend(sequence.steps.iter().map(|(name, value)| (name.clone(), value.clone(), false)));
        let input = self.project(input, used)?;
        let (name, span) = (call.name, call.span);
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let rows = &inputs[0];
            let dimensions = &rows.arrays[1..=sequence.dimensions.len()];
            let groups = Codes::of(dimensions, rows.len())?;
            let found = sequences(rows, &groups, &sequence, watch, (name, span))?;
            let first: Vec<Option<u32>> =
                found.iter().map(|(group, _)| groups.first.get(*group as usize).copied()).collect();
            let mut arrays = Vec::new();
            for (column, array) in sequence.dimensions.iter().zip(dimensions) {
                arrays.push(taken(array, column.ty, &first)?);
            }
            for step in 0..sequence.steps.len() {
                let values: Vec<Value> = found.iter().map(|(_, times)| sequence.axis.value(times[step])).collect();
                arrays.push(array_of(sequence.timeline.ty, &values)?);
            }
            let durations: Vec<Value> = found.iter().map(|(_, times)| sequence.axis.span(duration(times))).collect();
            arrays.push(array_of(sequence.axis.span_type(), &durations)?);
            Ok(arrays)
        })?;
        self.conformed(output, call)
    }

    fn sequence(&mut self, input: &Relation, call: &PluginCall<'_>) -> Bind<Sequence> {
        let mut args = Arguments::new(call);
        let timeline = args.column("TimelineColumn", input, Wanted::SUMMABLE)?;
        let axis = Axis::new(timeline.ty, call.span)?;
        let max_step = axis.length(self, &mut args, "MaxSequenceStepWindow")?;
        let max_span = axis.length(self, &mut args, "MaxSequenceSpan")?;
        let (mut steps, mut dimensions): (Vec<(String, Typed)>, Vec<ScopeColumn>) = (Vec::new(), Vec::new());
        while let Some(arg) = args.next_if(|_| true) {
            let expr = super::arguments::inner(&arg.value);
            let is_column = matches!(&expr.kind, ExprKind::Name(name) if input.column(name).is_some_and(|column| column.ty != Type::Bool));
            if is_column || !dimensions.is_empty() {
                dimensions.push(args.column_of(expr, "Dim", input, Wanted::NOT_DYNAMIC)?);
                continue;
            }
            let step = args.expression_of(self, expr, "Expr", input, Wanted::BOOL)?;
            let name = arg.name.as_ref().map(|name| name.name.clone()).or_else(|| derived(expr)).unwrap_or_default();
            steps.push((name, step));
        }
        if steps.is_empty() || steps.len() > MAX_STEPS {
            let message = format!("`{}` takes 1 to {MAX_STEPS} predicates, not {}", call.name, steps.len());
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, call.span, message).into());
        }
        Ok(Sequence { axis, timeline, max_step, max_span, steps, dimensions })
    }
}

fn output(sequence: &Sequence) -> Vec<(String, Type)> {
    let mut names = Names::default();
    let mut columns: Vec<(String, Type)> =
        sequence.dimensions.iter().map(|column| (names.fresh(&column.name), column.ty)).collect();
    for (step, _) in &sequence.steps {
        columns.push((names.fresh(&format!("{step}_{}", sequence.timeline.name)), sequence.timeline.ty));
    }
    columns.push((names.fresh("Duration"), sequence.axis.span_type()));
    columns
}

fn duration(times: &[i64]) -> i64 {
    match (times.first(), times.last()) {
        (Some(first), Some(last)) => last.saturating_sub(*first),
        _ => 0,
    }
}

/// The sequences of each group, in the order of groups and times.
fn sequences(
    rows: &Rows,
    groups: &Codes,
    sequence: &Sequence,
    watch: Watch<'_>,
    (plugin, span): (&str, ast::Span),
) -> Bind<Vec<(u32, Vec<i64>)>> {
    let positions = sequence.axis.positions(&rows.arrays[0]);
    let first_step = 1 + sequence.dimensions.len();
    let mut times: Vec<Vec<BTreeSet<i64>>> = vec![vec![BTreeSet::new(); sequence.steps.len()]; groups.first.len()];
    for (step, array) in rows.arrays[first_step..].iter().enumerate() {
        let holds = array.as_boolean();
        for row in (0..rows.len()).filter(|row| holds.is_valid(*row) && holds.value(*row)) {
            if let Some(time) = positions[row] {
                times[groups.of_row[row] as usize][step].insert(time);
            }
        }
    }
    let mut found: Vec<(u32, Vec<i64>)> = Vec::new();
    for (group, steps) in (0_u32..).zip(&times) {
        watch.check()?;
        let mut chains: Vec<Vec<i64>> = steps[0].iter().map(|time| vec![*time]).collect();
        for step in &steps[1..] {
            let mut longer = Vec::new();
            for chain in &chains {
                let (Some(start), Some(last)) = (chain.first(), chain.last()) else { continue };
                let until = last.saturating_add(sequence.max_step).min(start.saturating_add(sequence.max_span));
                let Some(after) = last.checked_add(1).filter(|after| *after <= until) else { continue };
                for time in step.range(after..=until) {
                    longer.push([chain.as_slice(), &[*time]].concat());
                }
                if longer.len() > MAX_ROWS / MAX_STEPS {
                    watch.check()?;
                    bounded(usize::MAX, plugin, span)?;
                }
            }
            chains = longer;
        }
        found.extend(chains.into_iter().map(|chain| (group, chain)));
        bounded(found.len().saturating_mul(MAX_STEPS), plugin, span)?;
    }
    Ok(found)
}
