//! Stored tables that several replays read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arrow::array::{AsArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionConfig;
use futures::StreamExt;

use super::held_rows::{Gathering, HeldRows, Piece};
use super::selection::{Day, Selection, common_condition};
use super::sieve::Sieve;
use crate::functions::ticks::ceil_us;
use crate::ranged_table::RangedTable;
use crate::text_memos::{SharedMemos, SharedMemosOption};

/// Rows are read a day at a time: stored tables are partitioned by day.
const DAY_MICROSECONDS: i64 = 86_400_000_000;
/// Longest window whose rows are shared, in days; the product allows 14. Longer ones are scanned.
const MAX_WINDOW_DAYS: i64 = 100;

/// Rows that replays read, each stored table scanned once for all of them. It belongs to one catalog: what was read is not read
/// again when the tables change.
///
/// A replay joins with [`crate::Engine::share_replay`], so that its filters and columns are known before the first scan. Rows are
/// read by days, when a window first shows them, and kept until [`SharedTables::forget_before`].
#[derive(Debug)]
pub struct SharedTables {
    state: SessionState,
    /// Most bytes of rows.
    budget: usize,
    known: Mutex<Known>,
    /// What plans over the rows remember of their texts.
    memos: Arc<SharedMemos>,
    /// The settings of those plans.
    settings: OnceLock<SessionConfig>,
}

#[derive(Debug, Default)]
struct Known {
    tables: Vec<SharedTable>,
    selections: Vec<Selection>,
    by_filters: HashMap<(usize, Vec<Expr>), usize>,
    /// By the table's name.
    has_rows: HashMap<String, bool>,
    bytes: usize,
    scans: usize,
}

#[derive(Debug, Clone)]
struct SharedTable {
    name: String,
    stored: Arc<RangedTable>,
    /// Held while the table is read, so that it is read once.
    reading: Arc<tokio::sync::Mutex<()>>,
}

/// What is to be read of a day: selections with their filters and columns.
struct Wanted {
    selection: usize,
    filters: Vec<Expr>,
    columns: BTreeSet<usize>,
}

impl SharedTables {
    /// Tables that are scanned in that session and keep as many bytes of rows.
    pub(crate) fn new(state: SessionState, budget: usize) -> Self {
        Self { state, budget, known: Mutex::default(), memos: Arc::default(), settings: OnceLock::new() }
    }

    /// Gives the memory of rows back that no window ending after `time` (ticks) looks at, by what replays said when they joined.
    pub fn forget_before(&self, time: i64) {
        let time = ceil_us(time);
        let mut known = self.known();
        let mut freed = 0;
        for selection in &mut known.selections {
            let first = time.saturating_sub(selection.reach).div_euclid(DAY_MICROSECONDS);
            let kept = selection.days.split_off(&first);
            let forgotten = std::mem::replace(&mut selection.days, kept);
            freed += forgotten.values().map(Day::bytes).sum::<usize>();
        }
        known.bytes = known.bytes.saturating_sub(freed);
        if freed > 0 {
            self.memos.forget();
        }
    }

    /// The settings of a plan over the rows, which are `made`, if need be: expressions with the very same settings are found
    /// equal soon.
    pub(crate) fn plan_settings(&self, made: &SessionConfig) -> SessionConfig {
        let known = self
            .settings
            .get_or_init(|| made.clone().with_option_extension(SharedMemosOption(Arc::downgrade(&self.memos))));
        let reserved = |config: &SessionConfig| config.options().execution.sort_spill_reservation_bytes;
        // All else is the engine's.
        if reserved(known) == reserved(made) {
            return known.clone();
        }
        made.clone().with_option_extension(SharedMemosOption(Arc::downgrade(&self.memos)))
    }

    /// Bytes of the rows that are kept.
    pub fn bytes(&self) -> usize {
        self.known().bytes
    }

