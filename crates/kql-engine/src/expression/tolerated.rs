//! What Microsoft's language service refuses and the engine answers: noted while a query is checked, for whoever writes queries for
//! both. The rules are those of its binder (`Kusto.Language`), which is stricter here than the engine that runs the queries.

use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind, Ident, Literal, OperatorKind};

use super::Row;
use crate::binder::Binder;
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::scope::{Repr, find_column};
use crate::typed::Typed;

/// Most `let` names that are followed to what they stand for.
const MAX_FOLLOWED: usize = 16;

/// Functions that read text as JSON and take no value of which it is known that it is an array or a bag; `parse_json` does.
const TEXT_ONLY: [&str; 2] = ["todynamic", "toobject"];

/// Functions whose result is known to be an array or a bag.
const STRUCTURED: [&str; 24] = [
    "bag_keys",
    "bag_merge",
    "bag_pack",
    "bag_remove_keys",
    "extract_all",
    "pack",
    "pack_all",
    "pack_array",
    "pack_dictionary",
    "parse_command_line",
    "parse_csv",
    "parse_path",
    "parse_url",
    "parse_urlquery",
    "parse_user_agent",
    "parse_xml",
    "range",
    "repeat",
    "set_difference",
    "set_intersect",
    "set_union",
    "split",
    "treepath",
    "zip",
];

/// Aggregates whose result is an array or a bag.
const COLLECTING: [&str; 6] = ["make_bag", "make_list", "make_set", "makelist", "makeset", "make_dictionary"];

impl Binder<'_> {
    /// `count(x)`: the argument is a condition, or none. The engine counts rows whatever it is.
    pub(crate) fn note_counted(&mut self, name: &Ident, args: &[ast::Argument], values: &[Typed]) {
        let [arg] = args else { return };
        let found = match values {
            [value] if value.ty == Type::Bool || value.repr == Repr::Unknown => return,
            [value] => format!("a {}", value.ty.name()),
            _ => "`*`".to_owned(),
        };
        let message = format!("argument of `{}` is {found}, not a condition", name.name);
        let hint = "`count()` counts the rows, `countif(..)` those that meet a condition";
        self.tolerate(Diagnostic::tolerated(codes::TOLERATED_ARGUMENT, arg.value.span, message).with_hint(hint));
    }

    /// `todynamic(split(..))`: what is parsed already is not parsed again. The engine gives it back as it is.
    pub(super) fn note_reparsed(&mut self, name: &Ident, args: &[ast::Argument], row: Row<'_>) {
        let [arg] = args else { return };
        if !TEXT_ONLY.contains(&name.name.as_str()) || !is_structured(&arg.value, Some(row), row.environment, 0) {
            return;
        }
        let message = format!("argument of `{}` is an array or a bag already, not a string", name.name);
        let hint = format!("`{}` can be left out, `parse_json` takes both", name.name);
        self.tolerate(Diagnostic::tolerated(codes::TOLERATED_ARGUMENT, arg.value.span, message).with_hint(hint));
    }

    /// What is bound several times is noted once.
    fn tolerate(&mut self, found: Diagnostic) {
        if self.is_check && !self.warnings.contains(&found) {
            self.warnings.push(found);
        }
    }
}

/// Whether an expression gives an array or a bag, whatever the rows are. A parameter is of the type it declares, so that nothing
/// is known of what is inside.
fn is_structured(expr: &ast::Expr, row: Option<Row<'_>>, environment: &Environment, followed: usize) -> bool {
    if followed > MAX_FOLLOWED {
        return false;
    }
    let is_column = |name: &str| row.is_some_and(|row| find_column(row.columns, name).is_some());
    match &expr.kind {
        ExprKind::Literal(Literal::Dynamic(value)) => value.is_some(),
        ExprKind::Name(name) if !is_column(name) => match environment.get(name) {
            Some(Binding::Lazy(lazy)) => is_structured(&lazy.expr, None, &lazy.environment, followed + 1),
            _ => false,
        },
        ExprKind::List(items) => matches!(items.as_slice(), [only] if is_structured(only, row, environment, followed)),
        ExprKind::Call { name, args } if environment.get(&name.name).is_none() => match args.as_slice() {
            [table] if name.name == "toscalar" => is_collected(&table.value),
            _ => STRUCTURED.contains(&name.name.as_str()),
        },
        ExprKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
            [ast::Operator { kind: OperatorKind::Source(inner), .. }] => {
                is_structured(inner, row, environment, followed)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a table's first column is what an aggregate collected.
fn is_collected(table: &ast::Expr) -> bool {
    let last = match &table.kind {
        ExprKind::List(items) => return matches!(items.as_slice(), [only] if is_collected(only)),
        ExprKind::Pipeline(pipeline) => pipeline.stages.last(),
        _ => None,
    };
    match last.map(|stage| &stage.kind) {
        Some(OperatorKind::Source(inner)) => is_collected(inner),
        Some(OperatorKind::Summarize { aggregates, by, .. }) if by.is_empty() => {
            let first = aggregates.first().map(|aggregate| &aggregate.expr.kind);
            matches!(first, Some(ExprKind::Call { name, .. }) if COLLECTING.contains(&name.name.as_str()))
        }
        _ => false,
    }
}
