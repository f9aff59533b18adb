//! `iff` (`iif`): one of two values; a null condition is no true one.

use super::select::{common, select};
use crate::column::{Bools, result_rows};
use crate::definition::Definition;
use crate::signature::accept;
use crate::{ArgumentInfo, FunctionError, Resolved, Type, signature};

pub(super) static IFF: Definition = Definition::new("iff", resolve, |args, resolved, ctx| {
    let conditions = Bools::of(&args[0]);
    let pick = |row| usize::from(conditions.get(row) != Some(true));
    select(&args[1..], resolved.result, result_rows(args, ctx), pick)
})
.alias(&["iif"]);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 3, 3)?;
    let condition = accept(0, args[0].ty, Type::Bool)?;
    let result = common(&[&args[1], &args[2]], |index| index + 1)?;
    Ok(Resolved { parameters: vec![condition, result, result], result })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{ArgumentInfo, Type, Value};

    #[test]
    fn one_of_two_values_is_taken() {
        check("iff", &[Value::Bool(true), text("a"), text("b")], text("a"));
        check("iif", &[Value::Null(Type::Bool), text("a"), text("b")], text("b"));
        check("iff", &[Value::Bool(false), Value::Int(1), Value::Real(2.5)], Value::Real(2.5));
        check("iff", &[Value::Bool(true), text("a"), json("1")], json("\"a\""));
        check("iff", &[Value::Bool(true), Value::Null(Type::Long), Value::Long(1)], Value::Null(Type::Long));
    }

    #[test]
    fn values_of_unlike_types_are_refused() {
        let arg = |ty| ArgumentInfo { ty, constant: None };
        let function = crate::scalar("iff").unwrap();
        assert!(function.resolve(&[arg(Type::Bool), arg(Type::String), arg(Type::Long)]).is_err());
        assert!(function.resolve(&[arg(Type::String), arg(Type::Long), arg(Type::Long)]).is_err());
        assert!(function.resolve(&[arg(Type::Bool)]).is_err());
    }
}
