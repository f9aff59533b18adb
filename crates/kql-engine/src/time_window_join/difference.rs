//! What a condition of a join says about the time from a row of its left side to one of its right side.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{JoinSide, ScalarValue};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_plan::joins::utils::JoinFilter;
use kql_functions::arithmetic::ArithmeticOp;
use kql_functions::compare::CompareOp;
use kql_functions::{Type, period_lengths};

use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::functions::ticks::{TICKS_PER_MICROSECOND, TicksOfStored, UNIX_EPOCH_TICKS, stored_datetime};

/// Deepest nesting that is looked at: what rule authors write has a few levels.
const MAX_DEPTH: usize = 32;
/// How far quotients of reals may be off their exact value, in parts of it: doubles round at 2^-53, a few times.
const QUOTIENT_ERROR: f64 = 1e-9;

/// A value of one side alone, over the columns of the condition.
#[derive(Debug, Clone)]
struct Part {
    expr: Arc<dyn PhysicalExpr>,
    /// 1, or -1 where it is subtracted.
    sign: i8,
}

/// A sum of at most one value of each side and a constant, in ticks.
#[derive(Debug, Clone, Default)]
struct Sum {
    left: Option<Part>,
    right: Option<Part>,
    constant: i128,
}

/// A constant of a comparison.
#[derive(Debug, Clone, Copy)]
enum Constant {
    Whole(i128),
    Real(f64),
}

/// What is compared.
#[derive(Debug, Clone)]
enum Quantity {
    Constant(Constant),
    /// Ticks.
    Ticks(Sum),
    /// The number of boundaries of periods in a stretch of time; the lengths of a period in ticks.
    Boundaries {
        of: Sum,
        shortest: i128,
        longest: i128,
    },
    /// A stretch of time in units of so many ticks.
    Quotient {
        of: Sum,
        unit: i128,
    },
    Absolute(Box<Quantity>),
}

/// Bounds of a whole number, both included.
type Bounds = (Option<i128>, Option<i128>);

/// A bound on the time from a value of the left side to one of the right side, at least as wide as what the condition says.
#[derive(Debug, Clone)]
pub(super) struct BoundedDifference {
    /// Over the left input: a stored datetime or ticks.
    pub left: Arc<dyn PhysicalExpr>,
    /// Over the right input, the same.
    pub right: Arc<dyn PhysicalExpr>,
    /// Of `right - left` in ticks, both included.
    pub bounds: Bounds,
}

impl BoundedDifference {
    /// What one of the conditions of a join's filter, all of which must hold, says about a difference of times.
    pub fn of(condition: &Arc<dyn PhysicalExpr>, filter: &JoinFilter) -> Option<Self> {
        let reader = Reader { filter };
        let (op, left, right) = comparison(condition)?;
        let (left, right) = (reader.quantity(left, 0)?, reader.quantity(right, 0)?);
        let (sum, bounds) = match (left, right) {
            (Quantity::Constant(constant), quantity) => bounded(quantity, mirrored(op), constant)?,
            (quantity, Quantity::Constant(constant)) => bounded(quantity, op, constant)?,
            (Quantity::Ticks(left), Quantity::Ticks(right)) => {
                bounded(Quantity::Ticks(left.plus(right.negated())?), op, Constant::Whole(0))?
            }
            _ => return None,
        };
        reader.between_sides(sum, bounds)
    }
}

impl Sum {
    fn negated(self) -> Self {
        let negated = |part: Part| Part { sign: -part.sign, ..part };
        Self { left: self.left.map(negated), right: self.right.map(negated), constant: -self.constant }
    }

    /// Nothing where one side would have two values.
    fn plus(self, other: Self) -> Option<Self> {
        let one = |a: Option<Part>, b: Option<Part>| match (a, b) {
            (Some(_), Some(_)) => None,
            (part, None) | (None, part) => Some(part),
        };
        let left = one(self.left, other.left)?;
        let right = one(self.right, other.right)?;
        Some(Self { left, right, constant: self.constant.checked_add(other.constant)? })
    }

    fn as_constant(&self) -> Option<i128> {
        (self.left.is_none() && self.right.is_none()).then_some(self.constant)
    }
}

/// What is compared how.
type Comparison<'a> = (CompareOp, &'a Arc<dyn PhysicalExpr>, &'a Arc<dyn PhysicalExpr>);

