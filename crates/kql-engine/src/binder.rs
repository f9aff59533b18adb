//! From the tree to a plan: names, types and nulls are settled here, so that the plan needs no KQL any more.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr};
use kql_functions::Type;
use kql_functions::dynamic::Step;
use kql_syntax::{self as ast, Diagnostic, Span, StatementKind};

use crate::aggregation::Aggregation;
use crate::answer::{Answer, Question};
use crate::catalog::Catalog;
use crate::computed::Watch;
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment, Lazy};
use crate::expression::column_type;
use crate::external::ExternalQuestion;
use crate::let_tables::LetTable;
use crate::options::QueryOptions;
use crate::prune::pruned;
use crate::repeated::{Parted, parted};
use crate::result_form::{Chosen, ResultForm};
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::Typed;

/// Why binding stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The query is wrong.
    Invalid(Vec<Diagnostic>),
    /// Part of the query has to run first (`toscalar`, `in (table)`, `bag_unpack`).
    Pending(Box<Question>),
    /// External files have to be read first.
    External(Box<ExternalQuestion>),
    /// A computation took longer than the query may, or was cancelled.
    OutOfTime,
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Stop::Invalid(vec![diagnostic])
    }
}

impl From<DataFusionError> for Stop {
    fn from(error: DataFusionError) -> Self {
        let message = format!("query could not be planned: {}", error.find_root().strip_backtrace());
        Diagnostic::error(codes::PLAN, Span::default(), message).into()
    }
}

/// The outcome of binding a part of the query.
pub(crate) type Bind<T> = Result<T, Stop>;

/// Deepest nesting of calls, parentheses and sub-queries.
const MAX_DEPTH: usize = 100;
/// Most expressions that one query binds, those of functions counted at each call: functions that call others twice
/// double with each level. The longest public query has a twentieth of it.
const MAX_BOUND: usize = 200_000;
/// Most tabular expressions that one query binds, counted alike.
const MAX_TABLES: usize = 5_000;
/// Most columns of a result that are a projection of the plan; beyond, they are a [`ResultForm`].
const MAX_PROJECTED: usize = 200;

/// The state of binding one query.
pub(crate) struct Binder<'a> {
    pub catalog: &'a dyn Catalog,
    pub options: &'a QueryOptions,
    /// Answers to the questions that binding asked so far, in the order asked; binding is deterministic.
    answers: &'a [Answer],
    asked: usize,
    /// Only names and types matter: questions are answered with nothing.
    pub is_check: bool,
    /// The order of rows matters inside the plan, so it must run in one partition.
    pub is_ordered: bool,
    /// The plan holds the value of `now()`.
    pub used_now: bool,
    /// `now()` is a parameter of the plan, not a literal.
    pub now_is_parameter: bool,
    /// The time range of the tables is not known yet.
    pub time_is_open: bool,
    /// What each `let x = materialize(…)` gave. The binding is kept with it, so that its address stays its own.
    pub materialized: HashMap<*const Lazy, (Arc<Lazy>, Arc<Relation>)>,
    /// The tables of other `let` statements, as their first use was bound.
    pub let_tables: HashMap<*const Lazy, LetTable>,
    /// How the result asks to be shown.
    pub visualization: Option<serde_json::Value>,
    /// The `summarize` that is being bound.
    pub aggregation: Option<Aggregation>,
    /// Window functions that the operator being bound uses.
    pub windows: Vec<Expr>,
    /// Stored functions whose bodies are being bound, outermost first.
    pub calling: Vec<String>,
    /// Stored functions whose kind is being found out.
    pub looked_into: RefCell<Vec<String>>,
    /// Tables that do not exist have unknown columns: in legs of `union isfuzzy=true` that are only checked.
    pub takes_unknown_tables: bool,
    /// What is not wrong but likely not meant.
    pub warnings: Vec<Diagnostic>,
    /// Tables of the result beside the first, with their names.
    pub more_tables: Vec<(String, Relation)>,
    /// The plan of the result with the parts that it repeats taken out, where it repeats any.
    pub parted: Option<Parted>,
    /// When computations of this crate have to stop.
    pub watch: Watch<'a>,
    /// The options of the session that will run the plan; functions read their resources from them.
    pub session: Option<Arc<ConfigOptions>>,
    /// What is bound has parameters without values: see `problems_of_unused`.
    pub is_sketch: bool,
    /// What the statements of the query bind.
    pub written: Vec<Binding>,
    /// Addresses of the bindings that were used; `written` keeps them alive.
    pub used: HashSet<usize>,
    /// Columns that were not known, with the plan name of the marker of their relation.
    pub inferred: Vec<(String, String)>,
    /// How often operators were bound again because of `inferred`.
    pub rebinds: usize,
    /// Paths into documents that tables of the query read without them.
    pub stored_paths: HashSet<Vec<Step>>,
    next_id: usize,
    depth: usize,
    /// How many expressions were bound.
    bound: usize,
    /// How many of them were tables.
    pub tables: usize,
}

