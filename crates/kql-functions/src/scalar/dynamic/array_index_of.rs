//! `array_index_of`: the place of a value, -1 when it is not there.

use crate::Type::{Dynamic, Long};
use crate::column::{Strings, long_results, longs, result_rows};
use crate::definition::Definition;
use crate::dynamic::{Kind, compact, elements, kind};
use crate::signature::{any, fixed};

pub(super) static ARRAY_INDEX_OF: Definition = Definition::new(
    "array_index_of",
    |args| fixed(&any(args, &[1]), &[Dynamic, Dynamic, Long, Long, Long], 2, Long),
    |args, _, ctx| {
        let (arrays, wanted) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let options: Vec<_> = args[2..].iter().map(longs).collect();
        long_results(result_rows(args, ctx), |row| {
            let option = |at: usize, default| options.get(at).map_or(Some(default), |column| column.get(row));
            let json = arrays.get(row).filter(|json| kind(json) == Kind::Array)?;
            find(json, wanted.get(row).unwrap_or("null"), option(0, 0)?, option(1, -1)?, option(2, 1)?)
        })
    },
);

fn find(array: &str, wanted: &str, start: i64, length: i64, occurrence: i64) -> Option<i64> {
    let wanted = compact(wanted);
    let count = i64::try_from(elements(array).count()).ok()?;
    let start = if start < 0 { (count + start).max(0) } else { start };
    let end = if length < 0 { count } else { start.saturating_add(length) };
    let mut places =
        (0..).zip(elements(array)).filter(|(at, item)| (start..end).contains(at) && is_same(item, &wanted));
    let skipped = usize::try_from(occurrence).ok()?.checked_sub(1)?;
    Some(places.nth(skipped).map_or(-1, |(at, _)| at))
}

/// Numbers are the same by value: `15` and `15.0`.
fn is_same(item: &str, wanted: &str) -> bool {
    if kind(item) == Kind::Number && kind(wanted) == Kind::Number {
        let number = |json: &str| json.trim().parse::<f64>().ok();
        return item.trim() == wanted || item.contains('.') != wanted.contains('.') && number(item) == number(wanted);
    }
    compact(item) == wanted
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn places_count_from_zero() {
        let words = || json(r#"["this", "is", "an", "example", "an", "example"]"#);
        check("array_index_of", &[words(), text("an")], Long(2));
        check("array_index_of", &[json("[5, 15]"), json("15.0")], Long(1));
        check("array_index_of", &[words(), text("word")], Long(-1));
        check("array_index_of", &[words(), text("an"), Long(3)], Long(4));
        check("array_index_of", &[words(), text("an"), Long(-3)], Long(4));
        check("array_index_of", &[words(), text("an"), Long(0), Long(-1), Long(2)], Long(4));
        check("array_index_of", &[json("[1,2]"), Long(2)], Long(1));
        check("array_index_of", &[json("1"), Long(2)], Value::Null(Type::Long));
    }
}
