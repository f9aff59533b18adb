//! `bag_pack` (`pack`, `pack_dictionary`) and `pack_array`.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::convert::JsonRows;
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, BagWriter};
use crate::signature::unchanged;
use crate::{ArgumentInfo, FunctionError, Resolved, signature};

pub(super) static BAG_PACK: Definition = Definition::new("bag_pack", resolve_bag, |args, resolved, ctx| {
    let names: Vec<_> = args.iter().step_by(2).map(Strings::of).collect();
    let types = resolved.parameters.iter().skip(1).step_by(2);
    let values: Vec<_> = args.iter().skip(1).step_by(2).zip(types).map(|(arg, ty)| JsonRows::new(arg, *ty)).collect();
    let mut json = String::new();
    written_nullable(result_rows(args, ctx), |row, out| {
        let mut bag = BagWriter::new(out);
        for (name, value) in names.iter().zip(&values) {
            json.clear();
            value.write_or_null(row, &mut json);
            bag.push(name.text(row), &json);
        }
        bag.end();
        true
    })
})
.alias(&["pack", "pack_dictionary"]);

/// Names are strings; values keep their types, as they decide the JSON.
fn resolve_bag(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 2, usize::MAX)?;
    if !args.len().is_multiple_of(2) {
        let message = "bag_pack() takes pairs of a name and a value".to_owned();
        return Err(FunctionError::Other { index: None, message });
    }
    let parameter = |(index, arg): (usize, &ArgumentInfo)| {
        if index % 2 == 0 { signature::accept(index, arg.ty, Text) } else { Ok(arg.ty) }
    };
    Ok(Resolved { parameters: args.iter().enumerate().map(parameter).collect::<Result<_, _>>()?, result: Dynamic })
}

pub(super) static PACK_ARRAY: Definition = Definition::new(
    "pack_array",
    |args| unchanged(args, 0, usize::MAX, Dynamic),
    |args, resolved, ctx| {
        let values: Vec<_> = args.iter().zip(&resolved.parameters).map(|(arg, ty)| JsonRows::new(arg, *ty)).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut array = ArrayWriter::new(out);
            values.iter().for_each(|value| value.write_or_null(row, array.element()));
            array.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text, time};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn values_keep_their_types_as_json() {
        let args = [
            text("a"),
            Long(1),
            text("b"),
            text("x\"y"),
            text("t"),
            time("2024-01-01"),
            text("n"),
            Value::Null(Type::Int),
        ];
        let expected = r#"{"a":1,"b":"x\"y","t":"2024-01-01T00:00:00.0000000Z","n":null}"#;
        check("bag_pack", &args, json(expected));
        check("pack", &[text("d"), json("[1, 2]")], json(r#"{"d":[1,2]}"#));
        check("pack_array", &[Long(1), text("a"), Value::Bool(true), Value::Real(0.5)], json(r#"[1,"a",true,0.5]"#));
        check("pack_array", &[], json("[]"));
    }
}
