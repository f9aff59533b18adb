//! Matching arguments with signatures.

use crate::{ArgumentInfo, FunctionError, Resolved, Type};

/// Whether an argument of one type may stand where another is expected.
///
/// Numbers widen (int, long, real, decimal); anything may become dynamic; a dynamic may become anything,
/// as a property of a bag has no other type.
pub(crate) fn is_accepted(found: Type, expected: Type) -> bool {
    let widens = found.is_numeric() && expected.is_numeric() && numeric_rank(found) <= numeric_rank(expected);
    found == expected
        || widens
        || matches!((found, expected), (Type::Long, Type::Int) | (Type::Guid, Type::String))
        || found == Type::Dynamic
        || expected == Type::Dynamic
}

fn numeric_rank(ty: Type) -> u8 {
    match ty {
        Type::Int => 0,
        Type::Long => 1,
        Type::Real => 2,
        _ => 3,
    }
}

/// The wider of two numeric types; `None` when one is not numeric.
pub(crate) fn wider(left: Type, right: Type) -> Option<Type> {
    if !left.is_numeric() || !right.is_numeric() {
        return None;
    }
    Some(if numeric_rank(left) >= numeric_rank(right) { left } else { right })
}

/// The one type that values of both types can be shown in: equal types, the wider number, else `None`.
pub(crate) fn common_type(left: Type, right: Type) -> Option<Type> {
    if left == right { Some(left) } else { wider(left, right) }
}

/// Parameters by position, of which the first `required` must be given.
pub(crate) fn fixed(
    args: &[ArgumentInfo],
    parameters: &[Type],
    required: usize,
    result: Type,
) -> Result<Resolved, FunctionError> {
    count(args, required, parameters.len())?;
    let parameters = args
        .iter()
        .zip(parameters)
        .enumerate()
        .map(|(index, (arg, expected))| accept(index, arg.ty, *expected))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Resolved { parameters, result })
}

/// Any number of arguments of one type, from `least` to `most`.
pub(crate) fn repeated(
    args: &[ArgumentInfo],
    parameter: Type,
    least: usize,
    most: usize,
    result: Type,
) -> Result<Resolved, FunctionError> {
    count(args, least, most)?;
    let parameters =
        args.iter().enumerate().map(|(index, arg)| accept(index, arg.ty, parameter)).collect::<Result<Vec<_>, _>>()?;
    Ok(Resolved { parameters, result })
}

/// Arguments in the types they have.
pub(crate) fn unchanged(
    args: &[ArgumentInfo],
    least: usize,
    most: usize,
    result: Type,
) -> Result<Resolved, FunctionError> {
    count(args, least, most)?;
    Ok(Resolved { parameters: args.iter().map(|arg| arg.ty).collect(), result })
}

/// One parameter's type, or why the argument does not fit.
pub(crate) fn accept(index: usize, found: Type, expected: Type) -> Result<Type, FunctionError> {
    if is_accepted(found, expected) {
        Ok(expected)
    } else {
        Err(FunctionError::ArgumentType { index, expected: expected.name().to_owned(), found })
    }
}

/// Refuses an argument with a description of what is expected.
pub(crate) fn refuse(index: usize, expected: &str, found: Type) -> FunctionError {
    FunctionError::ArgumentType { index, expected: expected.to_owned(), found }
}

/// Checks how many arguments there are.
pub(crate) fn count(args: &[ArgumentInfo], least: usize, most: usize) -> Result<(), FunctionError> {
    if (least..=most).contains(&args.len()) {
        return Ok(());
    }
    let expected = match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, usize::MAX) => format!("at least {least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    Err(FunctionError::ArgumentCount { expected, found: args.len() })
}
