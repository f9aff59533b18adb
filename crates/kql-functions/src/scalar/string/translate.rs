//! `translate`: characters of one list become those of another.

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static TRANSLATE: Definition = Definition::new(
    "translate",
    |args| fixed(args, &[Text, Text, Text], 3, Text),
    |args, _, ctx| {
        let (from, to, texts) = (Strings::of(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
        written_strings(result_rows(args, ctx), |row, out| {
            let (from, to) = (from.text(row), to.text(row));
            out.extend(texts.text(row).chars().filter_map(|character| translated(character, from, to)));
        })
    },
);

/// The last replacement serves all further characters; without any, the character goes.
fn translated(character: char, from: &str, to: &str) -> Option<char> {
    match from.chars().position(|wanted| wanted == character) {
        None => Some(character),
        Some(index) => to.chars().nth(index).or_else(|| to.chars().next_back()),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn characters_are_exchanged() {
        check("translate", &[text("krasp"), text("otsku"), text("spark")], text("kusto"));
        check("translate", &[text("abc"), text("x"), text("abc")], text("xxx"));
        check("translate", &[text("abc"), text(""), text("ab")], text(""));
    }
}
