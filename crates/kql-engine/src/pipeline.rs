//! Pipelines: the first stage, and the operators after it one by one.

use std::sync::Arc;

use kql_syntax::{self as ast, Diagnostic, ExprKind, OperatorKind, Span};

use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::operators::{Finding, Searching};
use crate::scope::Relation;

/// Most operators in a row: plans are walked recursively.
const MAX_STAGES: usize = 1_000;

impl Binder<'_> {
    /// Binds a tabular expression.
    pub fn table(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let relation = self.table_or_graph(expr, environment)?;
        if relation.graph.is_some() {
            let message = "a graph stands where a table is needed";
            let hint = "`graph-match` and `graph-to-table` make a table of a graph";
            return Err(Diagnostic::error(codes::WRONG_KIND, expr.span, message).with_hint(hint).into());
        }
        Ok(relation)
    }

    /// Binds an expression that gives a table or a graph.
    pub fn table_or_graph(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        self.tables += 1;
        self.nested(expr.span, |binder| match &expr.kind {
            ExprKind::Pipeline(pipeline) => binder.pipeline(pipeline, environment),
            ExprKind::List(items) if items.len() == 1 => binder.table_or_graph(&items[0], environment),
            _ => binder.source(expr, environment),
        })
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, environment: &Environment) -> Bind<Relation> {
        let Some((first, stages)) = pipeline.stages.split_first() else {
            return Err(Diagnostic::error(codes::WRONG_KIND, Span::default(), "pipeline is empty").into());
        };
        let relation = self.head(first, environment)?;
        self.staged(relation, stages, environment)
    }

    /// Applies operators one after the other.
    pub(crate) fn staged(
        &mut self,
        mut relation: Relation,
        stages: &[ast::Operator],
        environment: &Environment,
    ) -> Bind<Relation> {
        if let Some(stage) = stages.get(MAX_STAGES) {
            let message = format!("pipeline has more than {MAX_STAGES} operators");
            return Err(Diagnostic::error(codes::TOO_DEEP, stage.span, message).into());
        }
        let mut environment = environment.clone();
        let mut problems: Vec<Diagnostic> = Vec::new();
        for (at, stage) in stages.iter().enumerate() {
            if let OperatorKind::As { parameters, name } = &stage.kind {
                if is_materialized(parameters) {
                    let serialized = relation.serialized;
                    self.is_ordered |= serialized;
                    relation = Relation { serialized, ..self.ask(relation)?.relation()? };
                }
                relation.source = Some(name.name.clone());
                environment = environment.with(&name.name, Binding::Relation(Arc::new(relation.clone())));
                continue;
            }
            relation = self.filtered_before_join(relation, stage, &stages[at + 1..], &environment)?;
            let input = keeps_columns(&stage.kind).then(|| relation.clone());
            match (self.operator(stage, relation, &environment), input) {
                (Ok(output), _) => relation = output,
                // The stages after one that is wrong are looked at as if it were not there.
                (Err(Stop::Invalid(found)), Some(input)) => {
                    problems.extend(found);
                    relation = input;
                }
                (Err(Stop::Invalid(found)), None) => {
                    // What only follows from earlier problems is not worth a message.
                    let is_new = |problem: &Diagnostic| problem.code != codes::PLAN;
                    let no_other = problems.is_empty();
                    problems.extend(found.into_iter().filter(|problem| no_other || is_new(problem)));
                    return Err(Stop::Invalid(problems));
                }
                (Err(stop), _) => return Err(stop),
            }
        }
        if problems.is_empty() { Ok(relation) } else { Err(Stop::Invalid(problems)) }
    }

    /// The first stage of a pipeline: what needs no input.
    fn head(&mut self, stage: &ast::Operator, environment: &Environment) -> Bind<Relation> {
        match &stage.kind {
            OperatorKind::Source(expr) => self.table_or_graph(expr, environment),
            OperatorKind::Print(items) => self.print(items, environment),
            OperatorKind::Datatable { columns, values } => self.datatable(columns, values, stage.span, environment),
            OperatorKind::Range { name, from, to, step } => self.range(name, from, to, step, environment),
            OperatorKind::ExternalData { columns, uris, parameters } => {
                self.externaldata(columns, uris, parameters, stage.span, environment)
            }
            OperatorKind::Union { parameters, inputs } => self.union(None, parameters, inputs, environment),
            OperatorKind::Search { parameters, tables, predicate } => {
                let searching = Searching { parameters, tables, predicate, span: stage.span };
                self.search(None, &searching, environment)
            }
            OperatorKind::Find { parameters, tables, predicate, project } => {
                self.find(&Finding { parameters, tables, predicate, project }, environment)
            }
            OperatorKind::Evaluate { .. } => {
                let nothing = self.table_of(&[], Vec::new())?;
                self.operator(stage, nothing, environment)
            }
            _ => self.unsupported_operator(&stage.kind, stage.span),
        }
    }
}

/// Whether an operator gives the columns of its input, whatever is wrong with its arguments.
fn keeps_columns(kind: &OperatorKind) -> bool {
    matches!(kind, OperatorKind::Where(_) | OperatorKind::Sort(_) | OperatorKind::Top { .. } | OperatorKind::Take(_))
}

/// `hint.materialized=true`: what `as` names runs once.
fn is_materialized(parameters: &[ast::OperatorParameter]) -> bool {
    let is_true = |value: &ast::Expr| matches!(value.kind, ExprKind::Literal(ast::Literal::Bool(Some(true))));
    parameters.iter().any(|parameter| parameter.name.name == "hint.materialized" && is_true(&parameter.value))
}