    /// How often a table was scanned.
    pub fn scans(&self) -> usize {
        self.known().scans
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a table has rows at all, as its plan for no filter says.
    pub(crate) async fn has_rows(&self, name: &str, stored: &RangedTable, state: &dyn Session) -> Result<bool> {
        if let Some(known) = self.known().has_rows.get(name) {
            return Ok(*known);
        }
        let any = stored.unbounded().scan(state, Some(&vec![stored.time_index()?]), &[], None).await?;
        let has_rows = any.downcast_ref::<EmptyExec>().is_none();
        self.known().has_rows.insert(name.to_owned(), has_rows);
        Ok(has_rows)
    }

    /// The rows of a table that pass the filters, for somebody who reads these columns up to `reach` µs before a window's end.
    pub(crate) fn select(
        &self,
        name: &str,
        stored: &Arc<RangedTable>,
        filters: &[Expr],
        columns: &[usize],
        reach: i64,
    ) -> Result<usize> {
        let time = stored.time_index()?;
        let mut known = self.known();
        let table = known.tables.iter().position(|table| table.name == name).unwrap_or_else(|| {
            let reading = Arc::default();
            known.tables.push(SharedTable { name: name.to_owned(), stored: Arc::clone(stored), reading });
            known.tables.len() - 1
        });
        let Known { selections, by_filters, .. } = &mut *known;
        let id = *by_filters.entry((table, filters.to_vec())).or_insert_with(|| {
            let filters = filters.to_vec();
            let columns = BTreeSet::new();
            selections.push(Selection { table, filters, columns, reach, days: BTreeMap::new() });
            selections.len() - 1
        });
        let selection = &mut selections[id];
        selection.columns.extend(columns.iter().copied().chain([time]));
        selection.reach = selection.reach.max(reach);
        Ok(id)
    }

    /// The rows of these selections in the range `[start, end)` of ticks, read where they are not there yet. Nothing where they
    /// do not fit into memory.
    pub(crate) async fn rows(&self, selections: &[usize], range: (i64, i64)) -> Result<Option<Vec<Vec<Piece>>>> {
        let (start, end) = (ceil_us(range.0), ceil_us(range.1));
        if start >= end {
            return Ok(Some(vec![Vec::new(); selections.len()]));
        }
        let days = start.div_euclid(DAY_MICROSECONDS)..=(end - 1).div_euclid(DAY_MICROSECONDS);
        if days.end() - days.start() >= MAX_WINDOW_DAYS {
            return Ok(None);
        }
        let missing = self.known().missing(selections, &days);
        for (table, day) in missing {
            self.read_day(table, day).await?;
        }
        Ok(self.known().pieces(selections, &days, start, end))
    }

    /// Reads a day of a table for all selections that do not have it yet.
    async fn read_day(&self, table: usize, day: i64) -> Result<()> {
        let shared = self.known().tables[table].clone();
        let _reading = shared.reading.lock().await;
        let wanted = self.known().wanted(table, day);
        if wanted.is_empty() {
            return Ok(());
        }
        let free = self.budget.saturating_sub(self.known().bytes);
        let read = self.gathered(&shared.stored, day, &wanted, free).await?;
        let mut known = self.known();
        known.scans += 1;
        for (wanted, rows) in wanted.iter().zip(read) {
            let fits = |rows: &HeldRows| known.bytes.saturating_add(rows.bytes()) <= self.budget;
            let day_of = rows.filter(fits).map_or(Day::TooLarge, |rows| Day::Held(Arc::new(rows)));
            known.bytes += day_of.bytes();
            let before = known.selections[wanted.selection].days.insert(day, day_of);
            known.bytes = known.bytes.saturating_sub(before.map_or(0, |day| day.bytes()));
        }
        Ok(())
    }

    /// One scan of a day; nothing for selections whose rows do not fit into `free` bytes, the largest first.
    async fn gathered(
        &self,
        stored: &RangedTable,
        day: i64,
        wanted: &[Wanted],
        free: usize,
    ) -> Result<Vec<Option<HeldRows>>> {
        let schema = stored.schema();
        let time = stored.time_index()?;
        let columns = columns_read(wanted, time, |name| schema.index_of(name).ok());
        let range = (day * DAY_MICROSECONDS, (day + 1) * DAY_MICROSECONDS);
        let common = common_condition(&wanted.iter().map(|wanted| wanted.filters.as_slice()).collect::<Vec<_>>());
        let filters: Vec<Expr> = stored.bounds(range).into_iter().chain(common).collect();
        let plan = stored.unbounded().scan(&self.state, Some(&columns), &filters, None).await?;
        let place = |column: &usize| columns.binary_search(column).unwrap_or_default();
        let empty = RecordBatch::new_empty(plan.schema());
        let selections: Vec<(usize, &[Expr])> =
            wanted.iter().enumerate().map(|(at, wanted)| (at, wanted.filters.as_slice())).collect();
        let mut properties = self.state.execution_props().clone();
        properties.config_options = Some(Arc::clone(self.state.config_options()));
        let sieve = Sieve::new(&selections, &plan.schema(), &properties)?;
        let gathering = |wanted: &Wanted| {
            let others = wanted.columns.iter().filter(|column| **column != time);
            Some(Gathering::new([&time].into_iter().chain(others).map(|column| (*column, place(column))).collect()))
        };
        let mut gathered: Vec<Option<Gathering>> = wanted.iter().map(gathering).collect();
        let mut batches = execute_stream(plan, self.state.task_ctx())?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let inside = within(&batch, place(&time), range)?;
            let mut take = |selection: usize, mask: Option<&BooleanBuffer>| match &mut gathered[selection] {
                Some(gathering) => gathering.add(&batch, mask),
                None => Ok(()),
            };
            match inside.as_ref().map(BooleanBuffer::count_set_bits) {
                Some(0) => {}
                _ => sieve.sift(&batch, inside.as_ref(), &mut take)?,
            }
            drop_largest(&mut gathered, free);
            if gathered.iter().all(Option::is_none) {
                break;
            }
        }
        gathered.into_iter().map(|gathering| gathering.map(|rows| rows.finish(&empty)).transpose()).collect()
    }
}

