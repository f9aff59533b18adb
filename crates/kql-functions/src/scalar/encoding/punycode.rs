//! Punycode (RFC 3492): `punycode_from_string`, and whole domain names, whose labels start with `xn--`.

use arrow::array::ArrayRef;
use idna::punycode::{decode_to_string, encode_str};

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

const PREFIX: &str = "xn--";
/// What separates labels, in the scripts that have a full stop of their own (IDNA 2003).
const STOPS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

pub(super) static FROM_STRING: Definition =
    text_to_text("punycode_from_string", |args, _, ctx| apply(args, ctx, encode_str));
pub(super) static TO_STRING: Definition =
    text_to_text("punycode_to_string", |args, _, ctx| apply(args, ctx, decode_to_string));
pub(super) static DOMAIN_TO_STRING: Definition = text_to_text("punycode_domain_to_string", |args, _, ctx| {
    apply(args, ctx, |domain| {
        labels(domain, |label| match label {
            label if label.is_ascii() => Some(label.to_owned()),
            label => encode_str(label).map(|code| [PREFIX, &code].concat()),
        })
    })
});
pub(super) static DOMAIN_FROM_STRING: Definition = text_to_text("punycode_domain_from_string", |args, _, ctx| {
    apply(args, ctx, |domain| {
        labels(domain, |label| match label.strip_prefix(PREFIX) {
            Some(code) => decode_to_string(code),
            None => Some(label.to_owned()),
        })
    })
});

const fn text_to_text(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Text], 1, Text), kernel)
}

/// What cannot be converted gives nothing.
fn apply(args: &[Arg], ctx: &EvalContext, f: impl Fn(&str) -> Option<String>) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    written_strings(result_rows(args, ctx), |row, out| out.push_str(&f(texts.text(row)).unwrap_or_default()))
}

fn labels(domain: &str, f: impl Fn(&str) -> Option<String>) -> Option<String> {
    let labels: Option<Vec<String>> = domain.split(STOPS).map(f).collect();
    labels.map(|labels| labels.join("."))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn names_are_encoded_and_decoded() {
        check("punycode_from_string", &[text("académie-française")], text("acadmie-franaise-npb1a"));
        check("punycode_to_string", &[text("acadmie-franaise-npb1a")], text("académie-française"));
        check("punycode_to_string", &[text("é")], text(""));
        check("punycode_domain_to_string", &[text("bücher.example")], text("xn--bcher-kva.example"));
        check("punycode_domain_from_string", &[text("xn--bcher-kva.example")], text("bücher.example"));
    }
}
