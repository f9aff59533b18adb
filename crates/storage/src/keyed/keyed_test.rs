//! The functions that mark a test in plans.

use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// What a test is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TestFor {
    /// A column of the scan says what it gave.
    Column,
    /// It may choose the rows of which the other columns are read.
    Rows,
}

/// A test of one text as it is: what a file does not give as keys is tested row by row.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyedTest {
    is_for: TestFor,
    signature: Signature,
}

impl KeyedTest {
    pub(crate) fn new(is_for: TestFor) -> Self {
        Self { is_for, signature: Signature::exact(vec![DataType::Boolean], Volatility::Immutable) }
    }

    pub(crate) fn is_for(&self) -> TestFor {
        self.is_for
    }
}

impl ScalarUDFImpl for KeyedTest {
    fn name(&self) -> &str {
        match self.is_for {
            TestFor::Column => "keyed_test",
            TestFor::Rows => "keyed_rows",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match <[ColumnarValue; 1]>::try_from(args.args) {
            Ok([test]) => Ok(test),
            Err(args) => exec_err!("`{}` is of one test, not {}", self.name(), args.len()),
        }
    }
}