/// The parts of a comparison, whichever function makes it.
fn comparison(condition: &Arc<dyn PhysicalExpr>) -> Option<Comparison<'_>> {
    if let Some(binary) = condition.downcast_ref::<BinaryExpr>() {
        let op = match binary.op() {
            Operator::Eq => CompareOp::Equal,
            Operator::Lt => CompareOp::Less,
            Operator::LtEq => CompareOp::LessOrEqual,
            Operator::Gt => CompareOp::Greater,
            Operator::GtEq => CompareOp::GreaterOrEqual,
            _ => return None,
        };
        return Some((op, binary.left(), binary.right()));
    }
    let call = condition.downcast_ref::<ScalarFunctionExpr>()?;
    match (call.fun().inner().downcast_ref::<KernelUdf>()?.kernel(), call.args()) {
        (Kernel::Compare { op, .. }, [left, right]) if op != CompareOp::NotEqual => Some((op, left, right)),
        _ => None,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

/// The sum in a quantity and its bounds, where the quantity compares so with the constant.
///
/// `<` counts as `<=`: stored datetimes are compared as they are, and far outside of the calendar several have the same ticks.
fn bounded(quantity: Quantity, op: CompareOp, constant: Constant) -> Option<(Sum, Bounds)> {
    let (low, high) = match op {
        CompareOp::Less | CompareOp::LessOrEqual => (None, Some(constant)),
        CompareOp::Greater | CompareOp::GreaterOrEqual => (Some(constant), None),
        CompareOp::Equal => (Some(constant), Some(constant)),
        CompareOp::NotEqual => return None,
    };
    within(quantity, low, high)
}

fn within(quantity: Quantity, low: Option<Constant>, high: Option<Constant>) -> Option<(Sum, Bounds)> {
    match quantity {
        Quantity::Constant(_) => None,
        Quantity::Ticks(sum) => Some((sum, (low.map(Constant::floor), high.map(Constant::ceil)))),
        Quantity::Boundaries { of, shortest, longest } => {
            // Between two boundaries lies a period; the time before the first and after the last is less than one each.
            let at_least = |periods: i128| periods.saturating_mul(if periods < 0 { longest } else { shortest });
            let at_most = |periods: i128| periods.saturating_mul(if periods < 0 { shortest } else { longest });
            let low = low.map(|low| at_least(low.floor().saturating_sub(1)));
            let high = high.map(|high| at_most(high.ceil().saturating_add(1)));
            Some((of, (low, high)))
        }
        Quantity::Quotient { of, unit } => {
            let ticks = |units: Constant| units.real() * unit as f64;
            let error = |ticks: f64| ticks.abs() * QUOTIENT_ERROR + 1.0;
            let low = low.map(&ticks).map(|low| (low - error(low)).floor() as i128);
            let high = high.map(ticks).map(|high| (high + error(high)).ceil() as i128);
            Some((of, (low, high)))
        }
        Quantity::Absolute(inner) => {
            let high = high?;
            within(*inner, Some(high.negated()), Some(high))
        }
    }
}

impl Constant {
    /// Reals beyond the range of whole numbers, and NaN, become the nearest or zero: `as` saturates.
    fn floor(self) -> i128 {
        match self {
            Constant::Whole(value) => value,
            Constant::Real(value) => value.floor() as i128,
        }
    }

    fn ceil(self) -> i128 {
        match self {
            Constant::Whole(value) => value,
            Constant::Real(value) => value.ceil() as i128,
        }
    }

    fn real(self) -> f64 {
        match self {
            Constant::Whole(value) => value as f64,
            Constant::Real(value) => value,
        }
    }

    fn negated(self) -> Self {
        match self {
            Constant::Whole(value) => Constant::Whole(-value),
            Constant::Real(value) => Constant::Real(-value),
        }
    }
}

/// Reads the expressions of a join's filter.
struct Reader<'f> {
    filter: &'f JoinFilter,
}

