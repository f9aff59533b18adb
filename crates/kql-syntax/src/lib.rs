//! KQL's syntax: lexer, recovering parser, tree with spans, diagnostics and formatter.
//!
//! Parsing never fails: [`parse`] always returns a tree, with what is wrong as a list of
//! [`Diagnostic`]s. This crate knows neither tables nor types of columns nor Arrow.

mod ast;
pub mod codes;
mod diagnostic;
mod dump;
mod formatter;
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod lexer;
mod limits;
mod parser;
mod render;
mod span;
mod token;

pub use ast::*;
pub use diagnostic::{Diagnostic, Severity};
pub use dump::dump;
pub use formatter::format;
pub use limits::{BALANCE_FROM, MAX_CHAIN, MAX_DIAGNOSTICS, MAX_NESTING, MAX_TEXT_BYTES};
pub use parser::{Parse, QUALIFIER, parse};
pub use span::Span;
