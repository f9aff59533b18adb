//! Legs of one stored table, read together.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchemaRef, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{TableScan, TableScanBuilder, Union};
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, ExpressionPlacement, LogicalPlan};

use super::exec::RowsOfLeg;
use super::leg::Leg;
use super::node::SharedUnion;
use crate::plan::{filtered, projected};
use crate::wide_union_exec::Slot;

/// Of this many columns that legs read together ...
const OF_COLUMNS: usize = 4;
/// ... each leg reads at least so many: one that would have skipped what the others read costs a third more at most.
const EACH_READS: usize = 3;

/// What names of computed columns begin with. No column of a table begins like this.
const COMPUTED: &str = "__leg_";

/// Of which kind conditions of single legs are.
const TEST: &str = "test";

/// Whether a column of this name says which rows a leg wants.
pub(crate) fn is_test(column: &str) -> bool {
    column.strip_prefix(COMPUTED).is_some_and(|kind| kind.starts_with(TEST))
}

/// The union with those legs read together that gain by it; nothing where none do.
pub(super) fn read_together(union: &Union) -> Result<Option<LogicalPlan>> {
    let legs: Vec<Option<Leg>> = union.inputs.iter().map(|input| leg_of(input, &union.schema)).collect();
    let mut inputs: Vec<Arc<LogicalPlan>> = Vec::new();
    let mut is_done = vec![false; legs.len()];
    // A catalog has one table of a name, and of that the same files are read within the same times.
    let files: Vec<_> = legs.iter().map(|leg| leg.as_ref().map(|leg| (&leg.scan.table_name, leg.times()))).collect();
    for at in 0..legs.len() {
        if is_done[at] {
            continue;
        }
        let is_alike = |other: &usize| !is_done[*other] && files[*other].is_some() && files[*other] == files[at];
        let alike: Vec<usize> = (at..legs.len()).filter(is_alike).collect();
        let chosen: Vec<&Leg> = alike.iter().filter_map(|&leg| legs[leg].as_ref()).collect();
        if chosen.len() < 2 || !is_worth_it(&chosen) {
            inputs.push(Arc::clone(&union.inputs[at]));
            continue;
        }
        for leg in alike {
            is_done[leg] = true;
        }
        inputs.push(Arc::new(Together::of(&chosen).plan(&union.schema)?));
    }
    if inputs.len() == legs.len() {
        return Ok(None);
    }
    Ok(Some(match <[Arc<LogicalPlan>; 1]>::try_from(inputs) {
        Ok([only]) => Arc::unwrap_or_clone(only),
        Err(inputs) => LogicalPlan::Union(Union { inputs, schema: Arc::clone(&union.schema) }),
    }))
}

/// A leg whose columns are of the union's types.
fn leg_of<'p>(input: &'p LogicalPlan, schema: &DFSchemaRef) -> Option<Leg<'p>> {
    let (fields, wanted) = (input.schema().fields(), schema.fields());
    let is_plain = fields.iter().zip(wanted).all(|(field, wanted)| field.data_type() == wanted.data_type());
    if fields.len() == wanted.len() && is_plain { Leg::of(input) } else { None }
}

fn is_worth_it(legs: &[&Leg]) -> bool {
    let all: BTreeSet<&Column> = legs.iter().flat_map(|leg| leg.read()).collect();
    legs.iter().all(|leg| leg.read().len() * OF_COLUMNS >= all.len() * EACH_READS)
}

/// Distinct expressions, which become columns of these names.
struct Computed {
    kind: &'static str,
    exprs: Vec<Expr>,
}

impl Computed {
    fn new(kind: &'static str) -> Self {
        Self { kind, exprs: Vec::new() }
    }

    fn name(&self, at: usize) -> String {
        format!("{COMPUTED}{}_{at}", self.kind)
    }

    /// The column that the expression becomes.
    fn column(&mut self, expr: &Expr) -> Column {
        let at = self.exprs.iter().position(|known| known == expr).unwrap_or_else(|| {
            self.exprs.push(expr.clone());
            self.exprs.len() - 1
        });
        Column::new_unqualified(self.name(at))
    }

    fn named(&self) -> impl Iterator<Item = Expr> {
        self.exprs.iter().enumerate().map(|(at, expr)| expr.clone().alias(self.name(at)))
    }
}

