//! Finds the CEF event in a line.

use memchr::memmem;

/// The mark that begins a CEF event.
const MARK: &str = "CEF:";

/// Vendor and product of alerts that are found in the wild without [`MARK`].
const PRODUCTS_WITHOUT_MARK: [&str; 3] = ["|Microsoft|Azure ATP|", "|Microsoft|ATA|", "|MCAS|SIEM_Agent|"];

/// Separators between the seven fields of the header and the extension.
const SEPARATORS: usize = 7;

/// The place of a CEF event in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CefText<'a> {
    /// Where it begins in the line, mark included.
    pub start: usize,
    /// From the vendor on.
    pub fields: &'a str,
}

impl<'a> CefText<'a> {
    /// Finds `CEF:0|` anywhere in the line, or the vendor and product of alerts that come without it.
    pub(crate) fn find(line: &'a str) -> Option<Self> {
        Self::marked(line).or_else(|| Self::of_known_product(line))
    }

    fn marked(line: &'a str) -> Option<Self> {
        memmem::find_iter(line.as_bytes(), MARK).find_map(|start| {
            let fields = after_version(&line[start + MARK.len()..])?;
            Some(Self { start, fields })
        })
    }

    fn of_known_product(line: &'a str) -> Option<Self> {
        let at = PRODUCTS_WITHOUT_MARK.iter().find_map(|product| line.find(product))?;
        // The version may be left of what the mark was.
        let start = line[..at].trim_end_matches(|digit: char| digit.is_ascii_digit()).len();
        Some(Self { start, fields: &line[at + 1..] })
    }

    /// A message that begins with the version and has all fields of an event: the mark was taken for the tag of syslog.
    pub(crate) fn without_mark(message: &'a str) -> Option<Self> {
        let fields = after_version(message)?;
        let separators = fields.bytes().filter(|byte| *byte == b'|').count();
        (separators + 1 >= SEPARATORS && fields.contains('=')).then_some(Self { start: 0, fields })
    }
}

/// What follows `0|` or `1|`, the versions there are; later ones are likely to be alike.
fn after_version(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let digits = text.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    (1..=3).contains(&(text.len() - digits.len())).then(|| digits.strip_prefix('|'))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_with_and_without_their_mark() {
        let find = |line: &'static str| CefText::find(line).map(|cef| (cef.start, cef.fields));
        assert_eq!(find("<13>x CEF:0|V|P|1"), Some((6, "V|P|1")));
        assert_eq!(find("CEF: 1|V|P|1"), Some((0, "V|P|1")));
        assert_eq!(find("no CEF: here, CEF:0|V|P|1"), Some((14, "V|P|1")));
        assert_eq!(find("x y 0|Microsoft|Azure ATP|2|"), Some((4, "Microsoft|Azure ATP|2|")));
        assert_eq!(find("x y |Microsoft|Azure ATP|2|"), Some((4, "Microsoft|Azure ATP|2|")));
        assert_eq!(find("CEF:x|V|P|1"), None);
        let without = |text: &'static str| CefText::without_mark(text).map(|cef| cef.fields);
        assert_eq!(without("0|V|P|1|c|n|5|src=192.0.2.1"), Some("V|P|1|c|n|5|src=192.0.2.1"));
        assert_eq!(without("0|V|P|1|c|n|5"), None);
        assert_eq!(without("1,2|3|4|5|6|7|8|a=b"), None);
    }
}
