//! `strcmp`: -1, 0 or 1 by the order of the texts.

use crate::Type::{Int, String as Text};
use crate::column::{Strings, int_results, result_rows};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static STRCMP: Definition = Definition::new(
    "strcmp",
    |args| fixed(args, &[Text, Text], 2, Int),
    |args, _, ctx| {
        let (left, right) = (Strings::of(&args[0]), Strings::of(&args[1]));
        int_results(result_rows(args, ctx), |row| Some(left.text(row).cmp(right.text(row)) as i32))
    },
);

#[cfg(test)]
mod tests {
    use crate::Value::Int;
    use crate::scalar::testing::{check, text};

    #[test]
    fn order_is_by_code_point() {
        check("strcmp", &[text("ABC"), text("abc")], Int(-1));
        check("strcmp", &[text("abc"), text("abc")], Int(0));
        check("strcmp", &[text("abcde"), text("abc")], Int(1));
    }
}
