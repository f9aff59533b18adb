//! `parse-kv`.

use datafusion::functions::core::expr_fn::get_field;
use kql_functions::Type;
use kql_functions::key_values::{PairReader, PairSyntax, Quoting};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal};

use super::filter::row_of;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::column_type;
use crate::functions::parse_pairs::ParsePairs;
use crate::scope::Relation;
use crate::typed::Typed;

/// What follows `with`, as written.
#[derive(Debug, Default)]
struct Properties {
    pair: Option<String>,
    between: Option<String>,
    quoting: Quoting,
    is_greedy: bool,
    regex: Option<String>,
}

impl Binder<'_> {
    /// Adds a column for each key that is looked for in a text.
    pub(super) fn parse_kv(
        &mut self,
        input: Relation,
        expr: &ast::Expr,
        keys: &[ast::ColumnDeclaration],
        parameters: &[ast::OperatorParameter],
        environment: &Environment,
    ) -> Bind<Relation> {
        let syntax = syntax(parameters, expr.span)?;
        let text = self.scalar(expr, row_of(&input, environment))?;
        let text = self.cast(text, Type::String)?;
        let names = keys.iter().map(|key| key.name.name.clone()).collect();
        let reader = PairReader::new(syntax, names).map_err(|reason| {
            let message = format!("regular expression of `parse-kv` is wrong: {reason}");
            Diagnostic::error(codes::BAD_LITERAL, expr.span, message)
        })?;
        let parsed = ParsePairs::new(reader).call(text.expr);
        let (input, parsed) = self.as_columns(input, vec![Typed::new(parsed, Type::Dynamic)])?;
        let Some(parsed) = parsed.into_iter().next() else { return Ok(input) };
        let mut columns: Vec<(String, Typed, bool)> =
            input.columns.iter().map(|column| (column.name.clone(), Typed::column(column), column.hidden)).collect();
        for (index, key) in keys.iter().enumerate() {
            let text = Typed::new(get_field(parsed.expr.clone(), ParsePairs::field(index)), Type::String);
            let value = match column_type(key.ty) {
                Type::Dynamic => self.function_of("parse_json", vec![text], key.name.span)?,
                ty => self.cast(text, ty)?,
            };
            let name = key.name.name.clone();
            match columns.iter_mut().find(|(existing, ..)| *existing == name) {
                Some(existing) => *existing = (name, value, false),
                None => columns.push((name, value, false)),
            }
        }
        self.project(input, columns)
    }
}

/// How the properties say that keys and values stand in the text.
fn syntax(parameters: &[ast::OperatorParameter], span: ast::Span) -> Bind<PairSyntax> {
    let mut properties = Properties::default();
    for parameter in parameters {
        set(&mut properties, parameter)?;
    }
    let Properties { pair, between, quoting, is_greedy, regex } = properties;
    if let Some(regex) = regex {
        return Ok(PairSyntax::Regex(regex));
    }
    match (pair, between) {
        (Some(pair), Some(between)) => Ok(PairSyntax::Delimited { pair, between, is_greedy, quoting }),
        (None, None) => Ok(PairSyntax::Words(quoting)),
        _ => {
            let message = "`pair_delimiter` and `kv_delimiter` are given together or not at all";
            Err(Diagnostic::error(codes::INVALID_USE, span, message).into())
        }
    }
}

fn set(properties: &mut Properties, parameter: &ast::OperatorParameter) -> Bind<()> {
    let name = parameter.name.name.as_str();
    if name == "greedy" {
        let ExprKind::Literal(Literal::Bool(Some(value))) = &parameter.value.kind else {
            return Err(wrong_value(parameter, "`true` or `false`"));
        };
        properties.is_greedy = *value;
        return Ok(());
    }
    let ExprKind::Literal(Literal::String(text)) = &parameter.value.kind else {
        return Err(wrong_value(parameter, "a string"));
    };
    let chars: Vec<char> = text.chars().collect();
    match (name, chars.as_slice()) {
        ("pair_delimiter" | "kv_delimiter", []) => return Err(wrong_value(parameter, "a string that is not empty")),
        ("pair_delimiter", _) => properties.pair = Some(text.clone()),
        ("kv_delimiter", _) => properties.between = Some(text.clone()),
        ("quote", [both]) => properties.quoting.quotes.push((*both, *both)),
        ("quote", [open, close]) => properties.quoting.quotes.push((*open, *close)),
        ("quote", _) => return Err(wrong_value(parameter, "one or two characters")),
        ("escape", [escape]) => properties.quoting.escapes.push(*escape),
        ("escape", _) => return Err(wrong_value(parameter, "one character")),
        ("regex", _) => properties.regex = Some(text.clone()),
        _ => {
            let known = ["pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex"];
            let span = parameter.name.span;
            return Err(codes::unknown(codes::INVALID_USE, span, "property of `parse-kv`", name, known).into());
        }
    }
    Ok(())
}

fn wrong_value(parameter: &ast::OperatorParameter, wanted: &str) -> crate::binder::Stop {
    let message = format!("`{}` takes {wanted}", parameter.name.name);
    Diagnostic::error(codes::INVALID_USE, parameter.value.span, message).into()
}
