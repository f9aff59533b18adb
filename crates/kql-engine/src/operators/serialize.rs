//! `serialize`.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    /// Lets window functions look at the rows in the order they have.
    pub(super) fn serialize(
        &mut self,
        mut input: Relation,
        items: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Relation> {
        input.serialized = true;
        if items.is_empty() { Ok(input) } else { self.extend(input, items, environment) }
    }
}
