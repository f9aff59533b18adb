//! `range`.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, Ident};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;
use crate::typed::Typed;

/// Most rows that `range` makes.
const MAX_ROWS: usize = 10_000_000;

impl Binder<'_> {
    /// A column of values at equal steps, both ends included.
    pub(crate) fn range(
        &mut self,
        name: &Ident,
        from: &ast::Expr,
        to: &ast::Expr,
        step: &ast::Expr,
        environment: &Environment,
    ) -> Bind<Relation> {
        let first = self.scalar_alone(from, environment)?;
        let last = self.scalar_alone(to, environment)?;
        let by = self.scalar_alone(step, environment)?;
        let ty = match (first.ty, last.ty, by.ty) {
            (Type::DateTime, ..) => Type::DateTime,
            (Type::TimeSpan, ..) => Type::TimeSpan,
            (a, b, c) if [a, b, c].contains(&Type::Real) => Type::Real,
            _ => Type::Long,
        };
        let step_type = if ty == Type::DateTime { Type::TimeSpan } else { ty };
        let first = self.range_value(first, ty, from)?;
        let last = self.range_value(last, ty, to)?;
        let by = self.range_value(by, step_type, step)?;
        let values = steps(&first, &last, &by, ty).ok_or_else(|| {
            let message = format!("`range` would make more than {MAX_ROWS} rows");
            Diagnostic::error("KQL302", from.span.to(step.span), message)
        })?;
        let rows = self.constant_table(vec![(name.name.clone(), ty)], &[values])?;
        Ok(Relation { serialized: true, ..rows })
    }

    fn range_value(&mut self, typed: Typed, ty: Type, expr: &ast::Expr) -> Bind<Value> {
        match self.cast(typed, ty)?.constant {
            Some(value) => Ok(value),
            None => Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, "bound of `range` is not constant").into()),
        }
    }
}

/// The values from first to last; none where a bound is null or the step leads away.
fn steps(first: &Value, last: &Value, by: &Value, ty: Type) -> Option<Vec<Value>> {
    if let (Value::Real(first), Value::Real(last), Value::Real(by)) = (first, last, by) {
        let count = ((last - first) / by).floor();
        if count.is_nan() || count < 0.0 {
            return Some(Vec::new());
        }
        if count >= MAX_ROWS as f64 {
            return None;
        }
        return Some((0..=count as usize).map(|i| Value::Real(first + i as f64 * by)).collect());
    }
    let whole = |value: &Value| match value {
        Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => Some(i128::from(*value)),
        _ => None,
    };
    let (Some(first), Some(last), Some(by)) = (whole(first), whole(last), whole(by)) else {
        return Some(Vec::new());
    };
    if by == 0 || (last - first).signum() * by.signum() < 0 {
        return Some(Vec::new());
    }
    let count = usize::try_from((last - first) / by).ok().filter(|count| *count < MAX_ROWS)?;
    let value = |at: i128| {
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        match ty {
            Type::DateTime => Value::DateTime(at),
            Type::TimeSpan => Value::TimeSpan(at),
            _ => Value::Long(at),
        }
    };
    Some((0..=count as i128).map(|i| value(first + i * by)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_included_and_a_step_away_gives_nothing() {
        let long = |first, last, by| steps(&Value::Long(first), &Value::Long(last), &Value::Long(by), Type::Long);
        assert_eq!(long(1, 5, 2), Some(vec![Value::Long(1), Value::Long(3), Value::Long(5)]));
        assert_eq!(long(5, 1, 2), Some(vec![]));
        assert_eq!(long(5, 1, -4), Some(vec![Value::Long(5), Value::Long(1)]));
        assert_eq!(long(0, i64::MAX, 1), None);
    }
}
