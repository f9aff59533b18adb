//! `join` and `lookup`.

use std::collections::HashSet;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::functions_aggregate::expr_fn::first_value;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use kql_functions::Type;
use kql_syntax::{self as ast, BinaryOp, Diagnostic, ExprKind, JoinCondition, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::Row;
use crate::naming::Names;
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::{Typed, or_empty};

/// What a kind of join does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    join: JoinType,
    /// The left side keeps one row of each key.
    unique_left: bool,
}

fn kind_of(name: &str) -> Option<Kind> {
    let join = match name {
        "innerunique" | "inner" => JoinType::Inner,
        "leftouter" => JoinType::Left,
        "rightouter" => JoinType::Right,
        "fullouter" => JoinType::Full,
        "leftsemi" => JoinType::LeftSemi,
        "rightsemi" => JoinType::RightSemi,
        "leftanti" | "anti" | "leftantisemi" => JoinType::LeftAnti,
        "rightanti" | "rightantisemi" => JoinType::RightAnti,
        _ => return None,
    };
    Some(Kind { join, unique_left: name == "innerunique" })
}

/// Whether a join has one row of each key of its left side only.
pub(super) fn keeps_one_left_row(parameters: &[ast::OperatorParameter]) -> bool {
    join_kind(parameters, "innerunique", Span::default()).is_ok_and(|kind| kind.unique_left)
}

/// What a join was given beside its left side.
#[derive(Clone, Copy)]
pub(super) struct JoinParts<'a> {
    /// `kind=` and hints.
    pub parameters: &'a [ast::OperatorParameter],
    /// The right side.
    pub right: &'a ast::Expr,
    /// The keys.
    pub on: &'a [JoinCondition],
    /// All of it.
    pub span: Span,
}

/// A pair of keys, the left and the right one.
type KeyPair = (Typed, Typed);

