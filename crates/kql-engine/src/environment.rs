//! The names that `let`, parameters and functions bind, innermost first.

use std::sync::{Arc, OnceLock};

use kql_syntax as ast;

use crate::scope::Relation;
use crate::typed::Typed;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Binding {
    /// A scalar that is already bound.
    Scalar(Typed),
    /// A table that is already bound: a tabular argument.
    Relation(Arc<Relation>),
    /// The right side of a `let`, bound at each use: `let` names a calculation, not a value.
    Lazy(Arc<Lazy>),
    /// A function with the names known where it was written.
    Function(Arc<ast::Function>, Environment),
}

/// An expression with the names known where it was written.
#[derive(Debug)]
pub(crate) struct Lazy {
    /// What was written.
    pub expr: ast::Expr,
    /// The names it may use.
    pub environment: Environment,
    /// The scalar it was found to be.
    pub scalar: OnceLock<Typed>,
}

/// A chain of bindings; adding to it leaves the original as it was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(Option<Arc<Node>>);

#[derive(Debug)]
struct Node {
    name: String,
    binding: Binding,
    outer: Environment,
}

impl Environment {
    /// This environment with one more name, which hides an older one.
    pub fn with(&self, name: &str, binding: Binding) -> Environment {
        Environment(Some(Arc::new(Node { name: name.to_owned(), binding, outer: self.clone() })))
    }

    /// What the name stands for.
    pub fn get(&self, name: &str) -> Option<&Binding> {
        self.iter().find(|(bound, _)| *bound == name).map(|(_, binding)| binding)
    }

    /// All bindings, innermost first, hidden ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Binding)> {
        let mut next = self.0.as_deref();
        std::iter::from_fn(move || {
            let node = next?;
            next = node.outer.0.as_deref();
            Some((node.name.as_str(), &node.binding))
        })
    }
}
