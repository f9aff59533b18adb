//! `strcat` and `strcat_delim`: any type, printed as `tostring` does.

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::{ArgumentInfo, FunctionError, Resolved, signature};

/// Most arguments that Kusto takes.
const MAX_ARGUMENTS: usize = 64;

pub(super) static STRCAT: Definition = Definition::new(
    "strcat",
    |args| texts(args, 1),
    |args, _, ctx| {
        let parts: Vec<_> = args.iter().map(Strings::of).collect();
        written_strings(result_rows(args, ctx), |row, out| parts.iter().for_each(|part| out.push_str(part.text(row))))
    },
);

pub(super) static STRCAT_DELIM: Definition = Definition::new(
    "strcat_delim",
    |args| texts(args, 3),
    |args, _, ctx| {
        let delimiter = Strings::of(&args[0]);
        let parts: Vec<_> = args[1..].iter().map(Strings::of).collect();
        written_strings(result_rows(args, ctx), |row, out| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(delimiter.text(row));
                }
                out.push_str(part.text(row));
            }
        })
    },
);

/// Everything is cast to string first.
fn texts(args: &[ArgumentInfo], least: usize) -> Result<Resolved, FunctionError> {
    signature::count(args, least, MAX_ARGUMENTS)?;
    Ok(Resolved { parameters: vec![Text; args.len()], result: Text })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value};

    #[test]
    fn anything_is_joined_as_text() {
        check("strcat", &[text("a"), Value::Bool(true), Value::Null(Type::Int), Value::Real(1.0)], text("aTrue1.0"));
        check("strcat_delim", &[text("-"), Value::Long(1), text("b"), Value::TimeSpan(0)], text("1-b-00:00:00"));
    }
}