impl Binder<'_> {
    /// Combines the rows of two tables that agree on keys.
    pub(super) fn join(&mut self, left: Relation, parts: JoinParts<'_>, environment: &Environment) -> Bind<Relation> {
        let JoinParts { parameters, right, on, span } = parts;
        let kind = join_kind(parameters, "innerunique", span)?;
        let right = self.table(right, environment)?;
        let right = self.renamed(&right)?;
        let keys = self.join_keys(&left, &right, on, span, environment)?;
        let (left, right, keys) = self.keyed(left, right, keys)?;
        let left = if kind.unique_left { self.one_row_per_key(left, &keys)? } else { left };
        self.joined(left, right, keys, kind.join, false)
    }

    /// Adds columns of a small table; the keys of the right side are left out.
    pub(super) fn lookup(&mut self, left: Relation, parts: JoinParts<'_>, environment: &Environment) -> Bind<Relation> {
        let JoinParts { parameters, right, on, span } = parts;
        let kind = join_kind(parameters, "leftouter", span)?;
        if !matches!(kind.join, JoinType::Left | JoinType::Inner) || kind.unique_left {
            let message = "`lookup` is of kind `leftouter` or `inner`";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        }
        let right = self.table(right, environment)?;
        let right = self.renamed(&right)?;
        let keys = self.join_keys(&left, &right, on, span, environment)?;
        let (left, right, keys) = self.keyed(left, right, keys)?;
        self.joined(left, right, keys, kind.join, true)
    }

    fn join_keys(
        &mut self,
        left: &Relation,
        right: &Relation,
        on: &[JoinCondition],
        span: Span,
        environment: &Environment,
    ) -> Bind<Vec<KeyPair>> {
        let mut keys = Vec::new();
        for condition in on {
            match condition {
                JoinCondition::Column(name) => keys.push(self.shared_key(left, right, name)?),
                JoinCondition::Expr(expr) => self.key_pairs(left, right, expr, environment, &mut keys)?,
            }
        }
        if keys.is_empty() {
            return Err(Diagnostic::error(codes::INVALID_USE, span, "join has no keys").into());
        }
        Ok(keys)
    }

    fn shared_key(&mut self, left: &Relation, right: &Relation, name: &ast::Ident) -> Bind<KeyPair> {
        let pair = (self.key_of_side(left, "left", name)?, self.key_of_side(right, "right", name)?);
        self.checked_pair(pair, name.span)
    }

    fn key_of_side(&mut self, relation: &Relation, side: &str, name: &ast::Ident) -> Bind<Typed> {
        if let Some(column) = relation.column(&name.name) {
            return Ok(Typed::column(column));
        }
        if let Some(marker) = relation.open_marker() {
            return Ok(self.inferred_column(marker, &name.name));
        }
        let known = relation.columns.iter().map(|column| column.name.as_str());
        let what = format!("column of the {side} side");
        Err(codes::unknown(codes::UNKNOWN_NAME, name.span, &what, &name.name, known).into())
    }

    /// `$left.a == $right.b and ..`.
    fn key_pairs(
        &mut self,
        left: &Relation,
        right: &Relation,
        expr: &ast::Expr,
        environment: &Environment,
        keys: &mut Vec<KeyPair>,
    ) -> Bind<()> {
        match &expr.kind {
            ExprKind::List(items) if items.len() == 1 => self.key_pairs(left, right, &items[0], environment, keys),
            ExprKind::Binary { op: BinaryOp::And, left: a, right: b, .. } => {
                self.key_pairs(left, right, a, environment, keys)?;
                self.key_pairs(left, right, b, environment, keys)
            }
            ExprKind::Binary { op: BinaryOp::Equal, left: a, right: b, .. } => {
                let row = Row { right: Some(&right.columns), ..Row::new(&left.columns, environment) };
                let (a, b) = (self.scalar(a, row)?, self.scalar(b, row)?);
                let pair = match (side_of(&a, left), side_of(&b, left)) {
                    (true, false) => (a, b),
                    (false, true) => (b, a),
                    _ => {
                        let message = "a join condition compares a column of each side";
                        let hint = "write `$left.a == $right.b`";
                        return Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).with_hint(hint).into());
                    }
                };
                keys.push(self.checked_pair(pair, expr.span)?);
                Ok(())
            }
            ExprKind::Name(name) => {
                let ident = ast::Ident { name: name.clone(), span: expr.span };
                keys.push(self.shared_key(left, right, &ident)?);
                Ok(())
            }
            _ => {
                let message = "join conditions are equalities of columns";
                Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).into())
            }
        }
    }

    /// Keys in one type and form.
    fn checked_pair(&mut self, (left, right): KeyPair, span: Span) -> Bind<KeyPair> {
        for key in [&left, &right] {
            if key.ty == Type::Dynamic && key.repr != Repr::Unknown {
                let message = "rows cannot be joined by a dynamic value";
                let hint = "cast it first, such as with `tostring(..)`";
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into());
            }
        }
        let is_whole = |ty| matches!(ty, Type::Int | Type::Long);
        let is_unknown = left.repr == Repr::Unknown || right.repr == Repr::Unknown;
        let fits = left.ty == right.ty || is_unknown || is_whole(left.ty) && is_whole(right.ty);
        if !fits {
            let message = format!("keys are of types {} and {}", left.ty.name(), right.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
        }
        let mut pair = self.unified(vec![left, right], span)?;
        for key in &mut pair {
            if key.ty == Type::Real {
                key.expr = super::summarize::one_zero(key.expr.clone());
            }
        }
        match <[Typed; 2]>::try_from(pair) {
            Ok([left, right]) => Ok((left, right)),
            Err(_) => Err(Diagnostic::error(codes::INVALID_USE, span, "join has no keys").into()),
        }
    }

    /// Both sides with their keys as columns.
    fn keyed(
        &mut self,
        left: Relation,
        right: Relation,
        keys: Vec<KeyPair>,
    ) -> Bind<(Relation, Relation, Vec<KeyPair>)> {
        let (lefts, rights): (Vec<Typed>, Vec<Typed>) = keys.into_iter().unzip();
        let (left, lefts) = self.as_columns(left, lefts)?;
        let (right, rights) = self.as_columns(right, rights)?;
        Ok((left, right, lefts.into_iter().zip(rights).collect()))
    }

    /// Some row of each key: which one is not defined.
    fn one_row_per_key(&mut self, left: Relation, keys: &[KeyPair]) -> Bind<Relation> {
        let mut group: Vec<Expr> = Vec::new();
        for (key, _) in keys {
            if !group.contains(&key.expr) {
                group.push(key.expr.clone());
            }
        }
        let mut firsts = Vec::new();
        let mut columns = Vec::new();
        for column in &left.columns {
            let expr = column.expr();
            if group.contains(&expr) {
                columns.push(column.clone());
                continue;
            }
            let plan_name = self.unique(&column.name);
            firsts.push(first_value(expr, Vec::new()).alias(plan_name.clone()));
            columns.push(ScopeColumn { plan_name, ..column.clone() });
        }
        let plan = crate::plan::aggregated(left.plan, group, firsts)?;
        Ok(Relation::new(plan, columns))
    }

    fn joined(
        &mut self,
        left: Relation,
        right: Relation,
        keys: Vec<KeyPair>,
        join: JoinType,
        drops_right_keys: bool,
    ) -> Bind<Relation> {
        let column = |typed: &Typed| match &typed.expr {
            Expr::Column(column) => column.clone(),
            other => Column::new_unqualified(other.schema_name().to_string()),
        };
        let on: (Vec<Column>, Vec<Column>) = keys.iter().map(|(a, b)| (column(a), column(b))).unzip();
        let dropped: Vec<String> =
            if drops_right_keys { on.1.iter().map(|c| c.name.clone()).collect() } else { vec![] };
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_detailed(right.plan, join, on, None, NullEquality::NullEqualsNull)?
            .build()?;
        let (left_nullable, right_nullable) = match join {
            JoinType::Left => (false, true),
            JoinType::Right => (true, false),
            JoinType::Full => (true, true),
            _ => (false, false),
        };
        // A number that makes a name unique gives way to the names of both sides.
        let of_both = left.columns.iter().chain(&right.columns).map(|column| column.name.as_str());
        let mut names = Names::taken(of_both);
        let of_left: HashSet<&str> = match join {
            JoinType::RightSemi | JoinType::RightAnti => HashSet::new(),
            _ => left.columns.iter().map(|column| column.name.as_str()).collect(),
        };
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        if !matches!(join, JoinType::RightSemi | JoinType::RightAnti) {
            for column in &left.columns {
                columns.push((column.name.clone(), outer_value(column, left_nullable), column.hidden));
            }
        }
        if !matches!(join, JoinType::LeftSemi | JoinType::LeftAnti) {
            for column in right.columns.iter().filter(|column| !dropped.contains(&column.plan_name)) {
                let is_taken = of_left.contains(column.name.as_str());
                let name = if is_taken { names.numbered(&column.name) } else { column.name.clone() };
                columns.push((name, outer_value(column, right_nullable), column.hidden));
            }
        }
        self.project(Relation::new(plan, Vec::new()), columns)
    }
}

