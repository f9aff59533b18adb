//! `extend`.

use kql_syntax as ast;

use super::filter::row_of;
use crate::binder::{Bind, Binder, Stop};
use crate::environment::Environment;
use crate::expression::Unnamed;
use crate::naming::{self, Names};
use crate::scope::Relation;
use crate::typed::Typed;

impl Binder<'_> {
    /// Adds computed columns; a column of a name that exists is replaced.
    pub(super) fn extend(
        &mut self,
        input: Relation,
        items: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Relation> {
        let added = self.named_values(&input, items, environment)?;
        let mut columns: Vec<(String, Typed, bool)> =
            input.columns.iter().map(|column| (column.name.clone(), Typed::column(column), column.hidden)).collect();
        for (name, value) in added {
            match columns.iter_mut().find(|(existing, ..)| *existing == name) {
                Some(existing) => *existing = (name, value, false),
                None => columns.push((name, value, false)),
            }
        }
        self.project_with_windows(input, columns)
    }

    /// The values of a list of columns with their names, all computed from the input row.
    pub(super) fn named_values(
        &mut self,
        input: &Relation,
        items: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Vec<(String, Typed)>> {
        let mut names = Names::taken(input.columns.iter().map(|column| column.name.as_str()));
        let mut values = Vec::new();
        let mut problems = Vec::new();
        for item in items {
            let row = row_of(input, environment);
            let bound = match self.several_results(item, row, Unnamed::Dropped, &mut names) {
                Ok(Some(results)) => {
                    values.extend(results);
                    continue;
                }
                Ok(None) => {
                    self.scalar(&item.expr, row).and_then(|value| self.name_value(item, value, &mut names, &mut values))
                }
                Err(stop) => Err(stop),
            };
            match bound {
                Ok(()) => {}
                Err(Stop::Invalid(diagnostics)) => problems.extend(diagnostics),
                Err(stop) => return Err(stop),
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(Stop::Invalid(problems)) }
    }

    /// Gives a value its name, or takes an array apart for `(a, b) = f(x)`.
    fn name_value(
        &mut self,
        item: &ast::NamedExpr,
        value: Typed,
        names: &mut Names,
        values: &mut Vec<(String, Typed)>,
    ) -> Bind<()> {
        match item.names.as_slice() {
            [] => {
                let name = match naming::derived(&item.expr) {
                    Some(name) if !name.is_empty() => name,
                    _ => names.numbered("Column"),
                };
                values.push((name, value));
            }
            [name] => values.push((name.name.clone(), value)),
            several => {
                for (index, name) in (0_i64..).zip(several) {
                    values.push((name.name.clone(), self.element(value.clone(), index)));
                }
            }
        }
        Ok(())
    }
}
