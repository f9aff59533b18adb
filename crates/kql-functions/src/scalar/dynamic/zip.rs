//! `zip`: arrays of the elements at the same places, as long as the longest array.

use crate::Type::Dynamic;
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, elements};
use crate::signature::repeated;

pub(super) static ZIP: Definition = Definition::new(
    "zip",
    |args| repeated(args, Dynamic, 2, 16, Dynamic),
    |args, _, ctx| {
        let columns: Vec<_> = args.iter().map(Strings::of).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut arrays: Vec<_> = columns.iter().map(|column| elements(column.text(row))).collect();
            let mut outer = ArrayWriter::new(out);
            loop {
                let items: Vec<Option<&str>> = arrays.iter_mut().map(Iterator::next).collect();
                if items.iter().all(Option::is_none) {
                    break;
                }
                let mut inner = ArrayWriter::new(outer.element());
                items.iter().for_each(|item| inner.push(item.unwrap_or("null")));
                inner.end();
            }
            outer.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};

    #[test]
    fn elements_at_the_same_place_meet() {
        check("zip", &[json("[1,3,5]"), json("[2,4]")], json("[[1,2],[3,4],[5,null]]"));
    }
}
