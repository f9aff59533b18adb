//! What a part of a plan's filter looks for in texts, as plain data for whoever stores them.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::ScalarFunction;
use kql_functions::Type;
use kql_functions::string_ops::{Sought, StringOp};

use crate::functions::any_text::AnyText;
use crate::functions::kernel::{Kernel, KernelUdf};

/// A search for constant texts: a row passes only if one of the columns has in it what is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSearch {
    /// The columns' names in the stored table. A dynamic column is searched as it is printed.
    pub columns: Vec<String>,
    /// What is looked for.
    pub sought: Sought,
}

/// The search that a filter is: an operator of KQL over stored columns and constants, not negated. `None` for anything else.
pub fn text_search(filter: &Expr) -> Option<PlannedSearch> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = filter else { return None };
    let inner = func.inner();
    if let Some(any) = inner.downcast_ref::<AnyText>() {
        let (needle, texts) = args.split_first()?;
        return planned(any.op(), texts, needle);
    }
    let Kernel::Text { op } = inner.downcast_ref::<KernelUdf>()?.kernel() else { return None };
    let [text, needle] = args.as_slice() else { return None };
    planned(op, std::slice::from_ref(text), needle)
}

fn planned(op: StringOp, texts: &[Expr], needle: &Expr) -> Option<PlannedSearch> {
    let columns: Vec<String> = texts.iter().map(searched_column).collect::<Option<_>>()?;
    Some(PlannedSearch { columns, sought: Sought::of(op, constant(needle)?)? })
}

/// The column whose stored text is searched, as it is or as a dynamic is printed.
fn searched_column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Column(column) => Some(column.name.clone()),
        Expr::Alias(alias) => searched_column(&alias.expr),
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let kernel = func.inner().downcast_ref::<KernelUdf>()?.kernel();
            match (kernel, args.as_slice()) {
                (Kernel::Cast { from: Type::Dynamic, to: Type::String }, [Expr::Column(column)]) => {
                    Some(column.name.clone())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn constant(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(ScalarValue::Utf8View(Some(text)) | ScalarValue::Utf8(Some(text)), _) => Some(text),
        _ => None,
    }
}
