//! `tostring`, `tolong`, `todatetime`, …: what does not convert gives null.

use arrow::array::ArrayRef;

use crate::definition::Definition;
use crate::signature::{refuse, unchanged};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, convert};

pub(super) static TOSTRING: Definition = Definition::new("tostring", |args| to(args, Type::String), cast);
pub(super) static TOBOOL: Definition =
    Definition::new("tobool", |args| to(args, Type::Bool), cast).alias(&["toboolean"]);
pub(super) static TOINT: Definition = Definition::new("toint", |args| to(args, Type::Int), cast);
pub(super) static TOLONG: Definition = Definition::new("tolong", |args| to(args, Type::Long), cast);
pub(super) static TOREAL: Definition =
    Definition::new("toreal", |args| to(args, Type::Real), cast).alias(&["todouble"]);
pub(super) static TODECIMAL: Definition = Definition::new("todecimal", |args| to(args, Type::Decimal), cast);
pub(super) static TODATETIME: Definition = Definition::new("todatetime", |args| to(args, Type::DateTime), cast);
pub(super) static TOTIMESPAN: Definition =
    Definition::new("totimespan", |args| to(args, Type::TimeSpan), cast).alias(&["totime"]);
pub(super) static TOGUID: Definition = Definition::new("toguid", |args| to(args, Type::Guid), cast);

fn to(args: &[ArgumentInfo], result: Type) -> Result<Resolved, FunctionError> {
    let resolved = unchanged(args, 1, 1, result)?;
    let is_text = matches!(args[0].ty, Type::String | Type::Dynamic);
    if result == Type::Guid && !is_text { Err(refuse(0, "string or dynamic", args[0].ty)) } else { Ok(resolved) }
}

fn cast(args: &[Arg], resolved: &Resolved, _: &EvalContext) -> ArrayRef {
    convert::cast(args[0].array(), resolved.parameters[0], resolved.result)
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, span, text, time};
    use crate::{Type, Value};

    #[test]
    fn conversions_give_null_instead_of_errors() {
        check("tostring", &[Value::Null(Type::Long)], text(""));
        check("tostring", &[json(r#"{"a": [1, "b"]}"#)], text(r#"{"a":[1,"b"]}"#));
        check("tostring", &[time("2024-01-02")], text("2024-01-02T00:00:00.0000000Z"));
        check("tobool", &[text(" true")], Value::Null(Type::Bool));
        check("toint", &[text("0x1F")], Value::Int(31));
        check("todouble", &[text("1_000")], Value::Null(Type::Real));
        check("toreal", &[json("1")], Value::Real(1.0));
        check("tolong", &[span("1d")], Value::Long(864_000_000_000));
        check("todatetime", &[text("12-02-2022")], time("2022-12-02"));
        check("todatetime", &[text("x")], Value::Null(Type::DateTime));
        check("totimespan", &[text("0.00:01:00")], span("1m"));
        check("todecimal", &[text("1.5")], Value::Decimal(150_000_000_000_000_000));
        check(
            "toguid",
            &[text("70FC66F7-8279-44FC-9092-D364D70FCE44")],
            Value::Guid("70fc66f7-8279-44fc-9092-d364d70fce44".to_owned()),
        );
    }
}
