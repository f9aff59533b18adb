//! Tables whose columns only data tell: what `bag_unpack` and `pivot` give without a declared schema.
//!
//! While a query is only checked there are no data, so any name may be one of their columns. Such a table carries one
//! hidden column a type; where an operator names a column that it lacks, that column is taken for one of these.

use kql_functions::Type;
use kql_syntax::Operator;

use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::{Relation, ScopeColumn};

/// Begins the names of the hidden columns; no column of a query begins so.
const HIDDEN_PREFIX: &str = "\u{0}open:";
/// What a column of unknown type may be, likeliest first.
const TYPES: [Type; 10] = [
    Type::Dynamic,
    Type::String,
    Type::Long,
    Type::DateTime,
    Type::TimeSpan,
    Type::Bool,
    Type::Real,
    Type::Int,
    Type::Guid,
    Type::Decimal,
];
/// How often one operator is bound again because it names further columns.
const MAX_ROUNDS: usize = 8;

impl Binder<'_> {
    /// The hidden columns that say that there may be more columns.
    pub(crate) fn open_columns(&mut self) -> Vec<ScopeColumn> {
        TYPES
            .into_iter()
            .map(|ty| {
                let name = format!("{HIDDEN_PREFIX}{}", ty.name());
                ScopeColumn { hidden: true, ..self.new_column(&name, ty) }
            })
            .collect()
    }

    /// Binds an operator whose input may have columns that are not known yet.
    pub(crate) fn operator(&mut self, stage: &Operator, input: Relation, environment: &Environment) -> Bind<Relation> {
        if !self.is_check || !input.is_open() {
            let outer = std::mem::replace(&mut self.has_open_input, false);
            let bound = self.known_operator(stage, input, environment);
            self.has_open_input = outer;
            return bound;
        }
        let outer = std::mem::replace(&mut self.has_open_input, true);
        let bound = self.open_operator(stage, input, environment);
        self.has_open_input = outer;
        bound
    }

    fn open_operator(&mut self, stage: &Operator, mut input: Relation, environment: &Environment) -> Bind<Relation> {
        let mut last = self.known_operator(stage, input.clone(), environment);
        for _ in 0..MAX_ROUNDS {
            let Err(Stop::Invalid(problems)) = &last else { return last };
            if !input.open_up(problems.iter().filter_map(codes::unknown_name)) {
                break;
            }
            last = self.known_operator(stage, input.clone(), environment);
        }
        if last.is_err() {
            for ty in &TYPES[1..] {
                let typed = self.known_operator(stage, input.with_open_type(*ty), environment);
                if typed.is_ok() {
                    return typed;
                }
            }
        }
        last
    }
}

impl Relation {
    /// Whether there may be columns that only data tell.
    pub(crate) fn is_open(&self) -> bool {
        self.columns.iter().any(is_hidden_open)
    }

    /// Adds a column for each of these names that is none yet; whether it added any.
    fn open_up<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> bool {
        let Some(any) = self.columns.iter().find(|column| is_hidden_open(column)).cloned() else { return false };
        let before = self.columns.len();
        for name in names {
            if self.column(name).is_none() {
                self.columns.push(ScopeColumn { name: name.to_owned(), hidden: false, ..any.clone() });
            }
        }
        self.columns.len() > before
    }

    /// The same table with another type of the columns that were opened up.
    fn with_open_type(&self, ty: Type) -> Self {
        let mut relation = self.clone();
        let Some(of_type) = self.columns.iter().find(|column| is_hidden_open(column) && column.ty == ty) else {
            return relation;
        };
        let opened: Vec<&str> =
            self.columns.iter().filter(|column| is_hidden_open(column)).map(|c| c.plan_name.as_str()).collect();
        for column in &mut relation.columns {
            if !is_hidden_open(column) && opened.contains(&column.plan_name.as_str()) {
                *column = ScopeColumn { name: column.name.clone(), hidden: column.hidden, ..of_type.clone() };
            }
        }
        relation
    }
}

fn is_hidden_open(column: &ScopeColumn) -> bool {
    column.hidden && column.name.starts_with(HIDDEN_PREFIX)
}
