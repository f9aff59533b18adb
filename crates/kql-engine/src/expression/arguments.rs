//! Matching arguments with a function of `kql-functions`.

use kql_functions::{ArgumentInfo, FunctionError, Resolved, Type};
use kql_syntax::{self as ast, Diagnostic, Span};

use super::Row;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::scope::Repr;
use crate::typed::Typed;

impl Binder<'_> {
    /// Binds all arguments; reports what is wrong with any of them.
    pub(crate) fn arguments(&mut self, args: &[ast::Argument], row: Row<'_>) -> Bind<Vec<Typed>> {
        let mut bound = Vec::with_capacity(args.len());
        let mut problems = Vec::new();
        for arg in args {
            match self.argument(&arg.value, row) {
                Ok(typed) => bound.push(typed),
                Err(Stop::Invalid(diagnostics)) => problems.extend(diagnostics),
                Err(stop) => return Err(stop),
            }
        }
        if problems.is_empty() { Ok(bound) } else { Err(Stop::Invalid(problems)) }
    }

    /// One argument; `typeof(long)` is the text of the type's name.
    fn argument(&mut self, expr: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        if let ast::ExprKind::TypeOf(columns) = &expr.kind
            && let [column] = columns.as_slice()
        {
            let name = super::column_type(column.ty).name().to_owned();
            return Ok(Typed::constant(kql_functions::Value::String(name)));
        }
        self.scalar(expr, row)
    }

    /// Calls a built-in function with bound arguments.
    pub(crate) fn function_of(&mut self, name: &str, args: Vec<Typed>, span: Span) -> Bind<Typed> {
        let Some(function) = kql_functions::scalar(name) else {
            return Err(self.unknown_function(name, span).into());
        };
        let resolved = resolved(&args, |infos| function.resolve(infos))
            .map_err(|error| argument_problem(name, &error, &[], span))?;
        let args = self.cast_all(args, &resolved)?;
        let result = resolved.result;
        let call = KqlScalarUdf::new(function, resolved, self.options.now).call(args);
        Ok(Typed::new(call, result))
    }

    /// The arguments in the types that the function was matched with.
    pub(crate) fn cast_all(
        &mut self,
        args: Vec<Typed>,
        resolved: &Resolved,
    ) -> Bind<Vec<datafusion::logical_expr::Expr>> {
        args.into_iter().zip(&resolved.parameters).map(|(arg, ty)| Ok(self.cast(arg, *ty)?.expr)).collect()
    }

    /// An unknown function, with the nearest name.
    pub(crate) fn unknown_function(&self, name: &str, span: Span) -> Diagnostic {
        let mut known = kql_functions::scalar_names();
        known.extend(kql_functions::aggregate_names());
        codes::unknown(codes::UNKNOWN_FUNCTION, span, "function", name, known)
    }
}

/// Matches arguments with a function. Those of which nothing is known are tried as each type in turn.
pub(crate) fn resolved(
    args: &[Typed],
    resolve: impl Fn(&[ArgumentInfo]) -> Result<Resolved, FunctionError>,
) -> Result<Resolved, FunctionError> {
    let infos: Vec<ArgumentInfo> = args.iter().map(Typed::info).collect();
    let is_unknown = |typed: &Typed| typed.repr == Repr::Unknown;
    let first = resolve(&infos);
    if first.is_ok() || !args.iter().any(is_unknown) {
        return first;
    }
    let types = [Type::String, Type::Long, Type::Real, Type::DateTime, Type::TimeSpan, Type::Bool];
    for ty in types {
        let guess = |(info, typed): (&ArgumentInfo, &Typed)| match is_unknown(typed) {
            true => ArgumentInfo { ty, constant: None },
            false => info.clone(),
        };
        let guessed: Vec<ArgumentInfo> = infos.iter().zip(args).map(guess).collect();
        if let Ok(found) = resolve(&guessed) {
            return Ok(found);
        }
    }
    first
}

/// Says at which argument a call goes wrong.
pub(crate) fn argument_problem(name: &str, error: &FunctionError, args: &[ast::Argument], span: Span) -> Diagnostic {
    let place = |index: usize| args.get(index).map_or(span, |arg| arg.value.span);
    match error {
        FunctionError::ArgumentCount { expected, found } => {
            let message = format!("`{name}` takes {expected}, not {found}");
            Diagnostic::error(codes::ARGUMENT_COUNT, span, message)
        }
        FunctionError::ArgumentType { index, expected, found } => {
            let ordinal = index + 1;
            let found: &Type = found;
            let message = format!("argument {ordinal} of `{name}` is a {}, not {expected}", found.name());
            Diagnostic::error(codes::TYPE_MISMATCH, place(*index), message)
        }
        FunctionError::Other { index, message } => {
            let place = index.map_or(span, place);
            Diagnostic::error(codes::INVALID_USE, place, format!("`{name}`: {message}"))
        }
    }
}
