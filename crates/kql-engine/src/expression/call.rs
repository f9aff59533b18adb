//! Calls: user-defined functions, special forms, built-in functions.

use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, OperatorKind, Span};

use super::arguments::{argument_problem, resolved};
use super::{Row, column_type};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::functions::geo_database_option::GeoDatabaseOption;
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::scope::{Relation, ScopeColumn, find_column};
use crate::typed::Typed;

/// Functions that give a table.
const TABULAR_FUNCTIONS: [&str; 6] =
    ["table", "materialize", "materialized_view", "view", "_GetWatchlist", "_GetWatchlistAlias"];

/// How whoever runs the program gives a database of places.
const GEO_DATABASE_HINT: &str =
    "give a MaxMind database such as GeoLite2-City.mmdb with `--geo-database FILE` or `VEDETTE_GEO_DATABASE`";

/// What the special forms take that are no functions beside: they come here only with other numbers of arguments.
fn special_form_arguments(name: &str) -> Option<&'static str> {
    match name {
        "assert" | "column_ifexists" | "columnifexists" => Some("2 arguments"),
        "bin_auto" | "column_names_of" | "iscolumnexists" | "toscalar" => Some("1 argument"),
        "estimate_data_size" => Some("at least 1 argument"),
        "ingestion_time" => Some("no arguments"),
        _ => None,
    }
}

