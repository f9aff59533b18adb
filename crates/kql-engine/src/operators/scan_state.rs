//! What the steps of `scan` do with rows: each row is tried at each step, from the last to the first.
//! Rules: <https://learn.microsoft.com/kusto/query/scan-operator#scan-logic>.

use std::collections::HashMap;
use std::rc::Rc;

use arrow::array::{Array, ArrayRef, AsArray, UInt64Array, new_null_array};
use arrow::compute::{concat, take};
use datafusion::common::ScalarValue;
use datafusion::error::DataFusionError;
use kql_functions::{Type, Value};
use kql_syntax::StepOutput;

use super::scan::Declared;
use crate::binder::{Bind, Stop};
use crate::computed::{Rows, Watch};
use crate::evaluation::Evaluable;
use crate::typed::scalar_of;

/// Most rows that one `scan` gives.
const MAX_OUTPUT_ROWS: usize = 20_000_000;
/// Rows between two looks at the clock.
const ROWS_BETWEEN_CHECKS: usize = 1_000;

/// A bound step.
pub(super) struct Step {
    pub condition: Evaluable,
    /// The declared column and its new value.
    pub assignments: Vec<(usize, Evaluable)>,
    pub output: StepOutput,
}

/// A bound `scan`.
pub(super) struct Match {
    pub steps: Vec<Step>,
    pub declared: Vec<Declared>,
    /// Column of type long whose values are scanned apart.
    pub group: Option<usize>,
    pub has_match_id: bool,
}

/// A matched row with its declared columns, each an array of one value.
#[derive(Clone)]
struct Matched {
    row: usize,
    declared: Rc<Vec<ArrayRef>>,
}

/// The state of a step: what it and the steps before it matched last.
struct State {
    records: Vec<Option<Matched>>,
    match_id: i64,
    /// A row of a step with `output=last` that is still to be given.
    pending: Option<Matched>,
}

/// The states of all steps for one group of rows.
#[derive(Default)]
struct Group {
    states: Vec<Option<State>>,
    next_match_id: i64,
}

/// Rows in the order given.
#[derive(Default)]
struct Output {
    matched: Vec<Matched>,
    match_ids: Vec<i64>,
}

impl Output {
    fn push(&mut self, matched: Matched, match_id: i64) {
        self.matched.push(matched);
        self.match_ids.push(match_id);
    }

    /// Gives the row that a state still owes.
    fn settle(&mut self, state: &mut Option<State>) {
        if let Some(state) = state
            && let Some(matched) = state.pending.take()
        {
            self.push(matched, state.match_id);
        }
    }
}

/// The rows of the result, column by column.
pub(super) fn run(plan: &Match, rows: &Rows, watch: Watch<'_>) -> Bind<Vec<ArrayRef>> {
    let scanner = Scanner::new(plan, rows, watch)?;
    let mut groups: HashMap<i64, Group> = HashMap::new();
    let mut order: Vec<i64> = Vec::new();
    let mut output = Output::default();
    for row in 0..rows.len() {
        if row % ROWS_BETWEEN_CHECKS == 0 {
            watch.check()?;
        }
        let key = match plan.group.map(|column| rows.value(column, row)) {
            Some(Value::Long(key)) => key,
            _ => 0,
        };
        if !groups.contains_key(&key) {
            order.push(key);
        }
        let group = groups.entry(key).or_default();
        scanner.row(row, group, &mut output)?;
        if output.matched.len() > MAX_OUTPUT_ROWS {
            return Err(too_many());
        }
    }
    for key in order {
        for state in groups.get_mut(&key).into_iter().flat_map(|group| &mut group.states) {
            output.settle(state);
        }
    }
    scanner.columns(output)
}

fn too_many() -> Stop {
    let message = format!("`scan` would give more than {MAX_OUTPUT_ROWS} rows");
    kql_syntax::Diagnostic::error(crate::diagnostics::TOO_MANY, kql_syntax::Span::default(), message).into()
}

struct Scanner<'a> {
    plan: &'a Match,
    rows: &'a Rows,
    /// Defaults of the declared columns, each an array of one value.
    defaults: Rc<Vec<ArrayRef>>,
    /// A null for each column of the input; `""` for strings.
    nulls: Vec<ArrayRef>,
    /// Values over all rows of conditions and assignments that look at no state: the condition first, for each step.
    ready: Vec<Vec<Option<ArrayRef>>>,
}

impl<'a> Scanner<'a> {
    fn new(plan: &'a Match, rows: &'a Rows, watch: Watch<'_>) -> Bind<Self> {
        let one = |value: &Value| scalar_of(value).to_array_of_size(1);
        let defaults = plan.declared.iter().map(|column| one(&column.default)).collect::<Result<Vec<_>, _>>()?;
        let nulls = rows.columns.iter().map(|(_, ty)| null(*ty)).collect::<Result<Vec<_>, _>>()?;
        let mut scanner = Self { plan, rows, defaults: Rc::new(defaults), nulls, ready: Vec::new() };
        for step in &plan.steps {
            let exprs = std::iter::once(&step.condition).chain(step.assignments.iter().map(|(_, value)| value));
            let ready = exprs.map(|expr| scanner.over_all_rows(expr, watch)).collect::<Bind<Vec<_>>>()?;
            scanner.ready.push(ready);
        }
        Ok(scanner)
    }

    fn block(&self) -> usize {
        self.rows.columns.len() + self.defaults.len()
    }

