//! The tree that the parser makes: what was written, with the place of each part.
//!
//! Literals keep their text (`2h`, `2024-01-01`): their value is a matter of types, which this
//! crate does not know. A tabular expression is an [`Expr`] whose kind is
//! [`ExprKind::Pipeline`]; a bare table name is [`ExprKind::Name`].

mod expression;
mod graph;
mod operator;
mod scan;
mod statement;

pub use expression::*;
pub use graph::*;
pub use operator::*;
pub use scan::*;
pub use statement::*;
