//! Functions that give several columns: `series_stats`, `series_decompose` and the like.

use datafusion::logical_expr::lit;
use kql_functions::{ArgumentInfo, Type};
use kql_syntax::{self as ast, Diagnostic, ExprKind, NamedExpr};

use super::Row;
use super::arguments::argument_problem;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::naming::{self, Names};
use crate::typed::Typed;

/// What happens to results beyond those that the query names, if it names any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unnamed {
    /// `project` keeps them under their own names.
    Kept,
    /// `extend` and `print` leave them out.
    Dropped,
}

impl Binder<'_> {
    /// The columns of a call of a function with several results; nothing for other expressions.
    ///
    /// Source of the names: the page of `series_fit_2lines`.
    pub(crate) fn several_results(
        &mut self,
        item: &NamedExpr,
        row: Row<'_>,
        unnamed: Unnamed,
        names: &mut Names,
    ) -> Bind<Option<Vec<(String, Typed)>>> {
        let ExprKind::Call { name, args } = &item.expr.kind else { return Ok(None) };
        if let ("array_sort_asc" | "array_sort_desc", None) = (name.name.as_str(), row.environment.get(&name.name)) {
            return self.sorted_arrays(item, args, row, names);
        }
        let Some(function) = kql_functions::scalar(&name.name).filter(|function| !function.results().is_empty()) else {
            return Ok(None);
        };
        if row.environment.get(&name.name).is_some() {
            return Ok(None);
        }
        let results = function.results();
        if let Some(extra) = item.names.get(results.len()) {
            let message = format!("`{}` gives {} columns, so `{}` names none", name.name, results.len(), extra.name);
            return Err(Diagnostic::error(codes::INVALID_USE, extra.span, message).into());
        }
        let bound = self.arguments(args, row)?;
        let infos: Vec<ArgumentInfo> = bound.iter().map(Typed::info).collect();
        let span = item.expr.span;
        let resolved = function.resolve(&infos).map_err(|error| argument_problem(&name.name, &error, args, span))?;
        let exprs = self.cast_all(bound, &resolved)?;
        let call = KqlScalarUdf::new(function, resolved, self.options.now).call(exprs);
        let whole = self.folded(Typed::new(call, Type::Dynamic));
        let prefix = results_prefix(&name.name, args);
        let kept = match (item.names.len(), unnamed) {
            (0, _) | (_, Unnamed::Kept) => results.len(),
            (given, Unnamed::Dropped) => given,
        };
        let mut columns = Vec::with_capacity(kept);
        for (index, (suffix, ty)) in (0_i64..).zip(&results[..kept]) {
            let given = usize::try_from(index).ok().and_then(|index| item.names.get(index));
            let column = match given {
                Some(name) if unnamed == Unnamed::Kept && names.has(&name.name) => {
                    let message = format!("column `{}` is named twice", name.name);
                    return Err(Diagnostic::error(codes::DUPLICATE_NAME, name.span, message).into());
                }
                Some(name) => names.take(&name.name),
                None => names.fresh(&format!("{prefix}_{suffix}")),
            };
            let value = self.cast(result_at(&whole, index), *ty)?;
            columns.push((column, self.folded(value)));
        }
        Ok(Some(columns))
    }
}

impl Binder<'_> {
    /// The columns of `array_sort_asc(a, b)`, one an array; nothing for one array alone.
    fn sorted_arrays(
        &mut self,
        item: &NamedExpr,
        args: &[ast::Argument],
        row: Row<'_>,
        names: &mut Names,
    ) -> Bind<Option<Vec<(String, Typed)>>> {
        let types = self.arguments(args, row)?;
        let arrays = types.iter().filter(|typed| typed.ty == Type::Dynamic).count();
        let is_one_column = item.names.len() == 1 || arrays < 2;
        if is_one_column {
            return Ok(None);
        }
        let whole = self.scalar(&item.expr, row)?;
        let kept = if item.names.is_empty() { arrays } else { item.names.len().min(arrays) };
        let mut columns = Vec::with_capacity(kept);
        for (index, arg) in args.iter().enumerate().take(kept) {
            let name = match item.names.get(index) {
                Some(name) => names.take(&name.name),
                None => names.fresh(&format!("{}_sorted", naming::derived(&arg.value).unwrap_or_default())),
            };
            let element = self.element(whole.clone(), i64::try_from(index).unwrap_or(0));
            columns.push((name, self.folded(element)));
        }
        Ok(Some(columns))
    }
}

/// One of several results. Not a path: those are taken for so cheap that what they are taken of is computed for each anew.
fn result_at(whole: &Typed, index: i64) -> Typed {
    let element = Kernel::Element { by: Type::Long }.call(vec![whole.expr.clone(), lit(index)]);
    Typed::new(element, Type::Dynamic)
}

/// `series_stats_x` of `series_stats(x)`.
fn results_prefix(function: &str, args: &[ast::Argument]) -> String {
    let argument = args.first().and_then(|arg| naming::derived(&arg.value)).unwrap_or_default();
    format!("{function}_{argument}")
}