impl<'a> Binder<'a> {
    pub fn new(catalog: &'a dyn Catalog, options: &'a QueryOptions, answers: &'a [Answer], is_check: bool) -> Self {
        Self {
            catalog,
            options,
            answers,
            asked: 0,
            is_check,
            is_ordered: false,
            used_now: false,
            now_is_parameter: false,
            time_is_open: false,
            materialized: HashMap::new(),
            let_tables: HashMap::new(),
            visualization: None,
            aggregation: None,
            windows: Vec::new(),
            more_tables: Vec::new(),
            parted: None,
            calling: Vec::new(),
            looked_into: RefCell::default(),
            takes_unknown_tables: false,
            warnings: Vec::new(),
            watch: Watch::new(None, &options.cancel),
            session: None,
            is_sketch: false,
            written: Vec::new(),
            used: HashSet::new(),
            inferred: Vec::new(),
            rebinds: 0,
            stored_paths: HashSet::new(),
            next_id: 0,
            depth: 0,
            bound: 0,
            tables: 0,
        }
    }

    /// A name that no other column of the plan has.
    pub fn unique(&mut self, name: &str) -> String {
        self.next_id += 1;
        format!("{name}#{}", self.next_id)
    }

    /// A column that is computed, in the engine's form.
    pub fn new_column(&mut self, name: &str, ty: Type) -> ScopeColumn {
        let nullable = ty != Type::String;
        ScopeColumn {
            name: name.to_owned(),
            plan_name: self.unique(name),
            ty,
            repr: Repr::Engine,
            nullable,
            hidden: false,
        }
    }

    /// Runs `inner` one level deeper.
    pub fn nested<T>(&mut self, span: Span, inner: impl FnOnce(&mut Self) -> Bind<T>) -> Bind<T> {
        self.bound += 1;
        if self.depth >= MAX_DEPTH {
            let message = format!("expression is nested more than {MAX_DEPTH} levels deep");
            return Err(Diagnostic::error(codes::TOO_DEEP, span, message).into());
        }
        if self.bound > MAX_BOUND || self.tables > MAX_TABLES {
            let message = "query is too large once its functions are called";
            return Err(Diagnostic::error(codes::TOO_DEEP, span, message).into());
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// The rows of a relation that has to run before the rest can be bound.
    pub fn ask(&mut self, relation: Relation) -> Bind<Answer> {
        let is_open = self.is_check && relation.is_open();
        let mut relation = self.in_engine_form(relation)?;
        if is_open {
            relation.columns.extend(self.open_columns());
        }
        if self.is_check {
            return Ok(Answer::empty(relation.columns));
        }
        let index = self.asked;
        self.asked += 1;
        match self.answers.get(index) {
            Some(answer) => Ok(Answer { columns: relation.columns, ..answer.clone() }),
            None => {
                let parted = parted(&relation.plan)?;
                relation.plan = pruned(relation.plan)?;
                Err(Stop::Pending(Box::new(Question { relation, parted, is_ordered: self.is_ordered })))
            }
        }
    }

    /// The rows of external files.
    pub fn ask_external(&mut self, question: ExternalQuestion) -> Bind<Answer> {
        if self.is_check {
            return Ok(Answer::empty(question.scope));
        }
        let index = self.asked;
        self.asked += 1;
        match self.answers.get(index) {
            Some(answer) => Ok(Answer { columns: question.scope, ..answer.clone() }),
            None => Err(Stop::External(Box::new(question))),
        }
    }

    /// Binds a whole query.
    pub fn query(&mut self, query: &ast::Query) -> Bind<Relation> {
        let (_, environment) = self.statements(&query.statements, Environment::default())?;
        self.written = environment.iter().map(|(_, binding)| binding.clone()).collect();
        self.written.reverse();
        let bound = self.result(query, &environment);
        let mut problems = match bound {
            Err(Stop::Invalid(ref problems)) => problems.clone(),
            Err(stop) => return Err(stop),
            Ok(_) => Vec::new(),
        };
        for problem in self.problems_of_unused() {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if problems.is_empty() { bound } else { Err(Stop::Invalid(problems)) }
    }

    fn result(&mut self, query: &ast::Query, environment: &Environment) -> Bind<Relation> {
        let mut relation = self.result_tables(query, environment)?;
        if !self.is_check {
            self.parted = parted(&relation.plan)?;
        }
        relation.plan = pruned(relation.plan)?;
        for (_, table) in &mut self.more_tables {
            table.plan = pruned(std::mem::take(&mut table.plan))?;
        }
        Ok(relation)
    }

    /// Takes in `let` and `declare`; gives the last expression and the names it may use.
    fn statements<'q>(
        &mut self,
        statements: &'q [ast::Statement],
        mut environment: Environment,
    ) -> Bind<(Option<&'q ast::Expr>, Environment)> {
        let mut result = None;
        for statement in statements {
            if let Some(environment_after) = self.exported_tables(statement, &environment)? {
                environment = environment_after;
                result = None;
                continue;
            }
            match &statement.kind {
                StatementKind::Let { name, value } => {
                    let binding = match value {
                        ast::LetValue::Function(function) => {
                            Binding::Function(Arc::new(function.clone()), environment.clone())
                        }
                        ast::LetValue::Expr(expr) => lazy(expr, &environment),
                    };
                    environment = environment.with(&name.name, binding);
                }
                StatementKind::Set { name, value } => {
                    if let Some(value) = value {
                        environment = environment.with(&option_name(&name.name), lazy(value, &environment));
                    }
                }
                StatementKind::DeclareParameters(parameters) => {
                    environment = self.declare(parameters, environment)?;
                }
                StatementKind::Unsupported { name } => {
                    return Err(codes::unsupported(codes::UNSUPPORTED_STATEMENT, statement.span, name).into());
                }
                StatementKind::Expression(expr) => result = Some(expr),
            }
        }
        Ok((result, environment))
    }

    fn declare(&mut self, parameters: &[ast::Parameter], mut environment: Environment) -> Bind<Environment> {
        for parameter in parameters {
            let name = &parameter.name;
            let ast::ParameterType::Scalar(ty) = &parameter.ty else {
                let message = format!("query parameter `{}` is not a scalar", name.name);
                return Err(Diagnostic::error(codes::WRONG_KIND, name.span, message).into());
            };
            let value = match (self.options.parameters.get(&name.name), &parameter.default) {
                (Some(value), _) => Typed::constant(value.clone()),
                (None, Some(default)) => self.scalar_alone(default, &environment)?,
                (None, None) => {
                    let message = format!("query parameter `{}` has no value", name.name);
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, name.span, message).into());
                }
            };
            let value = self.cast(value, column_type(*ty))?;
            environment = environment.with(&name.name, Binding::Scalar(value));
        }
        Ok(environment)
    }