/// What is read and computed for all legs, from the scan upwards.
struct Together<'p> {
    scan: &'p TableScan,
    /// What the scan is told of the rows.
    wanted: Vec<Expr>,
    /// What tables keep beside documents, read by the scan.
    reads: Computed,
    /// Conditions of single legs that are asked first.
    tests: Computed,
    /// Conditions of all legs.
    common: Vec<Expr>,
    /// Of the rows that some leg may want: its other conditions, and what it computes.
    values: Computed,
    legs: Vec<LegColumns>,
}

/// The columns of a leg.
struct LegColumns {
    tests: Vec<Column>,
    late_tests: Vec<Column>,
    values: Vec<Value>,
}

/// A column of the result.
enum Value {
    Column(Column),
    Text(String),
}

impl<'p> Together<'p> {
    fn of(legs: &[&Leg<'p>]) -> Self {
        let common = common(legs, |leg| &leg.conditions);
        let mut together = Self {
            scan: legs[0].scan,
            wanted: wanted(legs),
            reads: Computed::new("read"),
            tests: Computed::new(TEST),
            common: Vec::new(),
            values: Computed::new("value"),
            legs: Vec::new(),
        };
        for leg in legs {
            let leg = together.leg(leg, &common);
            together.legs.push(leg);
        }
        together.common = common.into_iter().map(|condition| together.without_reads(condition)).collect();
        together
    }

    fn leg(&mut self, leg: &Leg, common: &[Expr]) -> LegColumns {
        let (mut tests, mut late_tests) = (Vec::new(), Vec::new());
        for condition in leg.conditions.iter().filter(|own| !common.contains(own)) {
            if self.is_asked_first(condition) {
                tests.push(self.tests.column(condition));
            } else {
                let condition = self.without_reads(condition.clone());
                late_tests.push(self.values.column(&condition));
            }
        }
        let values = leg.columns.iter().map(|value| match self.without_reads(value.clone()) {
            Expr::Column(column) => Value::Column(column),
            Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Value::Text(text),
            value => Value::Column(self.values.column(&value)),
        });
        LegColumns { values: values.collect(), tests, late_tests }
    }

    /// Whether a condition is asked of all rows, before it is known whether any leg wants them: comparisons, and tests of one text, which are
    /// asked once a text.
    fn is_asked_first(&self, condition: &Expr) -> bool {
        let table = self.scan.source.schema();
        let is_text = |column: &&Column| {
            let field = table.field_with_name(column.name());
            field.is_ok_and(|field| *field.data_type() == DataType::Utf8View && !field.is_nullable())
        };
        let columns = condition.column_refs();
        columns.len() == 1 && columns.iter().all(is_text) || !calls_functions(condition)
    }

    /// The expression over the columns that scans give for reads beside documents.
    fn without_reads(&mut self, expr: Expr) -> Expr {
        let changed = expr.clone().transform_down(|part| {
            if !is_read_by_scan(&part) {
                return Ok(Transformed::no(part));
            }
            let column = Expr::Column(self.reads.column(&part));
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        });
        changed.data().unwrap_or(expr)
    }

    /// The legs in columns of that schema.
    fn plan(&self, schema: &DFSchemaRef) -> Result<LogicalPlan> {
        let plain = self.plain_columns();
        let mut plan = self.scanned(&plain)?;
        if !self.reads.exprs.is_empty() || !self.tests.exprs.is_empty() {
            let kept = plain.into_iter().map(Expr::Column);
            plan = projected(plan, kept.chain(self.reads.named()).chain(self.tests.named()).collect())?;
        }
        let firsts = self.legs.iter().map(|leg| conjunction(leg.tests.iter().cloned().map(Expr::Column)));
        let some = firsts.collect::<Option<Vec<Expr>>>().and_then(disjunction);
        if let Some(predicate) = conjunction(self.common.iter().cloned().chain(some)) {
            plan = filtered(plan, predicate)?;
        }
        if !self.values.exprs.is_empty() {
            let below = plan.schema();
            let kept: BTreeSet<&Column> =
                self.legs.iter().flat_map(LegColumns::all).filter(|column| below.has_column(column)).collect();
            let kept: Vec<Expr> = kept.into_iter().cloned().map(Expr::Column).collect();
            plan = projected(plan, kept.into_iter().chain(self.values.named()).collect())?;
        }
        let legs = self.legs.iter().map(|leg| leg.rows(&plan)).collect::<Result<Vec<RowsOfLeg>>>()?;
        Ok(SharedUnion::plan(plan, legs, Arc::clone(schema)))
    }

    /// The scan of these columns and of those that reads and tests need.
    fn scanned(&self, plain: &[Column]) -> Result<LogicalPlan> {
        let computed = self.reads.exprs.iter().chain(&self.tests.exprs).flat_map(Expr::column_refs);
        let read: BTreeSet<&str> = plain.iter().map(Column::name).chain(computed.map(Column::name)).collect();
        let fields = self.scan.source.schema();
        let fields = fields.fields().iter().enumerate();
        let mut columns: Vec<usize> =
            fields.filter(|(_, field)| read.contains(field.name().as_str())).map(|(at, _)| at).collect();
        if columns.is_empty() {
            // Rows are counted by some column.
            columns.extend(self.scan.projection.as_ref().and_then(|columns| columns.first()));
        }
        let scan = TableScanBuilder::new(self.scan.table_name.clone(), Arc::clone(&self.scan.source))
            .with_projection(Some(columns))
            .with_filters(self.wanted.clone());
        scan.build().map(LogicalPlan::TableScan)
    }

    /// The columns of the table that are needed as they are, in its order.
    fn plain_columns(&self) -> Vec<Column> {
        let named = self.legs.iter().flat_map(|leg| leg.values.iter().filter_map(Value::column));
        let used = self.common.iter().chain(&self.values.exprs).flat_map(Expr::column_refs);
        let used: BTreeSet<&Column> = named.chain(used).collect();
        let schema = self.scan.source.schema();
        let columns = schema.fields().iter();
        let columns = columns.map(|field| Column::new(Some(self.scan.table_name.clone()), field.name()));
        columns.filter(|column| used.contains(column)).collect()
    }
}

impl Value {
    fn column(&self) -> Option<&Column> {
        match self {
            Self::Column(column) => Some(column),
            Self::Text(_) => None,
        }
    }
}

impl LegColumns {
    /// The columns that it needs, but for tests that are computed with the values.
    fn all(&self) -> impl Iterator<Item = &Column> {
        self.tests.iter().chain(self.values.iter().filter_map(Value::column))
    }

