//! `parse_csv`: the fields of the first record.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::fixed;

pub(super) static PARSE_CSV: Definition = Definition::new(
    "parse_csv",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        let mut field = String::new();
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut array = ArrayWriter::new(out);
            let mut rest = Some(texts.text(row));
            while let Some(text) = rest {
                field.clear();
                rest = read_field(text, &mut field);
                array.push_text(&field);
            }
            array.end();
            true
        })
    },
);

/// Reads a field and returns what follows its comma; `None` at the end of the record.
fn read_field<'a>(text: &'a str, field: &mut String) -> Option<&'a str> {
    let mut characters = text.char_indices().peekable();
    let mut is_quoted = characters.next_if(|(_, character)| *character == '"').is_some();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if is_quoted => {
                is_quoted = characters.next_if(|(_, next)| *next == '"').is_some();
                if is_quoted {
                    field.push('"');
                }
            }
            ',' if !is_quoted => return Some(&text[at + 1..]),
            '\n' | '\r' if !is_quoted => return None,
            _ => field.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn fields_of_the_first_record_are_read() {
        check("parse_csv", &[text("aa,b,cc")], json(r#"["aa","b","cc"]"#));
        let quoted = r#"aa,"b,b,b",cc,"Escaping quotes: ""Title""","line1
line2""#;
        check("parse_csv", &[text(quoted)], json(r#"["aa","b,b,b","cc","Escaping quotes: \"Title\"","line1\nline2"]"#));
        check("parse_csv", &[text("record1,a,b,c\nrecord2,x,y,z")], json(r#"["record1","a","b","c"]"#));
        check("parse_csv", &[text("a,,")], json(r#"["a","",""]"#));
        check("parse_csv", &[text("")], json(r#"[""]"#));
    }
}
