//! `now` and `ago`: the query's own time, the same in all rows.

use crate::Type::{DateTime, TimeSpan};
use crate::column::{long_results, longs, result_rows};
use crate::datetime::in_range;
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static NOW: Definition = Definition::new(
    "now",
    |args| fixed(args, &[TimeSpan], 0, DateTime),
    |args, _, ctx| {
        let offsets = args.first().map(longs);
        let rows = if args.is_empty() { 1 } else { result_rows(args, ctx) };
        long_results(rows, |row| {
            let offset = offsets.as_ref().map_or(Some(0), |column| column.get(row))?;
            ctx.now.checked_add(offset).and_then(in_range)
        })
    },
);

pub(super) static AGO: Definition = Definition::new(
    "ago",
    |args| fixed(args, &[TimeSpan], 1, DateTime),
    |args, _, ctx| {
        let spans = longs(&args[0]);
        long_results(result_rows(args, ctx), |row| ctx.now.checked_sub(spans.get(row)?).and_then(in_range))
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{NOW, check, span, time};

    #[test]
    fn time_is_that_of_the_query() {
        check("now", &[], time(NOW));
        check("now", &[span("-12h")], time("2024-05-15T00:30:45.1234567Z"));
        check("ago", &[span("1d")], time("2024-05-14T12:30:45.1234567Z"));
    }
}
