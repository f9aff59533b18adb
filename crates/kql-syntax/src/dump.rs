//! A tree as compact S-expressions, without places: for tests and for comparing trees.

mod expression;
mod operator;

use crate::{Function, LetValue, Parameter, ParameterType, Query, Statement, StatementKind};
use operator::column;

/// Widest line before a list is broken, in characters.
const LINE_WIDTH: usize = 110;

/// All of the tree but the places, one statement after the other.
pub fn dump(query: &Query) -> String {
    let mut out = String::new();
    for statement in &query.statements {
        write(&mut out, &statement_node(statement), 0);
        out.push('\n');
    }
    out
}

/// An atom or a list.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Atom(String),
    List(Vec<Node>),
}

/// A list that begins with a word.
pub(crate) fn list(head: &str, rest: impl IntoIterator<Item = Node>) -> Node {
    let mut nodes = vec![Node::Atom(head.to_owned())];
    nodes.extend(rest);
    Node::List(nodes)
}

/// A name; quoted with back-ticks where it is no plain word.
pub(crate) fn name(name: &str) -> Node {
    let is_plain =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '*' | '.' | '-'));
    Node::Atom(if is_plain { name.to_owned() } else { format!("`{name}`") })
}

/// A text in quotes.
pub(crate) fn text(value: &str) -> Node {
    let mut out = String::new();
    crate::json::push_string(&mut out, value);
    Node::Atom(out)
}

fn statement_node(statement: &Statement) -> Node {
    match &statement.kind {
        StatementKind::Let { name: bound, value: LetValue::Expr(value) } => {
            list("let", [name(&bound.name), expression::node(value)])
        }
        StatementKind::Let { name: bound, value: LetValue::Function(function) } => {
            list("let", [name(&bound.name), function_node(function)])
        }
        StatementKind::Set { name: option, value } => {
            list("set", [name(&option.name)].into_iter().chain(value.as_ref().map(expression::node)))
        }
        StatementKind::DeclareParameters(parameters) => list("declare", parameters.iter().map(parameter)),
        StatementKind::Unsupported { name: word } => list("unsupported", [text(word)]),
        StatementKind::Expression(value) => expression::node(value),
    }
}

fn function_node(function: &Function) -> Node {
    let parameters = Node::List(function.parameters.iter().map(parameter).collect());
    let body = function.body.iter().map(statement_node);
    list(if function.is_view { "view" } else { "function" }, [parameters].into_iter().chain(body))
}

fn parameter(parameter: &Parameter) -> Node {
    let ty = match &parameter.ty {
        ParameterType::Scalar(ty) => Node::Atom(operator::type_word(*ty).to_owned()),
        ParameterType::Table(columns) => Node::List(columns.iter().map(column).collect()),
        ParameterType::AnyTable => Node::Atom("*".to_owned()),
    };
    list(":", [name(&parameter.name.name), ty].into_iter().chain(parameter.default.as_ref().map(expression::node)))
}

/// Length of the node on one line, counted no further than the line is wide.
fn width(node: &Node) -> usize {
    match node {
        Node::Atom(atom) => atom.chars().count(),
        Node::List(nodes) => {
            let mut sum = 2;
            for node in nodes {
                sum += 1 + width(node);
                if sum > LINE_WIDTH {
                    break;
                }
            }
            sum
        }
    }
}

fn write(out: &mut String, node: &Node, indent: usize) {
    match node {
        Node::Atom(atom) => out.push_str(atom),
        Node::List(nodes) => {
            let is_pipeline = matches!(nodes.first(), Some(Node::Atom(head)) if head == "pipe");
            let breaks = is_pipeline || indent + width(node) > LINE_WIDTH;
            out.push('(');
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 && breaks {
                    out.push('\n');
                    out.extend(std::iter::repeat_n(' ', indent + 2));
                } else if index > 0 {
                    out.push(' ');
                }
                write(out, node, indent + 2);
            }
            out.push(')');
        }
    }
}