    /// Calls a user-defined function whose parameters are already in `environment`.
    pub fn body<'q>(
        &mut self,
        function: &'q ast::Function,
        environment: Environment,
    ) -> Bind<(&'q ast::Expr, Environment)> {
        match self.statements(&function.body, environment)? {
            (Some(expr), environment) => Ok((expr, environment)),
            (None, _) => {
                let message = "function has no result".to_owned();
                Err(Diagnostic::error(codes::WRONG_KIND, function.span, message).into())
            }
        }
    }

    /// Gives all datetimes as ticks and strings without nulls, and drops what is hidden: the form of results.
    pub fn in_engine_form(&mut self, relation: Relation) -> Bind<Relation> {
        if relation.columns.len() > MAX_PROJECTED {
            return self.in_result_form(relation);
        }
        let mut columns = Vec::new();
        let mut exprs = Vec::new();
        for column in relation.visible() {
            let value = self.engine_form(Typed::column(column));
            let plan_name = self.unique(&column.name);
            exprs.push(value.expr.alias(plan_name.clone()));
            columns.push(ScopeColumn { plan_name, repr: value.repr, nullable: value.nullable, ..column.clone() });
        }
        let plan = match relation.order.is_empty() {
            true => crate::plan::projected(relation.plan, exprs)?,
            false => sorted_last(relation.plan, exprs, relation.order, &columns)?,
        };
        Ok(Relation { serialized: relation.serialized, ..Relation::new(plan, columns) })
    }

    /// The same for many columns. A sort stands above what is computed, for the reason that [`sorted_last`] gives.
    fn in_result_form(&mut self, relation: Relation) -> Bind<Relation> {
        let mut columns = Vec::with_capacity(relation.columns.len());
        let mut chosen = Vec::with_capacity(relation.columns.len());
        for column in relation.visible() {
            let plan_name = self.unique(&column.name);
            let is_stored = column.repr == Repr::Us;
            let repr = if is_stored { Repr::Engine } else { column.repr };
            chosen.push(Chosen { from: column.plan_name.clone(), name: plan_name.clone(), is_stored });
            columns.push(ScopeColumn { plan_name, repr, ..column.clone() });
        }
        let keys: HashSet<String> =
            relation.order.iter().flat_map(|key| key.expr.column_refs()).map(|column| column.name.clone()).collect();
        let as_it_is = |name: String| Chosen { from: name.clone(), name, is_stored: false };
        chosen.extend(keys.into_iter().map(as_it_is));
        let mut plan = ResultForm::plan(relation.plan, chosen)?;
        if !relation.order.is_empty() {
            plan = LogicalPlanBuilder::from(plan).sort(relation.order)?.build()?;
            let chosen = columns.iter().map(|column| as_it_is(column.plan_name.clone())).collect();
            plan = ResultForm::of_sorted(plan, chosen)?;
        }
        Ok(Relation { serialized: relation.serialized, ..Relation::new(plan, columns) })
    }

    /// A relation of new columns with these names, types and values; `keep` rows of `input`, in order.
    pub fn project(&mut self, input: Relation, columns: Vec<(String, Typed, bool)>) -> Bind<Relation> {
        let mut exprs = Vec::with_capacity(columns.len());
        let mut scope = Vec::with_capacity(columns.len());
        for (name, value, hidden) in columns {
            let (plan_name, expr) = match &value.expr {
                Expr::Column(column) => (column.name.clone(), value.expr.clone()),
                _ => {
                    let plan_name = self.unique(&name);
                    (plan_name.clone(), value.expr.clone().alias(plan_name))
                }
            };
            // The same column twice, under two KQL names, is one column of the plan.
            if !scope.iter().any(|other: &ScopeColumn| other.plan_name == plan_name) {
                exprs.push(expr);
            }
            scope.push(ScopeColumn {
                name,
                plan_name,
                ty: value.ty,
                repr: value.repr,
                nullable: value.nullable,
                hidden,
            });
        }
        // Columns that only the order needs travel along.
        for key in &input.order {
            for column in key.expr.column_refs() {
                if !scope.iter().any(|other| other.plan_name == column.name)
                    && !exprs.iter().any(|expr| matches!(expr, Expr::Column(c) if c == column))
                {
                    exprs.push(Expr::Column(column.clone()));
                }
            }
        }
        let plan = crate::plan::projected(input.plan, exprs)?;
        Ok(Relation { plan, columns: scope, ..input_rest(input.order, input.serialized) })
    }

    /// The same rows under new plan names, so that they can stand beside themselves in a join.
    pub fn renamed(&mut self, relation: &Relation) -> Bind<Relation> {
        let mut exprs = Vec::new();
        let mut columns = Vec::new();
        for column in &relation.columns {
            let plan_name = self.unique(&column.name);
            exprs.push(column.expr().alias(plan_name.clone()));
            columns.push(ScopeColumn { plan_name, ..column.clone() });
        }
        let plan = crate::plan::projected(relation.plan.clone(), exprs)?;
        Ok(Relation { source: relation.source.clone(), ..Relation::new(plan, columns) })
    }

    /// A constant of type long, int or real that is not negative, such as the number of `take`.
    pub fn row_count(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<usize> {
        let value = self.scalar_alone(expr, environment)?;
        let value = self.cast(value, Type::Long)?;
        match value.constant {
            Some(kql_functions::Value::Long(n)) => Ok(usize::try_from(n).unwrap_or(0)),
            _ => {
                let message = "number of rows is not a constant number";
                Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into())
            }
        }
    }
}

