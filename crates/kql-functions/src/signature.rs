//! Matching arguments with signatures.

use crate::{ArgumentInfo, FunctionError, Resolved, Type};

/// Whether an argument of one type may stand where another is expected, as Kusto's binder has it.
///
/// A whole number may be of either width, a real may be any number, a string may be a dynamic, as a property of
/// a bag has no other type. Parameters that take anything are marked with [`any`].
pub(crate) fn is_accepted(found: Type, expected: Type) -> bool {
    match expected {
        Type::String => matches!(found, Type::String | Type::Dynamic),
        Type::Int | Type::Long => matches!(found, Type::Int | Type::Long),
        Type::Real | Type::Decimal => found.is_numeric(),
        _ => found == expected,
    }
}

/// The arguments with those at some places made fit for a string or dynamic parameter, whatever their type.
pub(crate) fn any(args: &[ArgumentInfo], places: &[usize]) -> Vec<ArgumentInfo> {
    let mut args = args.to_vec();
    for place in places {
        if let Some(arg) = args.get_mut(*place) {
            arg.ty = Type::Dynamic;
        }
    }
    args
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

/// Refuses dynamics, which must be cast to a scalar type first.
pub(crate) fn not_dynamic(args: &[ArgumentInfo]) -> Result<(), FunctionError> {
    let place = args.iter().position(|arg| arg.ty == Type::Dynamic);
    place.map_or(Ok(()), |place| Err(refuse(place, "a scalar type other than dynamic", Type::Dynamic)))
}

/// Refuses dynamics where a string must be a constant, such as a pattern or the name of a period.
pub(crate) fn plain_text(args: &[ArgumentInfo], places: &[usize]) -> Result<(), FunctionError> {
    let is_dynamic = |place: &&usize| args.get(**place).is_some_and(|arg| arg.ty == Type::Dynamic);
    places.iter().find(is_dynamic).map_or(Ok(()), |place| Err(refuse(*place, "string", Type::Dynamic)))
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
