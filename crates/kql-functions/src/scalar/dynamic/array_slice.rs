//! `array_slice` and `array_split`: parts of an array by places, which may count from the end.

use crate::Type::{Dynamic, Long};
use crate::column::{Strings, longs, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, Kind, elements, kind};
use crate::signature::{any, fixed};
use crate::{Type, number};

pub(super) static ARRAY_SLICE: Definition = Definition::new(
    "array_slice",
    |args| fixed(args, &[Dynamic, Long, Long], 3, Dynamic),
    |args, _, ctx| {
        let (arrays, starts, ends) = (Strings::of(&args[0]), longs(&args[1]), longs(&args[2]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let array = arrays.get(row).filter(|json| kind(json) == Kind::Array);
            let (Some(json), Some(start), Some(end)) = (array, starts.get(row), ends.get(row)) else { return false };
            let items: Vec<&str> = elements(json).collect();
            let (start, end) = (place(start, items.len()), place(end, items.len()));
            let mut array = ArrayWriter::new(out);
            // The end belongs to the slice.
            let kept = items.iter().enumerate().filter(|(at, _)| (start..=end).contains(&index(*at)));
            kept.for_each(|(_, item)| array.push(item));
            array.end();
            true
        })
    },
);

/// A place from the front; -1 is the last.
fn place(at: i64, length: usize) -> i64 {
    if at < 0 { index(length).saturating_add(at) } else { at }
}

fn index(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

pub(super) static ARRAY_SPLIT: Definition = Definition::new(
    "array_split",
    |args| {
        // One place or an array of them.
        let places = args.get(1).filter(|arg| matches!(arg.ty, Type::Int | Long)).map_or(&[][..], |_| &[1]);
        fixed(&any(args, places), &[Dynamic, Dynamic], 2, Dynamic)
    },
    |args, _, ctx| {
        let (arrays, places) = (Strings::of(&args[0]), Strings::of(&args[1]));
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some(json) = arrays.get(row).filter(|json| kind(json) == Kind::Array) else { return false };
            let items: Vec<&str> = elements(json).collect();
            let mut outer = ArrayWriter::new(out);
            let mut from = 0;
            for cut in cuts(places.text(row), items.len()).into_iter().chain([items.len()]) {
                let mut part = ArrayWriter::new(outer.element());
                items.get(from..cut.max(from)).unwrap_or_default().iter().for_each(|item| part.push(item));
                part.end();
                from = from.max(cut);
            }
            outer.end();
            true
        })
    },
);

/// Where to cut: one place or an array of them.
fn cuts(json: &str, length: usize) -> Vec<usize> {
    let cut = |json: &str| {
        let at = place(number::parse_long(json.trim())?, length);
        Some(usize::try_from(at.max(0)).unwrap_or(length).min(length))
    };
    if kind(json) == Kind::Array { elements(json).filter_map(cut).collect() } else { cut(json).into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn slices_include_their_end() {
        let array = || json("[1,2,3,4,5]");
        check("array_slice", &[array(), Long(2), Long(3)], json("[3,4]"));
        check("array_slice", &[array(), Long(2), Long(-1)], json("[3,4,5]"));
        check("array_slice", &[array(), Long(-3), Long(-2)], json("[3,4]"));
        check("array_slice", &[array(), Long(4), Long(1)], json("[]"));
        check("array_slice", &[json("1"), Long(4), Long(1)], Value::Null(Type::Dynamic));
    }

    #[test]
    fn arrays_are_cut_at_places() {
        check("array_split", &[json("[1,2,3,4,5]"), Long(2)], json("[[1,2],[3,4,5]]"));
        check("array_split", &[json("[1,2,3,4,5]"), json("[1,3]")], json("[[1],[2,3],[4,5]]"));
        check("array_split", &[json("[1,2,3]"), Long(-1)], json("[[1,2],[3]]"));
    }
}
