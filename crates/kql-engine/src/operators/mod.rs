//! Tabular operators: one file each.

mod assert_schema;
mod count;
mod datatable;
mod distinct;
mod extend;
mod externaldata;
mod filter;
mod find;
mod getschema;
mod graph;
mod graph_match;
mod graph_to_table;
mod invoke;
mod join;
mod join_filter;
mod make_graph;
mod make_series;
mod member_join;
mod mv_apply;
mod mv_expand;
mod parse;
mod parse_kv;
mod partition;
mod plugins;
mod print;
mod project;
mod project_away;
mod project_by_names;
mod project_rename;
mod project_reorder;
mod range;
mod reduce;
mod render;
mod scan;
mod scan_state;
mod search;
mod serialize;
mod series_at_once;
mod several_tables;
mod sort;
mod source;
mod summarize;
mod take;
mod top_hitters;
mod top_nested;
mod union;
mod watchlist;

pub(crate) use find::Finding;
pub(crate) use mv_apply::outer_row_of;
pub use plugins::plugin_names;
pub(crate) use search::Searching;

use kql_syntax::{Operator, OperatorKind, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    /// Applies one operator to an input whose columns are all known.
    pub(crate) fn known_operator(
        &mut self,
        stage: &Operator,
        input: Relation,
        environment: &Environment,
    ) -> Bind<Relation> {
        let span = stage.span;
        if mv_apply::outer_row(&input).is_some()
            && let Some(what) = mv_apply::refused_inside(&stage.kind)
        {
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, what).into());
        }
        if let Some(graph) = &input.graph {
            return self.after_graph(&graph.clone(), stage, environment);
        }
        match &stage.kind {
            OperatorKind::Where(predicate) => self.filter(input, predicate, environment),
            OperatorKind::Extend(items) => self.extend(input, items, environment),
            OperatorKind::Project(items) => self.project_columns(input, items, environment),
            OperatorKind::ProjectAway(patterns) => self.project_away(input, patterns),
            OperatorKind::ProjectKeep(patterns) => self.project_keep(input, patterns),
            OperatorKind::ProjectRename(items) => self.project_rename(input, items),
            OperatorKind::ProjectReorder(items) => self.project_reorder(input, items),
            OperatorKind::Summarize { aggregates, by, .. } => self.summarize(input, aggregates, by, environment),
            OperatorKind::Sort(keys) => self.sort(input, keys, None, environment),
            OperatorKind::Top { count, by } => {
                let rows = self.row_count(count, environment)?;
                self.sort(input, by, Some(rows), environment)
            }
            OperatorKind::Take(count) => self.take(input, count, environment),
            OperatorKind::Sample(count) => self.sample(input, count, environment),
            OperatorKind::Distinct(items) => self.distinct(input, items, environment),
            OperatorKind::SampleDistinct { count, of } => self.sample_distinct(input, count, of, environment),
            OperatorKind::Count { name } => self.count(input, name.as_ref()),
            OperatorKind::Join { parameters, right, on, filter } => {
                if filter.is_some() {
                    return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, "join where").into());
                }
                self.join(input, join::JoinParts { parameters, right, on, span }, environment)
            }
            OperatorKind::Lookup { parameters, right, on } => {
                self.lookup(input, join::JoinParts { parameters, right, on, span }, environment)
            }
            OperatorKind::Union { parameters, inputs } => self.union(Some(input), parameters, inputs, environment),
            OperatorKind::MvExpand { parameters, items, limit, is_legacy } => {
                let limit = limit.as_ref();
                self.mv_expand(
                    input,
                    &mv_expand::Expanding { parameters, items, limit, is_legacy: *is_legacy },
                    environment,
                )
            }
            OperatorKind::MvApply { parameters, items, limit, body } => {
                let applied = mv_apply::Applied { parameters, items, limit: limit.as_ref(), body };
                self.mv_apply(input, &applied, environment)
            }
            OperatorKind::Parse { is_where, kind, flags, expr, pattern } => {
                let rule = parse::Rule { is_where: *is_where, kind: *kind, flags: flags.as_deref() };
                self.parse(input, &rule, expr, pattern, environment)
            }
            OperatorKind::Evaluate { call, schema, .. } => self.evaluate(input, call, schema.as_ref(), environment),
            OperatorKind::Invoke(call) => self.invoke(input, call, environment),
            OperatorKind::Render { visualization, parameters } => {
                self.render(input, visualization, parameters, environment)
            }
            OperatorKind::Serialize(items) => self.serialize(input, items, environment),
            _ => self.analysis(stage, input, environment),
        }
    }

    /// Applies an operator that works on whole tables: series, graphs, patterns, hierarchies.
    fn analysis(&mut self, stage: &Operator, input: Relation, environment: &Environment) -> Bind<Relation> {
        let span = stage.span;
        match &stage.kind {
            OperatorKind::MakeSeries { parameters, aggregates, on, from, to, step, in_range, by } => {
                let bounds = make_series::Written { from: from.as_ref(), to: to.as_ref(), step: step.as_ref() };
                let written = make_series::MakeSeries {
                    parameters,
                    aggregates,
                    axis: on,
                    bounds,
                    is_inclusive: *in_range,
                    by,
                    span,
                };
                self.make_series(input, &written, environment)
            }
            OperatorKind::MakeGraph(parts) => self.make_graph(input, parts, span, environment),
            OperatorKind::GraphMatch(_)
            | OperatorKind::GraphShortestPaths(_)
            | OperatorKind::GraphToTable(_)
            | OperatorKind::GraphMarkComponents(_)
            | OperatorKind::GraphWhereNodes(_)
            | OperatorKind::GraphWhereEdges(_) => Err(graph::needs_graph(span)),
            OperatorKind::Scan(scan) => self.scan_steps(input, scan, span, environment),
            OperatorKind::GetSchema => self.getschema(input),
            OperatorKind::Consume => self.consume(input),
            OperatorKind::AssertSchema(columns) => self.assert_schema(input, columns),
            OperatorKind::Reduce { parameters, by, properties } => {
                self.reduce(input, parameters, by, properties, environment)
            }
            OperatorKind::Fork(_) | OperatorKind::Facet { .. } => {
                let message = "operator gives several tables, so it must be the last one of a statement";
                Err(kql_syntax::Diagnostic::error(codes::INVALID_USE, span, message).into())
            }
            OperatorKind::ProjectByNames(items) => self.project_by_names(input, items, environment),
            OperatorKind::ParseKv { expr, columns, parameters } => {
                self.parse_kv(input, expr, columns, parameters, environment)
            }
            OperatorKind::Search { parameters, tables, predicate } => {
                self.search(Some(input), &Searching { parameters, tables, predicate, span }, environment)
            }
            OperatorKind::TopNested(levels) => self.top_nested(input, levels, environment),
            OperatorKind::TopHitters { count, of, by } => self.top_hitters(input, count, of, by.as_ref(), environment),
            OperatorKind::Partition { parameters, by, body, has_source } => {
                let partitioning = partition::Partitioning { parameters, by, body, has_source: *has_source, span };
                self.partition(input, &partitioning, environment)
            }
            other => self.unsupported_operator(other, span),
        }
    }

    /// Refuses an operator by its name.
    pub(crate) fn unsupported_operator(&mut self, kind: &OperatorKind, span: Span) -> Bind<Relation> {
        let name = match kind {
            OperatorKind::InlineExternalTable(_) => "inline_external_table",
            OperatorKind::MacroExpand { .. } => "macro-expand",
            OperatorKind::ExternalData { .. } => "externaldata",
            OperatorKind::Find { .. } => "find after a pipe",
            OperatorKind::Other { name, .. } => name,
            _ => "this operator in this place",
        };
        Err(codes::unsupported(codes::UNSUPPORTED_OPERATOR, span, name).into())
    }
}
