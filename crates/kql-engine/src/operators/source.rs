//! Where rows come from: stored tables, `let` names, calls that give a table.

use std::sync::Arc;

use datafusion::common::{Column, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast};
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind, Span};

use crate::binder::{Bind, Binder};
use crate::catalog::CatalogTable;
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment, Lazy};
use crate::expression::Row;
use crate::functions::ticks::stored_datetime;
use crate::ranged_table::RangedTable;
use crate::scope::{Relation, Repr, ScopeColumn};

/// Widest relation that `materialize` keeps in memory. Whole tables are wider: there, reading only the columns that each use
/// needs costs less than holding them all.
const MAX_MATERIALIZED_COLUMNS: usize = 40;

/// What is in the parentheses of `materialize(…)`.
fn materialized(expr: &ast::Expr) -> Option<&ast::Expr> {
    match &expr.kind {
        ExprKind::Call { name, args } if name.name == "materialize" && args.len() == 1 => Some(&args[0].value),
        _ => None,
    }
}

impl Binder<'_> {
    /// Binds a tabular expression that is no pipeline.
    pub(crate) fn source(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        match &expr.kind {
            ExprKind::Name(name) => self.named_source(name, expr.span, environment),
            ExprKind::Call { name, args } => self.called_source(name, args, expr, environment),
            // `database("x").T`, `cluster("c").database("d").T`: there is one database here.
            ExprKind::Member { name, .. } if self.is_tabular(expr, environment, &[]) => {
                self.stored_source(&name.name, name.span)
            }
            _ => {
                let message = "a scalar stands where a table is needed";
                Err(Diagnostic::error(codes::WRONG_KIND, expr.span, message).into())
            }
        }
    }

    fn named_source(&mut self, name: &str, span: Span, environment: &Environment) -> Bind<Relation> {
        let mut relation = match environment.get(name).cloned() {
            Some(Binding::Relation(relation)) if relation.graph.is_some() => Relation::clone(&relation),
            Some(Binding::Relation(relation)) => self.renamed(&relation)?,
            // The rows of a `let` have no table's name: `withsource` numbers them.
            Some(Binding::Lazy(lazy)) => {
                self.used.insert(Arc::as_ptr(&lazy).addr());
                let relation = match materialized(&lazy.expr) {
                    Some(inner) => self.run_once(&lazy, inner)?,
                    None => self.let_table(&lazy)?,
                };
                return Ok(Relation { source: None, ..relation });
            }
            Some(Binding::Function(function, outer)) => {
                self.called_function(&function, outer, &[], span, environment)?
            }
            Some(Binding::Scalar(_)) => {
                let message = format!("`{name}` is a scalar, not a table");
                return Err(Diagnostic::error(codes::WRONG_KIND, span, message).into());
            }
            None => match self.stored_function(name, span)? {
                Some(stored) => self.stored_table(&stored, None, &[], span, Row::new(&[], environment))?,
                None if name == "_GetWatchlistAlias" && self.catalog.table(name).is_none() => {
                    self.watchlist_aliases()?
                }
                None => return self.stored_source(name, span),
            },
        };
        relation.source = Some(name.to_owned());
        Ok(relation)
    }

    /// `let x = materialize(…)`: runs at its first use, later uses read the same rows.
    fn run_once(&mut self, lazy: &Arc<Lazy>, inner: &ast::Expr) -> Bind<Relation> {
        if let Some((_, known)) = self.materialized.get(&Arc::as_ptr(lazy)) {
            let known = Arc::clone(known);
            return self.renamed(&known);
        }
        let relation = self.table_or_graph(inner, &lazy.environment)?;
        if relation.graph.is_some() || relation.columns.len() > MAX_MATERIALIZED_COLUMNS {
            return Ok(relation);
        }
        let known = Arc::new(self.ask(relation)?.relation()?);
        self.materialized.insert(Arc::as_ptr(lazy), (Arc::clone(lazy), Arc::clone(&known)));
        self.renamed(&known)
    }

    fn called_function(
        &mut self,
        function: &ast::Function,
        outer: Environment,
        args: &[ast::Argument],
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        self.used.insert(std::ptr::from_ref(function).addr());
        self.nested(span, |binder| {
            let inner = binder.parameters(function, outer, args, span, Row::new(&[], environment))?;
            let (body, inner) = binder.body(function, inner)?;
            binder.table_or_graph(body, &inner)
        })
    }

    fn called_source(
        &mut self,
        name: &ast::Ident,
        args: &[ast::Argument],
        call: &ast::Expr,
        environment: &Environment,
    ) -> Bind<Relation> {
        if let Some(Binding::Function(function, outer)) = environment.get(&name.name).cloned() {
            return self.called_function(&function, outer, args, call.span, environment);
        }
        if let Some(stored) = self.stored_function(&name.name, name.span)? {
            return self.stored_table(&stored, None, args, call.span, Row::new(&[], environment));
        }
        match (name.name.as_str(), args) {
            ("materialize" | "view", [table]) => self.table_or_graph(&table.value, environment),
            ("graph", _) => Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, name.span, "graph").into()),
            ("table" | "materialized_view", [table, ..]) => {
                let name = self.scalar_alone(&table.value, environment)?;
                match name.as_text() {
                    Some(text) => {
                        let text = text.to_owned();
                        self.named_source(&text, table.value.span, environment)
                    }
                    None if self.is_sketch => self.open_table(),
                    None => {
                        let message = "name of the table is not a constant string";
                        Err(Diagnostic::error(codes::NOT_CONSTANT, table.value.span, message).into())
                    }
                }
            }
            ("_GetWatchlist", _) => self.watchlist(args, call.span, environment),
            ("_GetWatchlistAlias", []) => self.watchlist_aliases(),
            ("external_table" | "stored_query_result", _) => {
                Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, name.span, &name.name).into())
            }
            _ if kql_functions::scalar(&name.name).is_some() => {
                let message = format!("`{}` gives a scalar where a table is needed", name.name);
                Err(Diagnostic::error(codes::WRONG_KIND, name.span, message).into())
            }
            _ if self.takes_unknown_tables => self.open_table(),
            _ => {
                let known: Vec<String> = environment
                    .iter()
                    .map(|(name, _)| name.to_owned())
                    .chain(self.catalog.surroundings().function_names())
                    .collect();
                let known = known.iter().map(String::as_str);
                Err(codes::unknown(codes::UNKNOWN_FUNCTION, name.span, "function", &name.name, known).into())
            }
        }
    }

    fn stored_source(&mut self, name: &str, span: Span) -> Bind<Relation> {
        match self.catalog.table(name) {
            Some(table) => self.scan(&table),
            None if self.takes_unknown_tables => self.open_table(),
            None => {
                let known = self.catalog.table_names();
                let known = known.iter().map(String::as_str);
                Err(codes::unknown(codes::UNKNOWN_TABLE, span, "table", name, known).into())
            }
        }
    }

    /// Reads a stored table, within the query's time range.
    pub(crate) fn scan(&mut self, table: &CatalogTable) -> Bind<Relation> {
        self.stored_paths.extend(table.stored_paths.iter().cloned());
        let schema = table.provider.schema();
        let provider = match &table.time_column {
            Some(time) if schema.field_with_name(time).is_ok() => {
                Arc::new(RangedTable::new(Arc::clone(&table.provider), time, self.options.time_range))
            }
            _ => Arc::clone(&table.provider),
        };
        let qualifier = TableReference::bare(table.name.clone());
        let plan = LogicalPlanBuilder::scan(qualifier.clone(), provider_as_source(provider), None)?;
        let mut exprs = Vec::new();
        let mut columns: Vec<ScopeColumn> = Vec::new();
        for column in &table.columns {
            let stored = column.alias_of.as_ref().unwrap_or(&column.name);
            let Ok(field) = schema.field_with_name(stored) else { continue };
            let (repr, wanted) = match column.ty {
                Type::DateTime => (Repr::Us, stored_datetime()),
                ty => (Repr::Engine, ty.arrow()),
            };
            let plan_name = self.unique(&column.name);
            let mut expr = Expr::Column(Column::new(Some(qualifier.clone()), stored));
            if *field.data_type() != wanted {
                expr = cast(expr, wanted);
            }
            let nullable = column.ty != Type::String && field.is_nullable();
            if column.ty == Type::String && field.is_nullable() {
                expr = crate::typed::or_empty(expr);
            }
            exprs.push(expr.alias(plan_name.clone()));
            columns.push(ScopeColumn {
                name: column.name.clone(),
                plan_name,
                ty: column.ty,
                repr,
                nullable,
                hidden: column.hidden,
            });
        }
        let plan = crate::plan::projected(plan.build()?, exprs)?;
        Ok(Relation { source: Some(table.name.clone()), ..Relation::new(plan, columns) })
    }
}