/// Computes these columns, then sorts.
///
/// Operators after a sort may run in several partitions, computing columns included: only a sort above all of them fixes the
/// order. What stands above it is a choice of columns, which DataFusion never spreads over partitions.
fn sorted_last(
    input: LogicalPlan,
    mut exprs: Vec<Expr>,
    order: Vec<SortExpr>,
    columns: &[ScopeColumn],
) -> Bind<LogicalPlan> {
    for column in order.iter().flat_map(|key| key.expr.column_refs()) {
        let key = Expr::Column(column.clone());
        if !exprs.contains(&key) {
            exprs.push(key);
        }
    }
    let plan = crate::plan::projected(input, exprs)?;
    let plan = LogicalPlanBuilder::from(plan).sort(order)?.build()?;
    Ok(crate::plan::projected(plan, columns.iter().map(ScopeColumn::expr).collect())?)
}

fn input_rest(order: Vec<SortExpr>, serialized: bool) -> Relation {
    let plan = LogicalPlan::default();
    Relation { order, serialized, ..Relation::new(plan, Vec::new()) }
}

/// A binding that is looked into only where it is used.
pub(crate) fn lazy(expr: &ast::Expr, environment: &Environment) -> Binding {
    Binding::Lazy(Arc::new(Lazy {
        expr: expr.clone(),
        environment: environment.clone(),
        scalar: std::sync::OnceLock::new(),
    }))
}

/// The name under which the environment keeps what `set` says: none that a query can write.
pub(crate) fn option_name(option: &str) -> String {
    format!("set {option}")
}
