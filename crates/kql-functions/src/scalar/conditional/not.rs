//! `not`: the opposite; null stays null.

use crate::Type::Bool;
use crate::column::{Bools, bool_results, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static NOT: Definition = Definition::new(
    "not",
    |args| fixed(args, &[Bool], 1, Bool),
    |args, _, ctx| {
        let values = Bools::of(&args[0]);
        bool_results(result_rows(args, ctx), |row| values.get(row).map(|value| !value))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value};

    #[test]
    fn null_has_no_opposite() {
        check("not", &[Value::Bool(true)], Value::Bool(false));
        check("not", &[Value::Null(Type::Bool)], Value::Null(Type::Bool));
    }
}
