//! Reading a line of CSV back (RFC 4180).

use std::borrow::Cow;

/// The fields of the record `line`, which may hold line breaks within quotes.
pub(super) fn fields(line: &str) -> Vec<Cow<'_, str>> {
    let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted),
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return fields,
        }
    }
}

/// The field whose opening quote has been taken off, and what stands after its closing quote.
fn quoted_field(text: &str) -> (Cow<'_, str>, &str) {
    let bytes = text.as_bytes();
    let (mut at, mut doubled) = (0, false);
    while let Some(offset) = text[at..].find('"') {
        at += offset;
        if bytes.get(at + 1) != Some(&b'"') {
            let field = &text[..at];
            let field = if doubled { field.replace("\"\"", "\"").into() } else { field.into() };
            return (field, &text[at + 1..]);
        }
        doubled = true;
        at += 2;
    }
    (text.into(), "")
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn quotes_commas_and_line_breaks_are_part_of_fields() {
        assert_eq!(fields("\u{feff}a,,\"b,\"\"c\"\"\r\nd\",e\r\n"), ["a", "", "b,\"c\"\r\nd", "e"]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("a,\"\""), ["a", ""]);
    }
}
