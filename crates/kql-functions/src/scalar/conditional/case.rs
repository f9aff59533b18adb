//! `case`: the value after the first true condition, else the last argument.

use super::select::{common, select};
use crate::column::{Bools, result_rows};
use crate::definition::Definition;
use crate::signature::accept;
use crate::{Arg, ArgumentInfo, FunctionError, Resolved, Type, signature};

pub(super) static CASE: Definition = Definition::new("case", resolve, |args, resolved, ctx| {
    let conditions: Vec<_> = args[..args.len() - 1].iter().step_by(2).map(Bools::of).collect();
    let choices: Vec<Arg> = value_places(args.len()).map(|index| args[index].clone()).collect();
    let pick = |row| {
        let found = conditions.iter().position(|condition| condition.get(row) == Some(true));
        found.unwrap_or(conditions.len())
    };
    select(&choices, resolved.result, result_rows(args, ctx), pick)
});

/// Where the values stand: after each condition, and at the end.
fn value_places(count: usize) -> impl Iterator<Item = usize> {
    (1..count).step_by(2).chain([count - 1])
}

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 3, usize::MAX)?;
    if args.len().is_multiple_of(2) {
        let message = "case() takes pairs of a condition and a value, then a last value".to_owned();
        return Err(FunctionError::Other { index: None, message });
    }
    let places: Vec<usize> = value_places(args.len()).collect();
    let values: Vec<_> = places.iter().map(|place| &args[*place]).collect();
    let result = common(&values, |index| places[index])?;
    let mut parameters = vec![result; args.len()];
    for index in (0..args.len() - 1).step_by(2) {
        parameters[index] = accept(index, args[index].ty, Type::Bool)?;
    }
    Ok(Resolved { parameters, result })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn the_first_true_condition_decides() {
        check("case", &[Bool(false), text("a"), Bool(true), text("b"), text("c")], text("b"));
        check("case", &[Value::Null(Type::Bool), text("a"), Bool(false), text("b"), text("c")], text("c"));
        check("case", &[Bool(true), Value::Int(1), Value::Long(2)], Value::Long(1));
        let arg = |ty| crate::ArgumentInfo { ty, constant: None };
        let four = [arg(Type::Bool), arg(Type::Long), arg(Type::Bool), arg(Type::Long)];
        assert!(crate::scalar("case").unwrap().resolve(&four).is_err());
    }
}
