//! `strcmp`: -1, 0 or 1 by the order of the texts.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, result_rows};
use crate::definition::Definition;
use crate::signature::{any, fixed};

pub(super) static STRCMP: Definition = Definition::new(
    "strcmp",
    |args| fixed(&any(args, &[0, 1]), &[Text, Text], 2, Long),
    |args, _, ctx| {
        let (left, right) = (Strings::of(&args[0]), Strings::of(&args[1]));
        long_results(result_rows(args, ctx), |row| Some(left.text(row).cmp(right.text(row)) as i64))
    },
);

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn order_is_by_code_point() {
        check("strcmp", &[text("ABC"), text("abc")], Long(-1));
        check("strcmp", &[text("abc"), text("abc")], Long(0));
        check("strcmp", &[text("abcde"), text("abc")], Long(1));
    }
}
