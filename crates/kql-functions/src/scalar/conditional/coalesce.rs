//! `coalesce`: the first value that is not null, or not empty for strings.

use arrow::array::Array;

use super::select::{common, select};
use crate::column::{Strings, result_rows};
use crate::definition::Definition;
use crate::{ArgumentInfo, FunctionError, Resolved, Type, signature};

pub(super) static COALESCE: Definition = Definition::new("coalesce", resolve, |args, resolved, ctx| {
    let is_string = resolved.result == Type::String;
    let present: Vec<Box<dyn Fn(usize) -> bool>> = args
        .iter()
        .map(|arg| -> Box<dyn Fn(usize) -> bool> {
            if is_string {
                let texts = Strings::of(arg);
                return Box::new(move |row| !texts.text(row).is_empty());
            }
            let (nulls, is_scalar) = (arg.array().logical_nulls(), arg.is_scalar());
            Box::new(move |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(if is_scalar { 0 } else { row })))
        })
        .collect();
    let pick = |row| present.iter().position(|present| present(row)).unwrap_or(args.len() - 1);
    select(args, resolved.result, result_rows(args, ctx), pick)
});

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 2, 64)?;
    let result = common(&args.iter().collect::<Vec<_>>(), |index| index)?;
    Ok(Resolved { parameters: vec![result; args.len()], result })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value};

    #[test]
    fn the_first_present_value_is_taken() {
        let null = || Value::Null(Type::Long);
        check("coalesce", &[null(), Value::Long(2), Value::Long(3)], Value::Long(2));
        check("coalesce", &[null(), null()], null());
        check("coalesce", &[text(""), text("b")], text("b"));
        check("coalesce", &[text(""), text("")], text(""));
    }
}
