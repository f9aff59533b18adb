//! `array_sum`: null when an element is no number.

use crate::Type::{Dynamic, Real};
use crate::column::{Strings, real_results, result_rows};
use crate::definition::Definition;
use crate::dynamic::{Kind, elements, kind};
use crate::number;
use crate::signature::fixed;

pub(super) static ARRAY_SUM: Definition = Definition::new(
    "array_sum",
    |args| fixed(args, &[Dynamic], 1, Real),
    |args, _, ctx| {
        let arrays = Strings::of(&args[0]);
        real_results(result_rows(args, ctx), |row| {
            let json = arrays.get(row).filter(|json| kind(json) == Kind::Array)?;
            elements(json).map(|item| number::parse_real(item.trim())).sum()
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Real};

    #[test]
    fn numbers_are_added() {
        check("array_sum", &[json("[1,2,3.5]")], Real(6.5));
        check("array_sum", &[json("[]")], Real(0.0));
        check("array_sum", &[json("[1,\"a\"]")], Value::Null(Type::Real));
    }
}
