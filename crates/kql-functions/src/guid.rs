//! Text forms of guids.

/// Length of the canonical form.
const CANONICAL_LENGTH: usize = 36;

/// Appends the canonical lower-case form of a guid given with or without hyphens and braces; false when it is none.
pub fn write_canonical(text: &str, out: &mut String) -> bool {
    let inner = text.trim();
    let inner = match (inner.strip_prefix(['{', '(']), inner.strip_suffix(['}', ')'])) {
        (Some(rest), Some(_)) => &rest[..rest.len() - 1],
        (None, None) => inner,
        _ => return false,
    };
    let bytes = inner.as_bytes();
    let hyphenated = bytes.len() == CANONICAL_LENGTH;
    if !hyphenated && bytes.len() != CANONICAL_LENGTH - 4 {
        return false;
    }
    let is_valid = bytes.iter().enumerate().all(|(at, byte)| {
        if hyphenated && matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
    });
    if !is_valid {
        return false;
    }
    for (digit, character) in inner.chars().filter(|c| *c != '-').enumerate() {
        if matches!(digit, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(character.to_ascii_lowercase());
    }
    true
}

/// The canonical form, or `None` when the text is no guid.
pub fn parse_guid(text: &str) -> Option<String> {
    let mut out = String::with_capacity(CANONICAL_LENGTH);
    write_canonical(text, &mut out).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_read_in_their_usual_forms() {
        let canonical = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        for form in [
            "74be27de-1e4e-49d9-b579-fe0b331d3642",
            "74BE27DE-1E4E-49D9-B579-FE0B331D3642",
            "{74be27de-1e4e-49d9-b579-fe0b331d3642}",
            "74be27de1e4e49d9b579fe0b331d3642",
        ] {
            assert_eq!(parse_guid(form).as_deref(), Some(canonical), "{form}");
        }
        for form in ["", "74be27de", "74be27de-1e4e-49d9-b579-fe0b331d364z", "{74be27de1e4e49d9b579fe0b331d3642"] {
            assert_eq!(parse_guid(form), None, "{form}");
        }
    }
}
