//! `rolling_percentile`: a percentile of the values in a window of some bins, at each bin.
//!
//! <https://learn.microsoft.com/kusto/query/rolling-percentile-plugin>

use std::collections::BTreeMap;

use kql_functions::{Type, Value};
use kql_syntax::Diagnostic;

use super::Axis;
use super::events::{Line, Shape, Tracked};
use super::step::Step;
use crate::binder::{Bind, Binder};
use crate::computed::Rows;
use crate::diagnostics as codes;
use crate::operators::plugins::rows::MAX_ROWS;
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::{Relation, ScopeColumn};

impl Binder<'_> {
    /// The value at the rank, of each bin and those before it.
    pub(in crate::operators::plugins) fn rolling_percentile(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let value = args.column("ValueColumn", &input, Wanted::SUMMABLE)?;
        let percentile = args.constant(self, "Percentile", Wanted::NUMBER)?;
        let timeline = args.column("IndexColumn", &input, Wanted::SUMMABLE)?;
        let axis = Axis::new(timeline.ty, call.span)?;
        let step = Step::Fixed { length: axis.length(self, &mut args, "BinSize")?.max(1), origin: 0 };
        let bins = args.constant(self, "BinsPerWindow", Wanted::INTEGER)?;
        let dimensions = args.columns("dim", &input, Wanted::NOT_DYNAMIC)?;
        args.finish()?;
        let name = format!("rolling_{}_percentile_{}_{}", text(&bins), value.name, text(&percentile));
        let (rank, bins) = (real(&percentile), real(&bins));
        if !(self.is_check || (0.0..=100.0).contains(&rank) && bins >= 1.0) {
            let message = format!("`{}` needs a percentile from 0 to 100 and at least one bin", call.name);
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        }
        let columns = columns(&timeline, &dimensions, &name, value.ty);
        // The values are the ids here: they are numbered, and looked up by their first row.
        let tracked = Tracked { id: value.clone(), timeline: timeline.clone(), axis };
        let shape = Shape {
            before: vec![(timeline.name.clone(), timeline.ty)],
            dimensions,
            beside: Vec::new(),
            behind: vec![("\u{0}value", value.ty)],
        };
        let output = self.tracked(input, &tracked, &shape, &PluginCall { schema: None, ..*call }, |events| {
            let bins = (bins as usize).min(MAX_ROWS);
            let mut by_bin: BTreeMap<u32, BTreeMap<i64, Vec<u32>>> = BTreeMap::new();
            for event in &events.all {
                let bins = by_bin.entry(event.group).or_default();
                bins.entry(step.start_of(event.time)).or_default().push(event.id);
            }
            let ranks = ranks(events.rows, &events.ids.first);
            let mut lines = Vec::new();
            for (group, by_bin) in &by_bin {
                for bin in by_bin.keys() {
                    events.watch.check()?;
                    let Step::Fixed { length, .. } = step else { continue };
                    let reach = length.saturating_mul(i64::try_from(bins - 1).unwrap_or(i64::MAX));
                    let mut window: Vec<u32> = by_bin
                        .range(bin.saturating_sub(reach)..=*bin)
                        .flat_map(|(_, ids)| ids.iter().filter_map(|id| ranks[*id as usize]))
                        .collect();
                    window.sort_unstable();
                    let found = nearest_rank(&window, rank)
                        .and_then(|rank| ranks.iter().position(|other| *other == Some(rank)))
                        .and_then(|id| events.ids.first.get(id))
                        .map_or(Value::Null(value.ty), |row| events.rows.value(0, *row as usize));
                    lines.push(Line { group: *group, before: vec![axis.value(*bin)], behind: vec![found] });
                }
            }
            Ok(lines)
        })?;
        let output = renamed(output, &columns);
        self.conformed(output, call)
    }
}

fn columns(timeline: &ScopeColumn, dimensions: &[ScopeColumn], name: &str, ty: Type) -> Vec<(String, Type)> {
    let mut columns = vec![(timeline.name.clone(), timeline.ty)];
    columns.extend(dimensions.iter().map(|column| (column.name.clone(), column.ty)));
    columns.push((name.to_owned(), ty));
    columns
}

fn renamed(mut output: Relation, columns: &[(String, Type)]) -> Relation {
    for (column, (name, _)) in output.columns.iter_mut().zip(columns) {
        column.name.clone_from(name);
    }
    output
}

/// The rank of each numbered value among all of them; nothing for null.
fn ranks(values: &Rows, first: &[u32]) -> Vec<Option<u32>> {
    let mut order: Vec<(usize, Value)> = first
        .iter()
        .enumerate()
        .map(|(id, row)| (id, values.value(0, *row as usize)))
        .filter(|(_, value)| !matches!(value, Value::Null(_)))
        .collect();
    order.sort_by(|(_, a), (_, b)| compared(a, b));
    let mut ranks = vec![None; first.len()];
    for (rank, (id, _)) in (0_u32..).zip(&order) {
        ranks[*id] = Some(rank);
    }
    ranks
}

fn compared(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (
            Value::Long(a) | Value::DateTime(a) | Value::TimeSpan(a),
            Value::Long(b) | Value::DateTime(b) | Value::TimeSpan(b),
        ) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        _ => std::cmp::Ordering::Equal,
    }
}

/// The smallest value that is not below so many percent of all.
fn nearest_rank(sorted: &[u32], percentile: f64) -> Option<u32> {
    let rank = (percentile / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

fn text(value: &Value) -> String {
    match value.cast(Type::String) {
        Value::String(text) => text,
        _ => String::new(),
    }
}

fn real(value: &Value) -> f64 {
    match value.cast(Type::Real) {
        Value::Real(value) => value,
        _ => f64::NAN,
    }
}
