//! Whether two plans give the same rows, whatever their columns are called.

use std::collections::HashMap;
use std::mem::discriminant;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::logical_plan::{Aggregate, Join, TableScan, Union};
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::ranged_table::RangedTable;

/// What the columns of one plan are called in the other.
type Names<'p> = HashMap<String, &'p str>;

/// Whether `other` gives the rows of `plan` with the columns in the same order. Plans that are not known to be alike are not.
pub(super) fn is_same(plan: &LogicalPlan, other: &LogicalPlan) -> bool {
    Comparison { names: Names::new() }.plans(plan, other)
}

struct Comparison<'p> {
    names: Names<'p>,
}

impl<'p> Comparison<'p> {
    fn plans(&mut self, one: &'p LogicalPlan, other: &LogicalPlan) -> bool {
        let (inputs, others) = (one.inputs(), other.inputs());
        discriminant(one) == discriminant(other)
            && inputs.len() == others.len()
            && inputs.into_iter().zip(others).all(|(one, other)| self.plans(one, other))
            && self.nodes(one, other)
            && self.outputs(one, other)
    }

    /// The nodes alone.
    fn nodes(&self, one: &LogicalPlan, other: &LogicalPlan) -> bool {
        match (one, other) {
            (LogicalPlan::TableScan(one), LogicalPlan::TableScan(other)) => is_same_scan(one, other),
            (LogicalPlan::Projection(one), LogicalPlan::Projection(other)) => self.all(&one.expr, &other.expr),
            (LogicalPlan::Filter(one), LogicalPlan::Filter(other)) => self.exprs(&one.predicate, &other.predicate),
            (LogicalPlan::Aggregate(one), LogicalPlan::Aggregate(other)) => self.aggregates(one, other),
            (LogicalPlan::Window(one), LogicalPlan::Window(other)) => self.all(&one.window_expr, &other.window_expr),
            (LogicalPlan::Join(one), LogicalPlan::Join(other)) => self.joins(one, other),
            (LogicalPlan::Sort(one), LogicalPlan::Sort(other)) => {
                let is_same_key = |(one, other): (&_, &_)| self.sort_keys(one, other);
                one.fetch == other.fetch
                    && one.expr.len() == other.expr.len()
                    && one.expr.iter().zip(&other.expr).all(is_same_key)
            }
            (LogicalPlan::Limit(one), LogicalPlan::Limit(other)) => one.skip == other.skip && one.fetch == other.fetch,
            (LogicalPlan::Unnest(one), LogicalPlan::Unnest(other)) => {
                let renamed = other.exec_columns.iter().map(|column| self.name(&column.name));
                one.options == other.options
                    && one.list_type_columns.len() == other.list_type_columns.len()
                    && one.exec_columns.iter().map(|column| column.name.as_str()).eq(renamed)
            }
            (LogicalPlan::EmptyRelation(one), LogicalPlan::EmptyRelation(other)) => {
                one.produce_one_row == other.produce_one_row
            }
            (LogicalPlan::Union(Union { .. }), LogicalPlan::Union(Union { .. })) => true,
            _ => false,
        }
    }

    /// Notes what the columns of a node are called, if they are of the same types.
    fn outputs(&mut self, one: &'p LogicalPlan, other: &LogicalPlan) -> bool {
        let (fields, others) = (one.schema().fields(), other.schema().fields());
        let is_alike = fields.len() == others.len()
            && fields
                .iter()
                .zip(others)
                .all(|(one, other)| one.data_type() == other.data_type() && one.is_nullable() == other.is_nullable());
        if is_alike {
            self.names
                .extend(others.iter().zip(fields).map(|(other, one)| (other.name().clone(), one.name().as_str())));
        }
        is_alike
    }

    fn aggregates(&self, one: &Aggregate, other: &Aggregate) -> bool {
        self.all(&one.group_expr, &other.group_expr) && self.all(&one.aggr_expr, &other.aggr_expr)
    }

    fn joins(&self, one: &Join, other: &Join) -> bool {
        let is_same_filter = match (&one.filter, &other.filter) {
            (None, None) => true,
            (Some(one), Some(other)) => self.exprs(one, other),
            _ => false,
        };
        let is_same_key = |((left, right), (other_left, other_right)): (&(Expr, Expr), &(Expr, Expr))| {
            self.exprs(left, other_left) && self.exprs(right, other_right)
        };
        one.join_type == other.join_type
            && one.null_equality == other.null_equality
            && one.on.len() == other.on.len()
            && one.on.iter().zip(&other.on).all(is_same_key)
            && is_same_filter
    }

    fn sort_keys(&self, one: &datafusion::logical_expr::SortExpr, other: &datafusion::logical_expr::SortExpr) -> bool {
        (one.asc, one.nulls_first) == (other.asc, other.nulls_first) && self.exprs(&one.expr, &other.expr)
    }

    fn all(&self, one: &[Expr], other: &[Expr]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.exprs(one, other))
    }

    /// What they are called does not count.
    fn exprs(&self, one: &Expr, other: &Expr) -> bool {
        let (one, other) = (unnamed(one), unnamed(other));
        if discriminant(one) != discriminant(other) {
            return false;
        }
        let renamed = other.clone().transform_up(|part| match part {
            Expr::Column(column) => {
                let name = self.name(&column.name);
                let is_same = name == column.name;
                Ok(if is_same {
                    Transformed::no(Expr::Column(column))
                } else {
                    Transformed::yes(Expr::Column(Column::new(column.relation.clone(), name)))
                })
            }
            part => Ok(Transformed::no(part)),
        });
        renamed.is_ok_and(|renamed| renamed.data == *one)
    }

    fn name<'n>(&'n self, other: &'n str) -> &'n str {
        self.names.get(other).copied().unwrap_or(other)
    }
}

fn unnamed(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unnamed(&alias.expr),
        expr => expr,
    }
}

/// A catalog has one table of a name; what is no stored table must be the very same.
fn is_same_scan(one: &TableScan, other: &TableScan) -> bool {
    let (Ok(provider), Ok(other_provider)) = (source_as_provider(&one.source), source_as_provider(&other.source))
    else {
        return false;
    };
    let is_stored =
        |provider: &dyn datafusion::catalog::TableProvider| provider.downcast_ref::<RangedTable>().is_some();
    let is_same_table = one.table_name == other.table_name && is_stored(&*provider) && is_stored(&*other_provider);
    (is_same_table || Arc::ptr_eq(&provider, &other_provider))
        && one.projection == other.projection
        && one.fetch == other.fetch
        && one.filters == other.filters
}