    /// Its rows out of those of the plan.
    fn rows(&self, plan: &LogicalPlan) -> Result<RowsOfLeg> {
        let place = |column: &Column| plan.schema().index_of_column(column);
        let slots = self.values.iter().map(|value| {
            Ok(match value {
                Value::Column(column) => Slot::Column(place(column)?),
                Value::Text(text) => Slot::Text(text.clone()),
            })
        });
        let tests = self.tests.iter().chain(&self.late_tests).map(place);
        Ok(RowsOfLeg::new(tests.collect::<Result<_>>()?, slots.collect::<Result<_>>()?))
    }
}

/// What all legs have of these expressions.
fn common<'p>(legs: &[&Leg<'p>], of: for<'a> fn(&'a Leg<'p>) -> &'a [Expr]) -> Vec<Expr> {
    let is_common = |expr: &&Expr| legs.iter().all(|leg| of(leg).contains(expr));
    of(legs[0]).iter().filter(is_common).cloned().collect()
}

/// What scans are told of the rows that some leg wants, as far as the legs' scans are told.
fn wanted(legs: &[&Leg]) -> Vec<Expr> {
    let common = common(legs, |leg| &leg.scan.filters);
    let own = |leg: &&Leg| conjunction(leg.scan.filters.iter().filter(|own| !common.contains(own)).cloned());
    // A leg without a filter of its own wants all.
    let some = legs.iter().map(own).collect::<Option<Vec<Expr>>>().and_then(disjunction);
    common.into_iter().chain(some).collect()
}

/// Whether it reads what a table keeps beside a document.
fn is_read_by_scan(expr: &Expr) -> bool {
    expr.placement() == ExpressionPlacement::MoveTowardsLeafNodes
}

/// Whether it calls functions other than reads by the scan.
fn calls_functions(expr: &Expr) -> bool {
    let mut calls = false;
    let walked = expr.apply(|part| {
        if is_read_by_scan(part) {
            return Ok(TreeNodeRecursion::Jump);
        }
        calls |= matches!(part, Expr::ScalarFunction(_));
        Ok(if calls { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.is_err() || calls
}
