//! `graph-match` and `graph-shortest-paths`.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Span};

use super::graph::{Table, parameter_text};
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::evaluation::Evaluable;
use crate::expression::{Records, Row};
use crate::graph::{
    Collected, Collecting, Conditions, Cycles, Focus, Named, NodeValue, Origin, Pattern, PatternEdge, PatternScope,
    PropertyGraph, Search, Slot, Wanted,
};
use crate::naming::{self, Names};
use crate::scope::ScopeColumn;
use crate::typed::Typed;

/// Most edges that one edge of variable length stands for.
const MAX_PATH_LENGTH: u32 = 256;

impl Binder<'_> {
    /// A row for each place where the pattern stands.
    pub(super) fn graph_match(
        &mut self,
        graph: &PropertyGraph,
        parts: &ast::GraphMatch,
        span: Span,
        environment: &Environment,
    ) -> Bind<Table> {
        let mut cycles = Cycles::UniqueEdges;
        for parameter in &parts.parameters {
            cycles = match (parameter.name.name.as_str(), parameter_text(parameter)) {
                ("cycles", Some("all")) => Cycles::All,
                ("cycles", Some("none")) => Cycles::None,
                ("cycles", Some("unique_edges")) => Cycles::UniqueEdges,
                (name, _) if name.starts_with("hint.") => cycles,
                _ => return Err(unknown_value(parameter, "`cycles` is `all`, `none` or `unique_edges`")),
            };
        }
        if cycles == Cycles::None && parts.paths.len() > 1 {
            let what = "cycles=none with several sequences";
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, parts.paths[1].nodes[0].span, what).into());
        }
        self.found(graph, parts, span, environment, Wanted::Matches(cycles))
    }

    /// A row for each shortest path.
    pub(super) fn graph_shortest_paths(
        &mut self,
        graph: &PropertyGraph,
        parts: &ast::GraphMatch,
        span: Span,
        environment: &Environment,
    ) -> Bind<Table> {
        let mut wanted = Wanted::AnyShortest;
        for parameter in &parts.parameters {
            wanted = match (parameter.name.name.as_str(), parameter_text(parameter)) {
                ("output", Some("any")) => Wanted::AnyShortest,
                ("output", Some("all")) => Wanted::AllShortest,
                (name, _) if name.starts_with("hint.") => wanted,
                _ => return Err(unknown_value(parameter, "`output` is `any` or `all`")),
            };
        }
        if let [_, second, ..] = parts.paths.as_slice() {
            let message = "`graph-shortest-paths` takes one sequence";
            return Err(Diagnostic::error(codes::INVALID_USE, second.nodes[0].span, message).into());
        }
        if !parts.paths.iter().flat_map(|path| &path.edges).any(|edge| edge.range.is_some()) {
            let message = "pattern has no edge of variable length";
            let hint = "such as `-[e*1..5]->`";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into());
        }
        self.found(graph, parts, span, environment, wanted)
    }

    fn found(
        &mut self,
        graph: &PropertyGraph,
        parts: &ast::GraphMatch,
        span: Span,
        environment: &Environment,
        wanted: Wanted,
    ) -> Bind<Table> {
        if parts.project.is_empty() {
            let error = codes::unsupported(codes::UNSUPPORTED_FORM, span, "a graph pattern without `project`");
            return Err(error.into());
        }
        let pattern = self.pattern(parts, environment)?;
        let scope = self.pattern_scope(&pattern, graph);
        let conditions = match &parts.condition {
            Some(condition) => self.pattern_conditions(condition, &scope, environment)?,
            None => Vec::new(),
        };
        let (columns, values) = self.projected(&parts.project, &scope, environment)?;
        let conditions = Conditions::new(&conditions, &pattern, &scope)?;
        let known = scope.columns.borrow();
        let ready = values.iter().map(|value| Evaluable::new(value, &known)).collect::<Bind<Vec<_>>>()?;
        let collected = scope
            .collected
            .borrow()
            .iter()
            .map(|call| Ok((call.clone(), Evaluable::new(&call.value, &known)?)))
            .collect::<Bind<Vec<(Collected, Evaluable)>>>()?;
        let search = Search {
            graph,
            id_texts: self.of_ids(graph, "tostring", span)?,
            pattern: &pattern,
            origins: &scope.origins.borrow(),
            collected: &collected,
            conditions: &conditions,
            columns: &ready,
            watch: self.watch,
        };
        Ok(Table { columns, arrays: search.run(wanted)? })
    }

    /// The elements of the pattern. Nodes of the same name are one; all must hang together.
    fn pattern(&mut self, parts: &ast::GraphMatch, environment: &Environment) -> Bind<Pattern> {
        let mut pattern = Pattern { nodes: Vec::new(), edges: Vec::new() };
        for path in &parts.paths {
            let nodes: Vec<usize> = path.nodes.iter().map(|node| node_position(&mut pattern, node)).collect();
            for (index, edge) in path.edges.iter().enumerate() {
                let length = match &edge.range {
                    None => None,
                    Some((low, high)) => {
                        let (fewest, most) = (self.hops(low, environment)?, self.hops(high, environment)?);
                        if fewest > most {
                            let message = format!("path of `{fewest}` to `{most}` edges is none");
                            return Err(Diagnostic::error(codes::INVALID_USE, edge.span, message).into());
                        }
                        Some((fewest, most))
                    }
                };
                let (left, right) = (nodes[index], nodes[index + 1]);
                let (name, direction) = (edge.name.clone(), edge.direction);
                pattern.edges.push(PatternEdge { name, left, right, direction, length });
            }
        }
        check_names(&pattern)?;
        check_connected(&pattern, parts)?;
        Ok(pattern)
    }

    /// A bound of a path's length.
    fn hops(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<u32> {
        let value = self.scalar_alone(expr, environment)?;
        let number = match value.constant {
            Some(Value::Int(number)) => i64::from(number),
            Some(Value::Long(number)) => number,
            _ => -1,
        };
        u32::try_from(number).ok().filter(|number| *number <= MAX_PATH_LENGTH).ok_or_else(|| {
            let message = format!("length of a path is no constant number from 0 to {MAX_PATH_LENGTH}");
            Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into()
        })
    }

    /// Columns for all that expressions can name.
    fn pattern_scope(&mut self, pattern: &Pattern, graph: &PropertyGraph) -> PatternScope {
        let mut scope = PatternScope::default();
        for (slot, name) in pattern.nodes.iter().enumerate() {
            let Some(name) = name else { continue };
            let of = |what| Origin::Node(slot, what);
            let columns = self.node_columns(&scope, graph, of);
            let node = Some(self.node_facts(&scope, of));
            let named = Named { name: name.name.clone(), slot: Slot::Node(slot), columns, node, inner: Vec::new() };
            scope.named.push(named);
        }
        for (slot, edge) in pattern.edges.iter().enumerate() {
            let Some(name) = &edge.name else { continue };
            let is_path = edge.length.is_some();
            let of = |property| if is_path { Origin::Step(slot, property) } else { Origin::Edge(slot, property) };
            let mut columns = Vec::with_capacity(graph.edges.columns.len());
            for (property, (name, ty)) in graph.edges.columns.iter().enumerate() {
                columns.push(scope.add(self.new_column(name, *ty), of(property)));
            }
            let (inner, node) = if is_path {
                let of = |what| Origin::Inner(slot, what);
                (self.node_columns(&scope, graph, of), Some(self.node_facts(&scope, of)))
            } else {
                (Vec::new(), None)
            };
            let slot = if is_path { Slot::Path(slot) } else { Slot::Edge(slot) };
            scope.named.push(Named { name: name.name.clone(), slot, columns, node, inner });
        }
        scope
    }

    fn node_columns(
        &mut self,
        scope: &PatternScope,
        graph: &PropertyGraph,
        of: impl Fn(NodeValue) -> Origin,
    ) -> Vec<ScopeColumn> {
        let columns = graph.nodes.columns.iter().enumerate();
        columns
            .map(|(index, (name, ty))| scope.add(self.new_column(name, *ty), of(NodeValue::Property(index))))
            .collect()
    }

    /// Id, edges that end here, edges that begin here.
    fn node_facts(&mut self, scope: &PatternScope, of: impl Fn(NodeValue) -> Origin) -> [ScopeColumn; 3] {
        [(Type::String, NodeValue::Id), (Type::Long, NodeValue::Entering), (Type::Long, NodeValue::Leaving)]
            .map(|(ty, what)| scope.add(self.new_column("node", ty), of(what)))
    }

    /// The parts of the condition. One that names properties of a path holds for each edge of it.
    fn pattern_conditions(
        &mut self,
        condition: &ast::Expr,
        scope: &PatternScope,
        environment: &Environment,
    ) -> Bind<Vec<Typed>> {
        let mut parts = Vec::new();
        let mut problems = Vec::new();
        for part in conjuncts(condition) {
            scope.touched.borrow_mut().clear();
            let row = Row { records: Records::Pattern(scope, Focus::Condition), ..Row::new(&[], environment) };
            let bound = match self.condition(part, row) {
                Ok(bound) => Typed::new(bound, Type::Bool),
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            let mut paths = scope.touched.borrow().clone();
            paths.sort_unstable();
            paths.dedup();
            parts.push(match paths.as_slice() {
                [] => bound,
                [path] => self.collect(scope, Collecting::All, (*path, false), bound),
                _ => {
                    let what = "a condition on properties of two edges of variable length";
                    return Err(codes::unsupported(codes::UNSUPPORTED_FORM, part.span, what).into());
                }
            });
        }
        if problems.is_empty() { Ok(parts) } else { Err(Stop::Invalid(problems)) }
    }

    /// The columns of the result and their values.
    #[allow(clippy::type_complexity, reason = "columns and values side by side")]
    fn projected(
        &mut self,
        items: &[ast::NamedExpr],
        scope: &PatternScope,
        environment: &Environment,
    ) -> Bind<(Vec<(String, Type)>, Vec<Typed>)> {
        let mut names = Names::default();
        let (mut columns, mut values, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        let row = Row { records: Records::Pattern(scope, Focus::Projection), ..Row::new(&[], environment) };
        for item in items {
            let value = match self.scalar(&item.expr, row) {
                Ok(value) => self.engine_form(value),
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            let name = match item.names.as_slice() {
                [] => match column_name(&item.expr, scope).filter(|name| !name.is_empty()) {
                    Some(name) => names.fresh(&name),
                    None => names.numbered("Column"),
                },
                [name] if !names.has(&name.name) => names.take(&name.name),
                [name] => {
                    // A name that is derived gives way to one that is written.
                    names.fresh(&name.name)
                }
                [_, second, ..] => {
                    let what = "several names for one value in a graph pattern";
                    return Err(codes::unsupported(codes::UNSUPPORTED_FORM, second.span, what).into());
                }
            };
            columns.push((name, value.ty));
            values.push(value);
        }
        if problems.is_empty() { Ok((columns, values)) } else { Err(Stop::Invalid(problems)) }
    }
}

fn unknown_value(parameter: &ast::OperatorParameter, hint: &str) -> Stop {
    let message = format!("value of `{}` is not known", parameter.name.name);
    Diagnostic::error(codes::INVALID_USE, parameter.value.span, message).with_hint(hint).into()
}

/// The position of a node: of the one of the same name, or a new one.
fn node_position(pattern: &mut Pattern, node: &ast::GraphNode) -> usize {
    let known = node.name.as_ref().and_then(|name| {
        pattern.nodes.iter().position(|other| other.as_ref().is_some_and(|other| other.name == name.name))
    });
    known.unwrap_or_else(|| {
        pattern.nodes.push(node.name.clone());
        pattern.nodes.len() - 1
    })
}

/// Refuses names of edges that come again.
fn check_names(pattern: &Pattern) -> Bind<()> {
    let edges: Vec<&Ident> = pattern.edges.iter().filter_map(|edge| edge.name.as_ref()).collect();
    for (index, edge) in edges.iter().enumerate() {
        let is_node = pattern.nodes.iter().flatten().any(|node| node.name == edge.name);
        if is_node || edges[..index].iter().any(|other| other.name == edge.name) {
            let message = format!("`{}` names two elements of the pattern", edge.name);
            return Err(Diagnostic::error(codes::DUPLICATE_NAME, edge.span, message).into());
        }
    }
    Ok(())
}

/// Refuses patterns that fall into parts.
fn check_connected(pattern: &Pattern, parts: &ast::GraphMatch) -> Bind<()> {
    let mut reached = vec![false; pattern.nodes.len()];
    reached[0] = true;
    for _ in 0..pattern.edges.len() {
        for edge in &pattern.edges {
            let is_reached = reached[edge.left] || reached[edge.right];
            reached[edge.left] = is_reached;
            reached[edge.right] = is_reached;
        }
    }
    if reached.iter().all(|reached| *reached) {
        return Ok(());
    }
    let span = parts.paths.last().map_or(Span::default(), |path| path.nodes[0].span);
    let message = "sequences of the pattern share no node";
    let hint = "let them name the same node";
    Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into())
}

/// The operands of `and`, from left to right.
fn conjuncts(condition: &ast::Expr) -> Vec<&ast::Expr> {
    let mut found = Vec::new();
    let mut todo = vec![condition];
    while let Some(next) = todo.pop() {
        match &next.kind {
            ExprKind::Binary { op: ast::BinaryOp::And, left, right, .. } => {
                todo.push(right);
                todo.push(left);
            }
            ExprKind::List(items) if items.len() == 1 => todo.push(&items[0]),
            _ => found.push(next),
        }
    }
    found
}

/// The name of a column: `a.b` is `a_b`, but what a function makes of `a.b` is named after `b`.
fn column_name(expr: &ast::Expr, scope: &PatternScope) -> Option<String> {
    match &expr.kind {
        ExprKind::Call { name, .. } if name.name.starts_with("node_") => Some(name.name.clone()),
        ExprKind::Call { name, .. } if ["all", "any", "map"].contains(&name.name.as_str()) => None,
        ExprKind::Call { .. } => naming::derived(&unqualified(expr, scope)),
        _ => naming::derived(expr),
    }
}

/// The expression with `b` for `a.b` where it gives a name.
fn unqualified(expr: &ast::Expr, scope: &PatternScope) -> ast::Expr {
    let mut result = expr.clone();
    match &mut result.kind {
        ExprKind::Member { base, name } => match &base.kind {
            ExprKind::Name(element) if scope.element(element).is_some() => {
                result.kind = ExprKind::Name(name.name.clone());
            }
            _ => **base = unqualified(base, scope),
        },
        ExprKind::Index { base, .. } => **base = unqualified(base, scope),
        ExprKind::Call { args, .. } => {
            if let Some(first) = args.first_mut() {
                first.value = unqualified(&first.value, scope);
            }
        }
        _ => {}
    }
    result
}
