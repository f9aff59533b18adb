//! `evaluate`: plugins.

use kql_functions::dynamic::{Kind, Step, entries, kind, unquote};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::{Row, column_type};
use crate::functions::json_path::JsonPath;
use crate::scope::Relation;
use crate::typed::Typed;

/// Most columns that `bag_unpack` makes.
const MAX_UNPACKED: usize = 1_000;

/// What is in the parentheses of `bag_unpack`.
struct Unpacking {
    column: String,
    prefix: String,
    conflict: String,
    ignored: Vec<String>,
}

impl Binder<'_> {
    /// Calls a plugin.
    pub(super) fn evaluate(
        &mut self,
        input: Relation,
        call: &ast::Expr,
        schema: Option<&[ast::ColumnDeclaration]>,
        span: ast::Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let ExprKind::Call { name, args } = &call.kind else {
            let message = "`evaluate` takes the call of a plugin";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        };
        match name.name.as_str() {
            "bag_unpack" => {
                let unpacking = self.unpacking(&input, args, call.span, environment)?;
                self.bag_unpack(input, &unpacking, schema, call.span)
            }
            "pivot" => self.pivot(input, args, call.span, environment),
            other => {
                let what = format!("evaluate {other}");
                Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, name.span, &what).into())
            }
        }
    }

    fn unpacking(
        &mut self,
        input: &Relation,
        args: &[ast::Argument],
        span: ast::Span,
        environment: &Environment,
    ) -> Bind<Unpacking> {
        let Some((first, rest)) = args.split_first() else {
            let message = "`bag_unpack` takes a column";
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, span, message).into());
        };
        let bag = self.scalar(&first.value, Row::new(&input.columns, environment))?;
        let column = match &first.value.kind {
            ExprKind::Name(name) if bag.ty == Type::Dynamic => name.clone(),
            _ => {
                let message = "`bag_unpack` takes a dynamic column";
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, first.value.span, message).into());
            }
        };
        let mut found = Unpacking { column, prefix: String::new(), conflict: "error".to_owned(), ignored: Vec::new() };
        for (position, arg) in rest.iter().enumerate() {
            let name = arg.name.as_ref().map_or("", |name| name.name.as_str());
            let value = self.scalar_alone(&arg.value, environment)?;
            let text = value.as_text().unwrap_or_default().to_owned();
            match (name, position) {
                ("columnsConflict", _) | ("", 1) => found.conflict = text,
                ("ignoredProperties", _) | ("", 2) => found.ignored = texts(&value),
                _ => found.prefix = text,
            }
        }
        Ok(found)
    }

    /// A column for each property of a bag, behind the other columns, in the order of the alphabet.
    fn bag_unpack(
        &mut self,
        input: Relation,
        unpacking: &Unpacking,
        schema: Option<&[ast::ColumnDeclaration]>,
        span: ast::Span,
    ) -> Bind<Relation> {
        if let Some(schema) = schema {
            return self.unpack_declared(input, unpacking, schema);
        }
        let answer = self.ask(input)?;
        let Some(at) = answer.columns.iter().position(|column| column.name == unpacking.column) else {
            let message = format!("column `{}` is hidden", unpacking.column);
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        };
        let mut properties: std::collections::BTreeMap<String, Option<Type>> = std::collections::BTreeMap::new();
        for value in answer.values(at) {
            let Value::Dynamic(json) = value else { continue };
            for (name, json) in entries(&json) {
                let name = unquote(name).into_owned();
                if unpacking.ignored.contains(&name) {
                    continue;
                }
                let ty = slot_type(json);
                properties.entry(name).and_modify(|known| *known = merged(*known, ty)).or_insert(ty);
            }
        }
        if properties.len() > MAX_UNPACKED {
            let message = format!("`bag_unpack` would make more than {MAX_UNPACKED} columns");
            return Err(Diagnostic::error("KQL302", span, message).into());
        }
        let relation = answer.relation()?;
        let wanted = properties.into_iter().map(|(name, ty)| (name, ty.unwrap_or(Type::Dynamic))).collect();
        self.unpacked(relation, unpacking, wanted, span)
    }

    fn unpacked(
        &mut self,
        relation: Relation,
        unpacking: &Unpacking,
        properties: Vec<(String, Type)>,
        span: ast::Span,
    ) -> Bind<Relation> {
        let Some(bag) = relation.column(&unpacking.column).cloned() else { return Ok(relation) };
        let mut columns: Vec<(String, Typed, bool)> = relation
            .columns
            .iter()
            .filter(|column| column.name != unpacking.column)
            .map(|column| (column.name.clone(), Typed::column(column), column.hidden))
            .collect();
        for (property, ty) in properties {
            let name = format!("{}{property}", unpacking.prefix);
            let value = Typed::new(JsonPath::call(Step::Key(property), bag.expr()), Type::Dynamic);
            let value = self.cast(value, ty)?;
            match (columns.iter_mut().find(|(existing, ..)| *existing == name), unpacking.conflict.as_str()) {
                (None, _) => columns.push((name, value, false)),
                (Some(existing), "replace_source") => *existing = (name, value, false),
                (Some(_), "keep_source") => {}
                (Some(_), _) => {
                    let message = format!("property `{name}` is the name of a column, too");
                    let hint = "say `columnsConflict='replace_source'` or `'keep_source'`";
                    return Err(Diagnostic::error(codes::DUPLICATE_NAME, span, message).with_hint(hint).into());
                }
            }
        }
        self.project(relation, columns)
    }

    fn unpack_declared(
        &mut self,
        input: Relation,
        unpacking: &Unpacking,
        schema: &[ast::ColumnDeclaration],
    ) -> Bind<Relation> {
        let Some(bag) = input.column(&unpacking.column).cloned() else { return Ok(input) };
        let mut columns = Vec::new();
        for column in schema {
            let name = &column.name.name;
            let ty = column_type(column.ty);
            let value = match input.column(name) {
                Some(existing) => Typed::column(existing),
                None => {
                    let property = name.strip_prefix(&unpacking.prefix).unwrap_or(name).to_owned();
                    Typed::new(JsonPath::call(Step::Key(property), bag.expr()), Type::Dynamic)
                }
            };
            let value = self.cast(value, ty)?;
            columns.push((name.clone(), value, false));
        }
        self.project(input, columns)
    }
}

/// The type of a property's value; nothing for null.
fn slot_type(json: &str) -> Option<Type> {
    match kind(json) {
        Kind::Null => None,
        Kind::Bool => Some(Type::Bool),
        Kind::Number if json.trim().parse::<i64>().is_ok() => Some(Type::Long),
        Kind::Number => Some(Type::Real),
        Kind::String => Some(Type::String),
        Kind::Array | Kind::Bag => Some(Type::Dynamic),
    }
}

fn merged(a: Option<Type>, b: Option<Type>) -> Option<Type> {
    match (a, b) {
        (None, ty) | (ty, None) => ty,
        (Some(a), Some(b)) if a == b => Some(a),
        (Some(Type::Long | Type::Real), Some(Type::Long | Type::Real)) => Some(Type::Real),
        _ => Some(Type::Dynamic),
    }
}

/// The texts of a constant array.
fn texts(value: &Typed) -> Vec<String> {
    match &value.constant {
        Some(Value::Dynamic(json)) => {
            kql_functions::dynamic::elements(json).map(|json| unquote(json).into_owned()).collect()
        }
        _ => Vec::new(),
    }
}
