//! `format_bytes`: a size with its unit.

use crate::Type::{Long, Real, String as Text};
use crate::column::{Strings, longs, reals, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{count, fixed};
use crate::{ArgumentInfo, FunctionError, Resolved, Value};

/// Units by powers of 1024.
const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
/// A real has no more digits after the point than this.
const MAX_PRECISION: i64 = 20;

pub(super) static FORMAT_BYTES: Definition = Definition::new("format_bytes", resolve, |args, _, ctx| {
    let (sizes, precisions, units) = (reals(&args[0]), args.get(1).map(longs), args.get(2).map(Strings::of));
    written_strings(result_rows(args, ctx), |row, out| {
        let Some(size) = sizes.get(row) else { return };
        let precision = precisions.as_ref().and_then(|column| column.get(row)).unwrap_or(0);
        let given = units.as_ref().map_or("", |column| column.text(row));
        let unit = unit_of(given).unwrap_or_else(|| fitting(size));
        out.push_str(&digits(size / 1024_f64.powi(i32::try_from(unit).unwrap_or(0)), precision));
        out.push(' ');
        out.push_str(UNITS[unit]);
    })
});

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 1, 3)?;
    let resolved = fixed(args, &[Real, Real, Text], 1, Text)?;
    if let Some(Value::String(unit)) = args.get(2).and_then(|arg| arg.constant.as_ref())
        && !unit.is_empty()
        && unit_of(unit).is_none()
    {
        let message = format!("`{unit}` is no unit of bytes");
        return Err(FunctionError::Other { index: Some(2), message });
    }
    Ok(Resolved { parameters: [Real, Long, Text][..args.len()].to_vec(), ..resolved })
}

fn unit_of(name: &str) -> Option<usize> {
    UNITS.iter().position(|unit| unit.eq_ignore_ascii_case(name))
}

/// The largest unit that the size has one of.
fn fitting(size: f64) -> usize {
    let holds = |unit: &usize| size.abs() >= 1024_f64.powi(i32::try_from(*unit).unwrap_or(0));
    (1..UNITS.len()).take_while(holds).last().unwrap_or(0)
}

/// At most some digits after the point, without zeros at the end.
fn digits(value: f64, precision: i64) -> String {
    let precision = usize::try_from(precision.clamp(0, MAX_PRECISION)).unwrap_or(0);
    let text = format!("{value:.precision$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn sizes_are_in_the_largest_unit_or_the_given_one() {
        check("format_bytes", &[Long(564)], text("564 Bytes"));
        check("format_bytes", &[Long(10_332), Long(1)], text("10.1 KB"));
        check("format_bytes", &[Long(20_010_332)], text("19 MB"));
        check("format_bytes", &[Long(20_010_332), Long(2)], text("19.08 MB"));
        check("format_bytes", &[Long(20_010_332), Long(0), text("KB")], text("19541 KB"));
        check("format_bytes", &[Long(0)], text("0 Bytes"));
        check("format_bytes", &[Value::Null(Type::Long)], text(""));
    }
}