    /// The values of an expression over all rows at once, if it looks at no state.
    fn over_all_rows(&self, expr: &Evaluable, watch: Watch<'_>) -> Bind<Option<ArrayRef>> {
        watch.check()?;
        if expr.inputs().iter().any(|input| *input >= self.block()) {
            return Ok(None);
        }
        let width = self.rows.columns.len();
        let mut arrays = Vec::with_capacity(expr.inputs().len());
        for input in expr.inputs() {
            arrays.push(match input.checked_sub(width) {
                None => self.rows.arrays[*input].clone(),
                Some(declared) => scalar_of(&self.plan.declared[declared].default).to_array_of_size(self.rows.len())?,
            });
        }
        expr.evaluate(arrays, self.rows.len()).map(Some)
    }

    /// Tries a row at all steps.
    fn row(&self, row: usize, group: &mut Group, output: &mut Output) -> Bind<()> {
        group.states.resize_with(self.plan.steps.len(), || None);
        for step in (0..self.plan.steps.len()).rev() {
            if step > 0
                && group.states[step - 1].is_some()
                && self.matches(step, row, group.states[step - 1].as_ref())?
            {
                output.settle(&mut group.states[step]);
                let mut promoted = group.states[step - 1].take();
                output.settle(&mut promoted);
                if let Some(state) = &mut promoted {
                    self.take_in(step, row, state, output)?;
                }
                group.states[step] = promoted;
                continue;
            }
            let is_open = step == 0 || group.states[step].is_some();
            if is_open && self.matches(step, row, group.states[step].as_ref())? {
                let state = group.states[step].get_or_insert_with(|| {
                    let match_id = group.next_match_id;
                    group.next_match_id += 1;
                    State { records: Vec::new(), match_id, pending: None }
                });
                self.take_in(step, row, state, output)?;
            }
        }
        Ok(())
    }

    fn matches(&self, step: usize, row: usize, state: Option<&State>) -> Bind<bool> {
        let (array, at) = match &self.ready[step][0] {
            Some(ready) => (ready.clone(), row),
            None => (self.evaluate(&self.plan.steps[step].condition, row, state)?, 0),
        };
        Ok(array.as_boolean_opt().is_some_and(|array| array.is_valid(at) && array.value(at)))
    }

    /// Makes a row the step's last match, and gives it where the step says so.
    fn take_in(&self, step: usize, row: usize, state: &mut State, output: &mut Output) -> Bind<()> {
        let mut declared = self.defaults.as_ref().clone();
        for (index, (target, value)) in self.plan.steps[step].assignments.iter().enumerate() {
            declared[*target] = match &self.ready[step][index + 1] {
                Some(ready) => ready.slice(row, 1),
                None => self.evaluate(value, row, Some(state))?,
            };
        }
        let matched = Matched { row, declared: Rc::new(declared) };
        state.records.resize_with(self.plan.steps.len(), || None);
        state.records[step] = Some(matched.clone());
        match self.plan.steps[step].output {
            StepOutput::All => output.push(matched, state.match_id),
            StepOutput::Last => state.pending = Some(matched),
            StepOutput::None => {}
        }
        Ok(())
    }

    /// The value of an expression at a row, given a state.
    fn evaluate(&self, expr: &Evaluable, row: usize, state: Option<&State>) -> Bind<ArrayRef> {
        let width = self.rows.columns.len();
        let mut arrays = Vec::with_capacity(expr.inputs().len());
        for input in expr.inputs() {
            let (block, column) = (input / self.block(), input % self.block());
            let matched = match block.checked_sub(1) {
                None => None,
                Some(step) => state.and_then(|state| state.records.get(step)).and_then(Option::as_ref),
            };
            arrays.push(match (block, matched, column.checked_sub(width)) {
                (0, _, None) => self.rows.arrays[column].slice(row, 1),
                (_, Some(matched), None) => self.rows.arrays[column].slice(matched.row, 1),
                (_, Some(matched), Some(declared)) => matched.declared[declared].clone(),
                (_, None, None) => self.nulls[column].clone(),
                (_, None, Some(declared)) => self.defaults[declared].clone(),
            });
        }
        expr.evaluate(arrays, 1)
    }

    /// The output, column by column.
    fn columns(&self, output: Output) -> Bind<Vec<ArrayRef>> {
        let failed = |error| Stop::from(DataFusionError::from(error));
        let positions: UInt64Array = output.matched.iter().map(|matched| Some(matched.row as u64)).collect();
        let mut columns = Vec::new();
        for array in &self.rows.arrays {
            columns.push(take(array, &positions, None).map_err(failed)?);
        }
        for index in 0..self.defaults.len() {
            let parts: Vec<&dyn Array> =
                output.matched.iter().map(|matched| matched.declared[index].as_ref()).collect();
            columns.push(match parts.is_empty() {
                true => self.defaults[index].slice(0, 0),
                false => concat(&parts).map_err(failed)?,
            });
        }
        if self.plan.has_match_id {
            columns.push(std::sync::Arc::new(arrow::array::Int64Array::from(output.match_ids)));
        }
        Ok(columns)
    }
}

/// An array of one null; of one `""` for strings.
fn null(ty: Type) -> Result<ArrayRef, DataFusionError> {
    match ty {
        Type::String => ScalarValue::Utf8View(Some(String::new())).to_array_of_size(1),
        _ => Ok(new_null_array(&ty.arrow(), 1)),
    }
}
