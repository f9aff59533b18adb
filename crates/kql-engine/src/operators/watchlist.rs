//! `_GetWatchlist` and `_GetWatchlistAlias`: tables that the operator keeps beside the logs.

use datafusion::logical_expr::lit;
use kql_functions::{Type, Value, dynamic};
use kql_syntax::{self as ast, Diagnostic, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;
use crate::typed::scalar_of;

/// The columns of every watchlist, before its own.
const FIXED_COLUMNS: [(&str, Type); 3] =
    [("_DTItemId", Type::String), ("LastUpdatedTimeUTC", Type::DateTime), ("SearchKey", Type::String)];

impl Binder<'_> {
    /// The items of a watchlist; with a second argument, those whose `SearchKey` is in it.
    ///
    /// A watchlist that does not exist has no items and the fixed columns only: published rules rely on that.
    pub(super) fn watchlist(
        &mut self,
        args: &[ast::Argument],
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let (Some(alias), 1..=2) = (args.first(), args.len()) else {
            let message = format!("`_GetWatchlist` takes 1 or 2 arguments, not {}", args.len());
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        };
        let Some(Value::String(name)) = self.scalar_alone(&alias.value, environment)?.constant else {
            let message = "alias of the watchlist is not a constant string";
            return Err(Diagnostic::error(codes::NOT_CONSTANT, alias.value.span, message).into());
        };
        let relation = match self.catalog.surroundings().watchlist(&name) {
            Some(Ok(table)) => self.scan(&table)?,
            Some(Err(problem)) => {
                let message = format!("watchlist `{name}` cannot be read: {problem}");
                return Err(Diagnostic::error(codes::BAD_DEFINITION, alias.value.span, message).into());
            }
            None => self.absent_watchlist(&name, alias.value.span)?,
        };
        match args.get(1) {
            Some(keys) => self.items_of_keys(relation, &keys.value, environment),
            None => Ok(relation),
        }
    }

    fn absent_watchlist(&mut self, name: &str, span: Span) -> Bind<Relation> {
        let known = self.catalog.surroundings().watchlist_aliases();
        let known = known.iter().map(String::as_str);
        let warning = codes::unknown(codes::UNKNOWN_WATCHLIST, span, "watchlist", name, known);
        self.warnings.push(Diagnostic { severity: ast::Severity::Warning, ..warning });
        let columns = FIXED_COLUMNS.map(|(name, ty)| (name.to_owned(), ty));
        self.table_of(&columns, Vec::new())
    }

    /// No keys mean all items.
    fn items_of_keys(&mut self, relation: Relation, keys: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let Some(Value::Dynamic(list)) = self.scalar_alone(keys, environment)?.constant else {
            if self.is_check {
                return Ok(relation);
            }
            let message = "keys of the watchlist are not a constant array";
            return Err(Diagnostic::error(codes::NOT_CONSTANT, keys.span, message).into());
        };
        let wanted: Vec<_> = dynamic::elements(&list)
            .map(|key| lit(scalar_of(&Value::String(dynamic::text_of(key).into_owned()))))
            .collect();
        match relation.column("SearchKey") {
            Some(column) if !wanted.is_empty() => {
                let condition = column.expr().in_list(wanted, false);
                let plan = crate::plan::filtered(relation.plan, condition)?;
                Ok(Relation { plan, ..relation })
            }
            _ => Ok(relation),
        }
    }

    /// The aliases of all watchlists.
    pub(super) fn watchlist_aliases(&mut self) -> Bind<Relation> {
        let aliases = self.catalog.surroundings().watchlist_aliases().into_iter().map(Value::String).collect();
        self.constant_table(vec![("WatchlistAlias".to_owned(), Type::String)], &[aliases])
    }
}