impl Day {
    fn bytes(&self) -> usize {
        match self {
            Day::Held(rows) => rows.bytes(),
            Day::TooLarge => 0,
        }
    }
}

impl Selection {
    /// Whether a day has been read with all columns that are read now.
    fn has_read(&self, day: i64) -> bool {
        match self.days.get(&day) {
            Some(Day::Held(rows)) => rows.has(self.columns.iter()),
            Some(Day::TooLarge) => true,
            None => false,
        }
    }
}

impl Known {
    /// The days of tables that have to be read, each once.
    fn missing(&self, selections: &[usize], days: &RangeInclusive<i64>) -> BTreeSet<(usize, i64)> {
        let missing = |id: &usize| {
            let selection = &self.selections[*id];
            days.clone().filter(|day| !selection.has_read(*day)).map(|day| (selection.table, day))
        };
        selections.iter().flat_map(missing).collect()
    }

    /// What is to be read of a day for all selections of a table.
    fn wanted(&self, table: usize, day: i64) -> Vec<Wanted> {
        let of_table = |(_, selection): &(usize, &Selection)| selection.table == table && !selection.has_read(day);
        let wanted = |(id, selection): (usize, &Selection)| Wanted {
            selection: id,
            filters: selection.filters.clone(),
            columns: selection.columns.clone(),
        };
        self.selections.iter().enumerate().filter(of_table).map(wanted).collect()
    }

    /// The rows of each selection in `[start, end)`, µs since 1970; nothing where some are not held.
    fn pieces(
        &self,
        selections: &[usize],
        days: &RangeInclusive<i64>,
        start: i64,
        end: i64,
    ) -> Option<Vec<Vec<Piece>>> {
        let of_selection = |id: &usize| {
            let mut pieces = Vec::new();
            for day in days.clone() {
                let Some(Day::Held(rows)) = self.selections[*id].days.get(&day) else { return None };
                let (from, to) = rows.within(start, end);
                if from < to {
                    pieces.push(Piece { rows: Arc::clone(rows), from, to });
                }
            }
            Some(pieces)
        };
        selections.iter().map(of_selection).collect()
    }
}

/// The columns that selections choose or ask about, in order, the time column among them.
fn columns_read(wanted: &[Wanted], time: usize, position: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
    let mut columns = BTreeSet::from([time]);
    for wanted in wanted {
        columns.extend(&wanted.columns);
        let asked = wanted.filters.iter().flat_map(Expr::column_refs);
        columns.extend(asked.filter_map(|column| position(&column.name)));
    }
    columns.into_iter().collect()
}

/// The rows of a batch in the range `[start, end)` of µs; nothing where all are.
fn within(batch: &RecordBatch, time: usize, (start, end): (i64, i64)) -> Result<Option<BooleanBuffer>> {
    let column = batch.column(time);
    let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() else {
        return internal_err!("time column has the type {}", column.data_type());
    };
    let inside = BooleanBuffer::collect_bool(times.len(), |row| (start..end).contains(&times.value(row)));
    Ok((inside.count_set_bits() < times.len()).then_some(inside))
}

/// Gives up selections until the rest fits.
fn drop_largest(gathered: &mut [Option<Gathering>], free: usize) {
    let size = |gathering: &Option<Gathering>| gathering.as_ref().map_or(0, Gathering::bytes);
    while gathered.iter().map(size).sum::<usize>() > free {
        match gathered.iter_mut().max_by_key(|gathering| size(gathering)) {
            Some(largest) => *largest = None,
            None => return,
        }
    }
}