/// A column of a side that may have no row: strings are empty there, not null.
fn outer_value(column: &ScopeColumn, may_be_absent: bool) -> Typed {
    let typed = Typed::column(column);
    if !may_be_absent {
        return typed;
    }
    if column.ty == Type::String {
        return Typed { expr: or_empty(typed.expr), ..typed };
    }
    Typed { nullable: true, ..typed }
}

fn join_kind(parameters: &[ast::OperatorParameter], default: &str, span: Span) -> Bind<Kind> {
    let mut name = default.to_owned();
    for parameter in parameters {
        if parameter.name.name == "kind" {
            name = match &parameter.value.kind {
                ExprKind::Name(name) => name.clone(),
                ExprKind::Literal(ast::Literal::String(name)) => name.clone(),
                _ => String::new(),
            };
        }
    }
    kind_of(&name).ok_or_else(|| {
        let kinds = [
            "inner",
            "innerunique",
            "leftouter",
            "rightouter",
            "fullouter",
            "leftsemi",
            "rightsemi",
            "leftanti",
            "rightanti",
            "anti",
        ];
        codes::unknown(codes::INVALID_USE, span, "kind of join", &name, kinds).into()
    })
}

/// Whether a key is made of columns of the left side.
fn side_of(key: &Typed, left: &Relation) -> bool {
    key.expr.column_refs().iter().any(|column| left.columns.iter().any(|c| c.plan_name == column.name))
}