impl Reader<'_> {
    fn quantity(&self, expr: &Arc<dyn PhysicalExpr>, depth: usize) -> Option<Quantity> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(literal) = expr.downcast_ref::<Literal>() {
            return constant(literal.value()).map(Quantity::Constant);
        }
        if let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() {
            if let Some(function) = call.fun().inner().downcast_ref::<KqlScalarUdf>() {
                match (function.parts().0, call.args()) {
                    ("abs", [inner]) => {
                        return Some(Quantity::Absolute(Box::new(self.quantity(inner, depth + 1)?)));
                    }
                    ("datetime_diff", [period, to, from]) => {
                        let (shortest, longest) = period_lengths(text(period)?)?;
                        let of = self.sum(to, depth + 1)?.plus(self.sum(from, depth + 1)?.negated())?;
                        return Some(Quantity::Boundaries {
                            of,
                            shortest: i128::from(shortest),
                            longest: i128::from(longest),
                        });
                    }
                    _ => {}
                }
            }
            if let Some(Kernel::Arithmetic { op: ArithmeticOp::Divide, result: Type::Real, .. }) = kernel(call) {
                let [span, unit] = call.args() else { return None };
                let unit = self.sum(unit, depth + 1)?.as_constant().filter(|unit| *unit > 0)?;
                return Some(Quantity::Quotient { of: self.sum(span, depth + 1)?, unit });
            }
        }
        self.sum(expr, depth).map(Quantity::Ticks)
    }

    fn sum(&self, expr: &Arc<dyn PhysicalExpr>, depth: usize) -> Option<Sum> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(literal) = expr.downcast_ref::<Literal>() {
            return match constant(literal.value())? {
                Constant::Whole(constant) => Some(Sum { constant, ..Sum::default() }),
                Constant::Real(_) => None,
            };
        }
        let computed = match expr.downcast_ref::<ScalarFunctionExpr>() {
            Some(call) => self.sum_of_call(call, depth),
            None => None,
        };
        computed.or_else(|| self.value(expr))
    }

    fn sum_of_call(&self, call: &ScalarFunctionExpr, depth: usize) -> Option<Sum> {
        let sum = |expr| self.sum(expr, depth + 1);
        if call.fun().inner().downcast_ref::<TicksOfStored>().is_some() {
            return sum(call.args().first()?);
        }
        if let Some(function) = call.fun().inner().downcast_ref::<KqlScalarUdf>() {
            return match (function.parts().0, call.args()) {
                ("datetime_add", [period, count, time]) => {
                    let (shortest, longest) = period_lengths(text(period)?)?;
                    let added = sum(count)?.as_constant()?.checked_mul(i128::from(shortest))?;
                    // Months and years are of no constant length.
                    (shortest == longest).then_some(())?;
                    sum(time)?.plus(Sum { constant: added, ..Sum::default() })
                }
                _ => None,
            };
        }
        match (kernel(call)?, call.args()) {
            (Kernel::Arithmetic { op, result: Type::DateTime | Type::TimeSpan, .. }, [left, right]) => match op {
                ArithmeticOp::Add => sum(left)?.plus(sum(right)?),
                ArithmeticOp::Subtract => sum(left)?.plus(sum(right)?.negated()),
                _ => None,
            },
            (Kernel::Negate { ty: Type::TimeSpan }, [inner]) => Some(sum(inner)?.negated()),
            _ => None,
        }
    }

    /// An expression of one side, taken as it is.
    fn value(&self, expr: &Arc<dyn PhysicalExpr>) -> Option<Sum> {
        let ty = expr.data_type(self.filter.schema()).ok()?;
        if ty != DataType::Int64 && ty != stored_datetime() || is_volatile(expr) {
            return None;
        }
        let mut sides = collect_columns(expr).into_iter().map(|column| self.side(&column));
        let side = sides.next()??;
        if !sides.all(|other| other == Some(side)) {
            return None;
        }
        let part = Some(Part { expr: Arc::clone(expr), sign: 1 });
        Some(match side {
            JoinSide::Left => Sum { left: part, ..Sum::default() },
            _ => Sum { right: part, ..Sum::default() },
        })
    }

    fn side(&self, column: &Column) -> Option<JoinSide> {
        let side = self.filter.column_indices().get(column.index())?.side;
        (side != JoinSide::None).then_some(side)
    }

    /// Bounds of `right - left` from those of a sum that has one of each.
    fn between_sides(&self, sum: Sum, (low, high): Bounds) -> Option<BoundedDifference> {
        let (left, right) = (sum.left?, sum.right?);
        if left.sign == right.sign {
            return None;
        }
        let bounds = if right.sign > 0 {
            (low.map(|low| low.saturating_sub(sum.constant)), high.map(|high| high.saturating_sub(sum.constant)))
        } else {
            (high.map(|high| sum.constant.saturating_sub(high)), low.map(|low| sum.constant.saturating_sub(low)))
        };
        Some(BoundedDifference { left: self.over_input(left.expr)?, right: self.over_input(right.expr)?, bounds })
    }

    /// The expression over the columns of the input that it comes from.
    fn over_input(&self, expr: Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
        use datafusion::common::tree_node::{Transformed, TreeNode};
        let indices = self.filter.column_indices();
        let moved = expr.transform(|part| {
            let moved = part.downcast_ref::<Column>().and_then(|column| {
                let index = indices.get(column.index())?.index;
                Some(Arc::new(Column::new(column.name(), index)) as Arc<dyn PhysicalExpr>)
            });
            Ok(match moved {
                Some(column) => Transformed::yes(column),
                None => Transformed::no(part),
            })
        });
        moved.ok().map(|moved| moved.data)
    }
}

fn kernel(call: &ScalarFunctionExpr) -> Option<Kernel> {
    call.fun().inner().downcast_ref::<KernelUdf>().map(KernelUdf::kernel)
}

/// A number, a timespan or a datetime, the latter two in ticks.
fn constant(value: &ScalarValue) -> Option<Constant> {
    match value {
        ScalarValue::Int64(Some(value)) => Some(Constant::Whole(i128::from(*value))),
        ScalarValue::Int32(Some(value)) => Some(Constant::Whole(i128::from(*value))),
        ScalarValue::Float64(Some(value)) if !value.is_nan() => Some(Constant::Real(*value)),
        ScalarValue::TimestampMicrosecond(Some(us), _) => {
            Some(Constant::Whole(i128::from(*us) * i128::from(TICKS_PER_MICROSECOND) + i128::from(UNIX_EPOCH_TICKS)))
        }
        _ => None,
    }
}

fn text(expr: &Arc<dyn PhysicalExpr>) -> Option<&str> {
    match expr.downcast_ref::<Literal>()?.value() {
        ScalarValue::Utf8View(Some(text)) | ScalarValue::Utf8(Some(text)) => Some(text),
        _ => None,
    }
}
