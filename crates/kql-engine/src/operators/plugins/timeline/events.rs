//! Who was seen when: the rows of a table as events, and tables of windows and dimensions.

use arrow::array::ArrayRef;
use kql_functions::{Type, Value};
use kql_syntax::Span;

use super::Axis;
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, Watch, array_of};
use crate::naming::Names;
use crate::operators::plugins::rows::{Codes, bounded, taken};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::{Relation, ScopeColumn};

/// So many rows of arrays take the memory of one [`Line`].
const ROWS_A_LINE: usize = 10;

/// A row: its combination of dimensions, its place on the timeline and its id, the first and last by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub group: u32,
    pub time: i64,
    pub id: u32,
}

/// The columns that these plugins read.
pub(super) struct Tracked {
    pub id: ScopeColumn,
    pub timeline: ScopeColumn,
    pub axis: Axis,
}

impl Tracked {
    /// The first two arguments: the id and the timeline.
    pub(super) fn read(args: &mut Arguments<'_>, input: &Relation, call: &PluginCall<'_>) -> Bind<Self> {
        let id = args.column("IdColumn", input, Wanted::NOT_DYNAMIC)?;
        let timeline = args.column("TimelineColumn", input, Wanted::SUMMABLE)?;
        let axis = Axis::new(timeline.ty, call.span)?;
        Ok(Self { id, timeline, axis })
    }
}

/// All events, and which rows stand for the combinations of dimensions.
pub(super) struct Events<'a> {
    /// In the order of combination, time and id.
    pub all: Vec<Event>,
    pub groups: Codes,
    pub ids: Codes,
    /// The id, the timeline, the dimensions and the columns beside them.
    pub rows: &'a Rows,
    pub watch: Watch<'a>,
}

/// A row of the result: a combination of dimensions, the columns before the dimensions and those behind.
pub(super) struct Line {
    pub group: u32,
    pub before: Vec<Value>,
    pub behind: Vec<Value>,
}

/// What a plugin of this family gives.
pub(super) struct Shape {
    /// Columns before the dimensions.
    pub before: Vec<(String, Type)>,
    /// The dimensions.
    pub dimensions: Vec<ScopeColumn>,
    /// Columns that are read and not shown.
    pub beside: Vec<ScopeColumn>,
    /// Columns behind the dimensions.
    pub behind: Vec<(&'static str, Type)>,
}

impl Shape {
    /// A row for each window and combination of dimensions: the window, the dimensions, what is said of it.
    pub(super) fn of_windows(
        tracked: &Tracked,
        dimensions: Vec<ScopeColumn>,
        behind: Vec<(&'static str, Type)>,
    ) -> Self {
        let before = vec![(tracked.timeline.name.clone(), tracked.timeline.ty)];
        Self { before, dimensions, beside: Vec::new(), behind }
    }
}

impl Binder<'_> {
    /// The table that `lines` makes of the events.
    pub(super) fn tracked(
        &mut self,
        input: Relation,
        tracked: &Tracked,
        shape: &Shape,
        call: &PluginCall<'_>,
        lines: impl FnOnce(&Events<'_>) -> Bind<Vec<Line>>,
    ) -> Bind<Relation> {
        let mut names = Names::default();
        let mut columns: Vec<(String, Type)> = shape.before.iter().map(|(name, ty)| (names.fresh(name), *ty)).collect();
        columns.extend(shape.dimensions.iter().map(|column| (names.fresh(&column.name), column.ty)));
        columns.extend(shape.behind.iter().map(|(name, ty)| (names.fresh(name), *ty)));
        let used: Vec<ScopeColumn> = [&tracked.id, &tracked.timeline]
            .into_iter()
            .chain(&shape.dimensions)
            .chain(&shape.beside)
            .cloned()
            .collect();
        let input = self.only(input, &used)?;
        let (name, span) = (call.name, call.span);
        let output = self.computed(vec![input], &columns, |inputs, watch| {
            let events = events(&inputs[0], tracked.axis, shape.dimensions.len(), watch)?;
            let lines = lines(&events)?;
            assembled(&events, &lines, shape, name, span)
        })?;
        self.conformed(output, call)
    }
}

fn events<'a>(rows: &'a Rows, axis: Axis, dimensions: usize, watch: Watch<'a>) -> Bind<Events<'a>> {
    let ids = Codes::of(&rows.arrays[..1], rows.len())?;
    let groups = Codes::of(&rows.arrays[2..2 + dimensions], rows.len())?;
    let positions = axis.positions(&rows.arrays[1]);
    let mut all: Vec<Event> = positions
        .into_iter()
        .enumerate()
        .filter_map(|(row, time)| Some(Event { group: groups.of_row[row], time: time?, id: ids.of_row[row] }))
        .collect();
    all.sort_unstable();
    Ok(Events { all, groups, ids, rows, watch })
}

fn assembled(events: &Events<'_>, lines: &[Line], shape: &Shape, plugin: &str, span: Span) -> Bind<Vec<ArrayRef>> {
    bounded_lines(lines.len(), plugin, span)?;
    let mut arrays = Vec::new();
    for (at, (_, ty)) in shape.before.iter().enumerate() {
        arrays.push(array_of(*ty, &lines.iter().map(|line| line.before[at].clone()).collect::<Vec<_>>())?);
    }
    let first: Vec<Option<u32>> =
        lines.iter().map(|line| events.groups.first.get(line.group as usize).copied()).collect();
    for (column, array) in shape.dimensions.iter().zip(&events.rows.arrays[2..]) {
        arrays.push(taken(array, column.ty, &first)?);
    }
    for (at, (_, ty)) in shape.behind.iter().enumerate() {
        arrays.push(array_of(*ty, &lines.iter().map(|line| line.behind[at].clone()).collect::<Vec<_>>())?);
    }
    Ok(arrays)
}

/// Refuses to go on with so many lines.
pub(super) fn bounded_lines(lines: usize, plugin: &str, span: Span) -> Bind<()> {
    bounded(lines.saturating_mul(ROWS_A_LINE), plugin, span)
}

/// A count as a value.
pub(super) fn long(count: usize) -> Value {
    Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A part of a whole; not a number where there is no whole.
pub(super) fn ratio(part: usize, whole: usize) -> Value {
    Value::Real(part as f64 / whole as f64)
}
