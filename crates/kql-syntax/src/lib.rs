//! KQL's syntax: lexer, recovering parser, tree with spans, diagnostics and formatter.
//!
//! Parsing never fails: [`parse`] always returns a tree, with what is wrong as a list of
//! [`Diagnostic`]s. This crate knows neither tables nor types of columns nor Arrow.

mod ast;
mod diagnostic;
mod span;

pub use ast::*;
pub use diagnostic::{Diagnostic, Severity};
pub use span::Span;
