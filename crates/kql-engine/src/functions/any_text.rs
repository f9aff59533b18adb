//! A text operator over several columns at once: whether one of them fits.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::kernels::boolean::or;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use kql_functions::string_ops::{StringOp, TextSearches, eval_string_op};
use kql_functions::{Arg, Type};

use super::kql_scalar::kernel_arg;

/// `* has "x"`: the first argument is the text looked for, the others are the texts it is looked for in.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct AnyText {
    /// Not negated.
    op: StringOp,
    /// What the searches keep between batches; it never changes an answer.
    searches: TextSearches,
    signature: Signature,
}

impl AnyText {
    /// The function; a negation of `op` is ignored.
    pub fn new(op: StringOp) -> Self {
        let op = StringOp { is_negated: false, ..op };
        Self { op, searches: TextSearches::default(), signature: Signature::variadic_any(Volatility::Immutable) }
    }

    /// What it looks for.
    pub fn op(&self) -> StringOp {
        self.op
    }

    /// The call as a plan expression.
    pub fn call(self, needle: Expr, texts: Vec<Expr>) -> Expr {
        let mut args = vec![needle];
        args.extend(texts);
        ScalarUDF::from(self).call(args)
    }
}

impl ScalarUDFImpl for AnyText {
    fn name(&self) -> &str {
        "kql_any_text"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(format!("kql_any_text[{:?}]({})", self.op, args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let Some((needle, texts)) = args.args.split_first() else {
            return Ok(ColumnarValue::Scalar(false.into()));
        };
        let needle = kernel_arg(needle, Type::String)?;
        let mut found = BooleanArray::from(vec![false; rows]);
        for text in texts {
            let hits = match kernel_arg(text, Type::String)? {
                Arg::Scalar(one) if !matches!(needle, Arg::Array(_)) => {
                    let hit = eval_string_op(self.op, &Arg::Scalar(one), &needle, 1);
                    BooleanArray::from(vec![!hit.is_empty() && hit.value(0); rows])
                }
                text => self.searches.eval(self.op, &text, &needle, rows, false),
            };
            found = or(&found, &hits)?;
            if found.true_count() == rows {
                break;
            }
        }
        Ok(ColumnarValue::Array(Arc::new(found) as ArrayRef))
    }
}
