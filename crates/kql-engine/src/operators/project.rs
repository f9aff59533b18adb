//! `project`.

use kql_syntax::{self as ast, ExprKind};

use super::filter::row_of;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::Unnamed;
use crate::naming::{self, Names};
use crate::scope::{Relation, matches_pattern};
use crate::typed::Typed;

impl Binder<'_> {
    /// Keeps and computes columns in the order written.
    pub(super) fn project_columns(
        &mut self,
        input: Relation,
        items: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut names = Names::default();
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        let mut problems = Vec::new();
        for item in items {
            if let Some(pattern) = wildcard(item) {
                for column in input.visible().filter(|column| matches_pattern(pattern, &column.name)) {
                    if !names.has(&column.name) {
                        columns.push((names.take(&column.name), Typed::column(column), false));
                    }
                }
                continue;
            }
            let row = row_of(&input, environment);
            match self.several_results(item, row, Unnamed::Kept, &mut names) {
                Ok(None) => {}
                Ok(Some(results)) => {
                    columns.extend(results.into_iter().map(|(name, value)| (name, value, false)));
                    continue;
                }
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            }
            match self.scalar(&item.expr, row) {
                Ok(value) => self.add_item(item, value, &mut names, &mut columns, &mut problems),
                Err(Stop::Invalid(diagnostics)) => problems.extend(diagnostics),
                Err(stop) => return Err(stop),
            }
        }
        if !problems.is_empty() {
            return Err(Stop::Invalid(problems));
        }
        for column in input.columns.iter().filter(|column| super::mv_apply::is_carried(column)) {
            columns.push((column.name.clone(), Typed::column(column), true));
        }
        self.project_with_windows(input, columns)
    }

    fn add_item(
        &mut self,
        item: &ast::NamedExpr,
        value: Typed,
        names: &mut Names,
        columns: &mut Vec<(String, Typed, bool)>,
        problems: &mut Vec<ast::Diagnostic>,
    ) {
        match item.names.as_slice() {
            [] => {
                let name = match naming::derived(&item.expr) {
                    Some(name) if !name.is_empty() => names.fresh(&name),
                    _ => names.numbered("Column"),
                };
                columns.push((name, value, false));
            }
            several => {
                let is_single = several.len() == 1;
                for (index, name) in (0_i64..).zip(several) {
                    if names.has(&name.name) {
                        let message = format!("column `{}` is named twice", name.name);
                        problems.push(ast::Diagnostic::error(codes::DUPLICATE_NAME, name.span, message));
                        continue;
                    }
                    let value = if is_single { value.clone() } else { self.element(value.clone(), index) };
                    columns.push((names.take(&name.name), value, false));
                }
            }
        }
    }
}

/// The pattern of an item such as `Target*` or `*`.
fn wildcard(item: &ast::NamedExpr) -> Option<&str> {
    match &item.expr.kind {
        ExprKind::Star if item.names.is_empty() => Some("*"),
        ExprKind::Name(name) if item.names.is_empty() && name.contains('*') => Some(name),
        _ => None,
    }
}
