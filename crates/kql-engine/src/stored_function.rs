//! Functions that are kept outside of queries: their parsed form, and calls of them.

use std::sync::Arc;

use kql_syntax::{self as ast, Diagnostic, NamedFunction, Span};

use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::expression::Row;
use crate::scope::Relation;
use crate::typed::Typed;

/// A function that is kept outside of queries, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFunction {
    /// Its name.
    pub name: String,
    pub(crate) function: Arc<ast::Function>,
    /// Its parameters as KQL writes them, without parentheses.
    pub parameters: String,
    /// What stands between its braces.
    pub body: String,
}

impl StoredFunction {
    /// A function of its parts: parameters such as `a:long, T:(*)`, and what stands between the braces.
    ///
    /// # Errors
    /// What is wrong with it, with the line, as text.
    pub fn parse(name: &str, parameters: &str, body: &str) -> Result<Self, String> {
        Self::of(NamedFunction::parse(name, parameters, body), name)
    }

    /// The function that `.create function` and its kin make.
    ///
    /// # Errors
    /// As of [`StoredFunction::parse`].
    pub fn parse_command(text: &str) -> Result<Self, String> {
        Self::of(NamedFunction::parse_command(text), "function")
    }

    fn of(parsed: Result<NamedFunction, (String, Vec<Diagnostic>)>, source: &str) -> Result<Self, String> {
        match parsed {
            Ok(NamedFunction { name, function, parameters, body, .. }) => {
                Ok(Self { name, function: Arc::new(function), parameters, body })
            }
            Err((text, problems)) => {
                let rendered: Vec<String> = problems.iter().map(|problem| problem.render(&text, source)).collect();
                Err(rendered.join("\n"))
            }
        }
    }
}

impl Binder<'_> {
    /// The stored function of that name. Within itself, its name is that of a table, if of anything.
    pub(crate) fn stored_function(&self, name: &str, span: Span) -> Bind<Option<Arc<StoredFunction>>> {
        match self.catalog.surroundings().function(name) {
            None => Ok(None),
            Some(_) if self.calling.iter().any(|caller| caller == name) => {
                if self.catalog.table(name).is_some() {
                    return Ok(None);
                }
                let message = format!("stored function `{name}` calls itself");
                Err(Diagnostic::error(codes::RECURSION, span, message).into())
            }
            Some(Ok(function)) => Ok(Some(function)),
            Some(Err(problem)) => {
                let message =
                    format!("stored function `{name}` is wrong: {}", problem.lines().next().unwrap_or_default());
                Err(Diagnostic::error(codes::BAD_DEFINITION, span, message).into())
            }
        }
    }

    /// Calls a stored function that gives a table; with `input`, as `invoke` does.
    pub(crate) fn stored_table(
        &mut self,
        stored: &StoredFunction,
        input: Option<Relation>,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Relation> {
        let (function, outer) = match input {
            None => (Arc::clone(&stored.function), Environment::default()),
            Some(input) => invoked(&stored.function, &stored.name, Environment::default(), input, span)?,
        };
        let inner = self.parameters(&function, outer, args, span, row)?;
        self.within(stored, span, |binder| {
            let (body, inner) = binder.body(&function, inner)?;
            binder.table(body, &inner)
        })
    }

    /// Calls a stored function that gives a scalar.
    pub(crate) fn stored_scalar(
        &mut self,
        stored: &StoredFunction,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Typed> {
        let inner = self.parameters(&stored.function, Environment::default(), args, span, row)?;
        self.within(stored, span, |binder| {
            let (body, inner) = binder.body(&stored.function, inner)?;
            binder.scalar_alone(body, &inner)
        })
    }

    /// Binds a stored function's body: what is wrong there is reported at the call.
    fn within<T>(&mut self, stored: &StoredFunction, span: Span, bind: impl FnOnce(&mut Self) -> Bind<T>) -> Bind<T> {
        self.calling.push(stored.name.clone());
        let warnings = self.warnings.len();
        let result = self.nested(span, bind);
        self.calling.pop();
        let at_call = |found: Diagnostic| Diagnostic {
            message: format!("{} (in stored function `{}`)", found.message, stored.name),
            span,
            ..found
        };
        for warning in &mut self.warnings[warnings..] {
            warning.span = span;
        }
        result.map_err(|stop| match stop {
            Stop::Invalid(found) => Stop::Invalid(found.into_iter().map(at_call).collect()),
            other => other,
        })
    }
}

/// A function whose first parameter is given already: the rest of it and what it may name.
pub(crate) fn invoked(
    function: &ast::Function,
    name: &str,
    outer: Environment,
    input: Relation,
    span: Span,
) -> Bind<(Arc<ast::Function>, Environment)> {
    let Some(first) = function.parameters.first() else {
        let message = format!("`{name}` takes no table");
        return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
    };
    let rest = ast::Function { parameters: function.parameters[1..].to_vec(), ..function.clone() };
    Ok((Arc::new(rest), outer.with(&first.name.name, Binding::Relation(Arc::new(input)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let problem = StoredFunction::parse("F", "", "print 1 |").expect_err("a pipe at the end");
        assert!(problem.contains("F:"), "{problem}");
        assert_eq!(StoredFunction::parse_command(".create function F() { print 1 }").expect("a function").name, "F");
    }
}
