//! `tohex`: two's complement in 64 bits, or in 32 for int.

use std::fmt::Write;

use crate::Type::{Int, Long, String as Text};
use crate::column::{ints, longs, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{accept, count};
use crate::{ArgumentInfo, FunctionError, Resolved};

/// Most digits that are filled up with zeros.
const MAX_WIDTH: i64 = 1_024;

pub(super) static TOHEX: Definition = Definition::new("tohex", resolve, |args, resolved, ctx| {
    let widths = args.get(1).map(longs);
    let (narrow, wide) = match resolved.parameters[0] {
        Int => (Some(ints(&args[0])), None),
        _ => (None, Some(longs(&args[0]))),
    };
    written_strings(result_rows(args, ctx), |row, out| {
        let width = widths.as_ref().and_then(|column| column.get(row)).unwrap_or(0).clamp(0, MAX_WIDTH);
        let width = usize::try_from(width).unwrap_or(0);
        // Writing to a string does not fail.
        if let Some(value) = narrow.as_ref().and_then(|column| column.get(row)) {
            let _ = write!(out, "{value:0width$x}");
        } else if let Some(value) = wide.as_ref().and_then(|column| column.get(row)) {
            let _ = write!(out, "{value:0width$x}");
        }
    })
});

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 1, 2)?;
    let first = if args[0].ty == Int { Int } else { accept(0, args[0].ty, Long)? };
    let mut parameters = vec![first];
    if let Some(width) = args.get(1) {
        parameters.push(accept(1, width.ty, Long)?);
    }
    Ok(Resolved { parameters, result: Text })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Value::Int, Value::Long};

    #[test]
    fn negative_numbers_are_in_twos_complement() {
        check("tohex", &[Long(256)], text("100"));
        check("tohex", &[Long(-256)], text("ffffffffffffff00"));
        check("tohex", &[Int(-256), Long(8)], text("ffffff00"));
        check("tohex", &[Long(256), Long(8)], text("00000100"));
        check("tohex", &[Long(256), Long(2)], text("100"));
    }
}
