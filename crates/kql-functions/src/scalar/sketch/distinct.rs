//! `dcount_hll` and `hll_merge`.

use crate::Type::{Dynamic, Long};
use crate::column::{Strings, long_results, result_rows, written_nullable};
use crate::definition::Definition;
use crate::signature::{fixed, repeated};
use crate::sketch::{DistinctValues, EXACT_COUNT};

pub(super) static DCOUNT_HLL: Definition = Definition::new(
    "dcount_hll",
    |args| fixed(args, &[Dynamic], 1, Long),
    |args, _, ctx| {
        let sketches = Strings::of(&args[0]);
        long_results(result_rows(args, ctx), |row| {
            let mut values = DistinctValues::default();
            values.merge_text(sketches.get(row)?, EXACT_COUNT).then(|| values.count())
        })
    },
);

pub(super) static HLL_MERGE: Definition = Definition::new(
    "hll_merge",
    |args| repeated(args, Dynamic, 2, 16, Dynamic),
    |args, _, ctx| {
        let columns: Vec<_> = args.iter().map(Strings::of).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut values = DistinctValues::default();
            let merged = columns.iter().filter(|column| values.merge_text(column.text(row), EXACT_COUNT)).count();
            values.write(out);
            merged > 0
        })
    },
);
