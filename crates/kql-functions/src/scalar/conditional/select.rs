//! Taking each row from one of several arguments.

use arrow::array::{Array, ArrayRef};
use arrow::compute::interleave;

use crate::column::absent;
use crate::signature::common_type;
use crate::{Arg, ArgumentInfo, FunctionError, Type, signature};

/// Row by row the value of the choice that `pick` numbers.
pub(super) fn select(choices: &[Arg], ty: Type, rows: usize, pick: impl Fn(usize) -> usize) -> ArrayRef {
    let arrays: Vec<&dyn Array> = choices.iter().map(|choice| choice.array().as_ref()).collect();
    let indices: Vec<(usize, usize)> = (0..rows)
        .map(|row| {
            let choice = pick(row);
            (choice, if choices[choice].is_scalar() { 0 } else { row })
        })
        .collect();
    interleave(&arrays, &indices).unwrap_or_else(|_| absent(ty, rows))
}

/// The type that all of several arguments are shown in; `offset` is the first one's place among all arguments.
pub(super) fn common(args: &[&ArgumentInfo], places: impl Fn(usize) -> usize) -> Result<Type, FunctionError> {
    let mut common = args.first().map_or(Type::String, |arg| arg.ty);
    for (index, arg) in args.iter().enumerate() {
        common = match common_type(common, arg.ty) {
            Some(ty) => ty,
            None if matches!(arg.constant, Some(crate::Value::Null(_))) => common,
            None if common == Type::Dynamic || arg.ty == Type::Dynamic => Type::Dynamic,
            None if matches!((common, arg.ty), (Type::Guid, Type::String) | (Type::String, Type::Guid)) => Type::String,
            None => return Err(signature::refuse(places(index), common.name(), arg.ty)),
        };
    }
    Ok(common)
}
