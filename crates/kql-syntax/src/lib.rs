//! KQL's syntax: lexer, recovering parser, tree with spans, diagnostics and formatter.
//!
//! Parsing never fails: [`parse`] always returns a tree, with what is wrong as a list of
//! [`Diagnostic`]s. This crate knows neither tables nor types of columns nor Arrow.

mod ast;
pub mod codes;
mod diagnostic;
mod dump;
mod formatter;
mod function_command;
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod lexer;
mod limits;
mod parser;
mod position;
mod render;
mod span;
mod token;

pub use ast::*;
pub use diagnostic::{Diagnostic, Severity};
pub use dump::dump;
pub use formatter::format;
pub use function_command::NamedFunction;
pub use limits::{BALANCE_FROM, MAX_CHAIN, MAX_DIAGNOSTICS, MAX_NESTING, MAX_TEXT_BYTES};
pub use parser::{Parse, QUALIFIER, parse};
pub use position::{LocatedDiagnostic, Position};
pub use span::Span;
