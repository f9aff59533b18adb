//! `bag_unpack`: a column for each property of a bag.
//!
//! <https://learn.microsoft.com/kusto/query/bag-unpack-plugin>

use std::collections::BTreeMap;

use kql_functions::dynamic::{Kind, Step, elements, entries, kind, unquote};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use super::{Arguments, PluginCall, Wanted, output_schema};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::json_path::JsonPath;
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

/// Most columns that `bag_unpack` makes.
const MAX_UNPACKED: usize = 1_000;

/// What to do where a property has the name of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conflict {
    Error,
    ReplaceSource,
    KeepSource,
}

/// What is in the parentheses of `bag_unpack`.
struct Unpacking {
    bag: ScopeColumn,
    prefix: String,
    conflict: Conflict,
    ignored: Vec<String>,
    span: ast::Span,
}

impl Binder<'_> {
    /// A column for each property of a bag, behind the other columns, in the order of the alphabet.
    pub(super) fn bag_unpack(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let unpacking = self.unpacking(&input, call)?;
        match call.schema {
            Some(schema) => self.unpack_declared(input, &unpacking, schema),
            None => self.unpack_found(input, &unpacking),
        }
    }

    fn unpacking(&mut self, input: &Relation, call: &PluginCall<'_>) -> Bind<Unpacking> {
        let mut args = Arguments::new(call);
        let bag = args.column("column", input, Wanted::DYNAMIC)?;
        let prefix = args.optional_constant(self, "OutputColumnPrefix", Wanted::STRING)?;
        let conflict = match args.optional("columnsConflict") {
            Some(expr) => {
                let value = args.constant_of(self, expr, "columnsConflict", Wanted::STRING)?;
                conflict(&value, expr.span)?
            }
            None => Conflict::Error,
        };
        let ignored = args.optional_constant(self, "ignoredProperties", Wanted::DYNAMIC)?;
        args.finish()?;
        Ok(Unpacking {
            bag,
            prefix: prefix.as_ref().map(text).unwrap_or_default(),
            conflict,
            ignored: ignored.as_ref().map(texts).unwrap_or_default(),
            span: call.span,
        })
    }

    fn unpack_found(&mut self, input: Relation, unpacking: &Unpacking) -> Bind<Relation> {
        let name = &unpacking.bag.name;
        if self.is_check {
            return self.unpack_unknown(input, name);
        }
        let answer = self.ask(shown(input, name))?;
        let Some(at) = answer.columns.iter().position(|column| column.name == *name) else {
            let message = format!("no column is named `{name}`");
            return Err(Diagnostic::error(codes::UNKNOWN_NAME, unpacking.span, message).into());
        };
        let mut properties: BTreeMap<String, Option<Type>> = BTreeMap::new();
        for value in answer.values(at) {
            let Value::Dynamic(json) = value else { continue };
            for (property, json) in entries(&json) {
                let property = unquote(property);
                if unpacking.ignored.iter().any(|ignored| *ignored == property) {
                    continue;
                }
                let ty = slot_type(json);
                match properties.get_mut(property.as_ref()) {
                    Some(known) => *known = merged(*known, ty),
                    None => {
                        properties.insert(property.into_owned(), ty);
                    }
                }
            }
            if properties.len() > MAX_UNPACKED {
                let message = format!("`bag_unpack` would make more than {MAX_UNPACKED} columns");
                let hint = "declare those you need: `: (*, Name:string)`";
                return Err(Diagnostic::error(codes::TOO_MANY, unpacking.span, message).with_hint(hint).into());
            }
        }
        let relation = answer.relation()?;
        let wanted = properties.into_iter().map(|(name, ty)| (name, ty.unwrap_or(Type::Dynamic))).collect();
        self.unpacked(relation, unpacking, wanted)
    }

    /// The columns of the input but the bag, and whatever properties the bags may have.
    fn unpack_unknown(&mut self, input: Relation, bag: &str) -> Bind<Relation> {
        let mut answer = self.ask(input)?;
        answer.columns.retain(|column| column.name != bag);
        if !answer.columns.iter().any(|column| column.hidden) {
            answer.columns.extend(self.open_columns());
        }
        Ok(answer.relation()?)
    }

    fn unpacked(
        &mut self,
        relation: Relation,
        unpacking: &Unpacking,
        properties: Vec<(String, Type)>,
    ) -> Bind<Relation> {
        let Some(bag) = relation.column(&unpacking.bag.name).cloned() else { return Ok(relation) };
        let mut columns: Vec<(String, Typed, bool)> = relation
            .columns
            .iter()
            .filter(|column| column.name != bag.name)
            .map(|column| (column.name.clone(), Typed::column(column), column.hidden))
            .collect();
        for (property, ty) in properties {
            let name = format!("{}{property}", unpacking.prefix);
            let value = Typed::new(JsonPath::call(Step::Key(property), bag.expr(), |_| false), Type::Dynamic);
            let value = self.cast(value, ty)?;
            match (columns.iter_mut().find(|(existing, ..)| *existing == name), unpacking.conflict) {
                (None, _) => columns.push((name, value, false)),
                (Some(existing), Conflict::ReplaceSource) => *existing = (name, value, false),
                (Some(_), Conflict::KeepSource) => {}
                (Some(_), Conflict::Error) => {
                    let message = format!("property `{name}` is the name of a column, too");
                    let hint = "say `columnsConflict='replace_source'` or `'keep_source'`";
                    let problem = Diagnostic::error(codes::DUPLICATE_NAME, unpacking.span, message);
                    return Err(problem.with_hint(hint).into());
                }
            }
        }
        self.project(relation, columns)
    }

    /// The declared columns: those of the input by their name, others from the bag.
    fn unpack_declared(
        &mut self,
        input: Relation,
        unpacking: &Unpacking,
        schema: &ast::OutputSchema,
    ) -> Bind<Relation> {
        let bag = unpacking.bag.expr();
        let sources: Vec<ScopeColumn> =
            input.visible().filter(|column| column.name != unpacking.bag.name).cloned().collect();
        let known: Vec<(String, Type)> = sources.iter().map(|column| (column.name.clone(), column.ty)).collect();
        let mut columns = Vec::new();
        for (name, ty) in output_schema::declared(schema, &known) {
            let source = sources.iter().find(|column| column.name == name);
            let value = match source {
                Some(existing) if unpacking.conflict != Conflict::ReplaceSource => Typed::column(existing),
                _ => {
                    let property = name.strip_prefix(&unpacking.prefix).unwrap_or(&name).to_owned();
                    Typed::new(JsonPath::call(Step::Key(property), bag.clone(), |_| false), Type::Dynamic)
                }
            };
            let value = if value.ty == ty { value } else { self.cast(value, ty)? };
            columns.push((name, value, false));
        }
        self.project(input, columns)
    }
}

/// The table with that column shown, if it was hidden.
pub(super) fn shown(mut input: Relation, name: &str) -> Relation {
    for column in input.columns.iter_mut().filter(|column| column.name == name) {
        column.hidden = false;
    }
    input
}

fn conflict(value: &Value, span: ast::Span) -> Bind<Conflict> {
    match text(value).as_str() {
        "error" => Ok(Conflict::Error),
        "replace_source" => Ok(Conflict::ReplaceSource),
        "keep_source" => Ok(Conflict::KeepSource),
        other => {
            let message = format!("`{other}` is no way to resolve a conflict of columns");
            let hint = "the ways are `error`, `replace_source` and `keep_source`";
            Err(Diagnostic::error(codes::INVALID_USE, span, message).with_hint(hint).into())
        }
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

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

/// The texts of a constant array.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Dynamic(json) => elements(json).map(|json| unquote(json).into_owned()).collect(),
        _ => Vec::new(),
    }
}
