//! `array_length`: null for what is no array.

use crate::Type::{Dynamic, Long};
use crate::column::{Strings, long_results, result_rows};
use crate::definition::Definition;
use crate::dynamic::{Kind, elements, kind};
use crate::signature::fixed;

pub(super) static ARRAY_LENGTH: Definition = Definition::new(
    "array_length",
    |args| fixed(args, &[Dynamic], 1, Long),
    |args, _, ctx| {
        let arrays = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| {
            let json = arrays.get(row).filter(|json| kind(json) == Kind::Array)?;
            i64::try_from(elements(json).count()).ok()
        })
    },
)
.alias(&["arraylength"]);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn only_arrays_have_a_length() {
        check("array_length", &[json("[1, [2, 3], \"a,b\"]")], Long(3));
        check("arraylength", &[json("[]")], Long(0));
        check("array_length", &[json("{\"a\":1}")], Value::Null(Type::Long));
        check("array_length", &[json("\"[1]\"")], Value::Null(Type::Long));
        check("array_length", &[Value::Null(Type::Dynamic)], Value::Null(Type::Long));
    }
}