impl Binder<'_> {
    /// Binds a call that gives a scalar.
    pub(super) fn call(&mut self, name: &Ident, args: &[ast::Argument], span: Span, row: Row<'_>) -> Bind<Typed> {
        if let Some(Binding::Function(function, environment)) = row.environment.get(&name.name) {
            let (function, environment) = (function.clone(), environment.clone());
            self.used.insert(std::sync::Arc::as_ptr(&function).addr());
            return self.user_function(&function, environment, args, span, row);
        }
        if let Some(typed) = self.graph_call(name, args, span, row)? {
            return Ok(typed);
        }
        if let Some(typed) = self.aggregate_call(name, args, span, row)? {
            return Ok(typed);
        }
        if let Some(typed) = self.special_form(name, args, span, row)? {
            return Ok(typed);
        }
        let Some(function) = kql_functions::scalar(&name.name) else {
            if let Some(stored) = self.stored_function(&name.name, name.span)? {
                return self.stored_scalar(&stored, args, span, row);
            }
            if kql_functions::aggregate(&name.name).is_some() {
                let message = format!("aggregate `{}` stands outside of `summarize`", name.name);
                return Err(Diagnostic::error(codes::INVALID_USE, name.span, message).into());
            }
            if let Some(expected) = special_form_arguments(&name.name) {
                let message = format!("`{}` takes {expected}, not {}", name.name, args.len());
                return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
            }
            return Err(self.unknown_function(&name.name, name.span).into());
        };
        if function.reads_geo_database() && !self.is_check && !self.has_geo_database() {
            let message = format!("`{}` needs a database of places, and none was given", name.name);
            let problem = Diagnostic::error(codes::MISSING_RESOURCE, name.span, message);
            return Err(problem.with_hint(GEO_DATABASE_HINT).into());
        }
        if !function.results().is_empty() {
            let message = format!("`{}` gives several columns, so no other expression can hold it", name.name);
            let hint = "`extend (a, b) = f(x)` names them; `_dynamic` functions give one bag";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into());
        }
        let bound = self.arguments(args, row)?;
        let resolved = resolved(&bound, |infos| function.resolve(infos))
            .map_err(|error| argument_problem(&name.name, &error, args, span))?;
        self.note_reparsed(name, args, row);
        let exprs = self.cast_all(bound, &resolved)?;
        let result = resolved.result;
        Ok(Typed::new(KqlScalarUdf::new(function, resolved, self.options.now).call(exprs), result))
    }

    fn has_geo_database(&self) -> bool {
        self.session.as_deref().is_some_and(|session| GeoDatabaseOption::find(session).is_some())
    }

    fn user_function(
        &mut self,
        function: &ast::Function,
        environment: Environment,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Typed> {
        self.nested(span, |binder| {
            let environment = binder.parameters(function, environment, args, span, row)?;
            let (body, environment) = binder.body(function, environment)?;
            binder.scalar_alone(body, &environment)
        })
    }

    /// The environment of a function's body: its parameters bound to the arguments.
    pub(crate) fn parameters(
        &mut self,
        function: &ast::Function,
        outer: Environment,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Environment> {
        if args.len() > function.parameters.len() {
            let (most, found) = (function.parameters.len(), args.len());
            let message = format!("function takes at most {most} arguments, not {found}");
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        }
        let mut environment = outer.clone();
        let mut positional = args.iter().filter(|arg| arg.name.is_none());
        for parameter in &function.parameters {
            let named = args.iter().find(|arg| arg.name.as_ref().is_some_and(|n| n.name == parameter.name.name));
            let given = named.or_else(|| positional.next()).map(|arg| &arg.value);
            let binding = match (&parameter.ty, given, &parameter.default) {
                (ast::ParameterType::Scalar(ty), Some(value), _) => {
                    let typed = self.scalar(value, row)?;
                    Binding::Scalar(self.cast(typed, column_type(*ty))?)
                }
                (ast::ParameterType::Scalar(ty), None, Some(default)) => {
                    let typed = self.scalar_alone(default, &outer)?;
                    Binding::Scalar(self.cast(typed, column_type(*ty))?)
                }
                (ty, Some(value), _) => {
                    let relation = self.table(value, row.environment)?;
                    check_declared(&relation, ty, value.span)?;
                    Binding::Relation(std::sync::Arc::new(relation))
                }
                (_, None, _) => {
                    let message = format!("parameter `{}` has no value", parameter.name.name);
                    return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
                }
            };
            environment = environment.with(&parameter.name.name, binding);
        }
        Ok(environment)
    }

    /// Whether an expression gives a table. Columns hide tables of the same name.
    pub(crate) fn is_tabular(&self, expr: &ast::Expr, environment: &Environment, columns: &[ScopeColumn]) -> bool {
        match &expr.kind {
            ExprKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
                [ast::Operator { kind: OperatorKind::Source(inner), .. }] => {
                    self.is_tabular(inner, environment, columns)
                }
                _ => true,
            },
            ExprKind::List(items) if items.len() == 1 => self.is_tabular(&items[0], environment, columns),
            ExprKind::Name(name) => {
                find_column(columns, name).is_none()
                    && match environment.get(name) {
                        Some(binding) => self.is_tabular_binding(binding),
                        None => {
                            self.catalog.table(name).is_some()
                                || name == "_GetWatchlistAlias"
                                || self.is_tabular_stored(name)
                        }
                    }
            }
            ExprKind::Call { name, .. } => match environment.get(&name.name) {
                Some(binding) => self.is_tabular_binding(binding),
                None => TABULAR_FUNCTIONS.contains(&name.name.as_str()) || self.is_tabular_stored(&name.name),
            },
            ExprKind::Member { base, .. } => {
                matches!(&base.kind, ExprKind::Call { name, .. } if ["database", "cluster", "workspace", "app"].contains(&name.name.as_str()))
                    || matches!(&base.kind, ExprKind::Member { .. }) && self.is_tabular(base, environment, columns)
            }
            _ => false,
        }
    }

    fn is_tabular_binding(&self, binding: &Binding) -> bool {
        match binding {
            Binding::Scalar(_) => false,
            Binding::Relation(_) => true,
            Binding::Lazy(lazy) => self.is_tabular(&lazy.expr, &lazy.environment, &[]),
            Binding::Function(function, environment) => self.is_tabular_function(function, environment),
        }
    }

    /// Whether a stored function of that name gives a table. One that is being looked into calls itself: no.
    fn is_tabular_stored(&self, name: &str) -> bool {
        if self.looked_into.borrow().iter().any(|known| known == name) {
            return false;
        }
        let Some(Ok(stored)) = self.catalog.surroundings().function(name) else { return false };
        self.looked_into.borrow_mut().push(name.to_owned());
        let result = self.is_tabular_function(&stored.function, &Environment::default());
        self.looked_into.borrow_mut().pop();
        result
    }

    /// Whether a function's body gives a table: parameters and inner `let`s are looked at by their kind alone.
    fn is_tabular_function(&self, function: &ast::Function, environment: &Environment) -> bool {
        let mut environment = environment.clone();
        for parameter in &function.parameters {
            let binding = match &parameter.ty {
                ast::ParameterType::Scalar(ty) => {
                    Binding::Scalar(Typed::constant(kql_functions::Value::Null(column_type(*ty))))
                }
                _ => Binding::Relation(std::sync::Arc::new(Relation::new(
                    datafusion::logical_expr::LogicalPlan::default(),
                    Vec::new(),
                ))),
            };
            environment = environment.with(&parameter.name.name, binding);
        }
        let mut result = false;
        for statement in &function.body {
            match &statement.kind {
                ast::StatementKind::Let { name, value } => {
                    let binding = match value {
                        ast::LetValue::Function(inner) => {
                            Binding::Function(std::sync::Arc::new(inner.clone()), environment.clone())
                        }
                        ast::LetValue::Expr(expr) => crate::binder::lazy(expr, &environment),
                    };
                    environment = environment.with(&name.name, binding);
                }
                ast::StatementKind::Expression(expr) => result = self.is_tabular(expr, &environment, &[]),
                _ => {}
            }
        }
        result
    }
}

/// The columns that a tabular parameter declares: the argument must have all of them, and may have more.
pub(crate) fn check_declared(relation: &Relation, ty: &ast::ParameterType, span: Span) -> Bind<()> {
    let ast::ParameterType::Table(declared) = ty else { return Ok(()) };
    if relation.open_marker().is_some() {
        return Ok(());
    }
    for column in declared {
        let wanted = column_type(column.ty);
        if !relation.columns.iter().any(|found| found.name == column.name.name && found.ty == wanted) {
            let message = format!("table has no column `{}` of type {}", column.name.name, wanted.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
        }
    }
    Ok(())
}
