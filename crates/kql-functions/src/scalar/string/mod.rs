//! Functions on strings.

mod case;
mod concatenate;
mod count;
mod emptiness;
mod extract;
mod format_bytes;
mod has_any_index;
mod indexof;
mod indexof_regex;
mod length;
mod regex_quote;
mod repeat;
mod replace;
mod reverse;
mod split;
mod strcmp;
mod substring;
mod translate;
mod trim;
mod unicode;

use crate::ScalarFunction;

pub(super) use extract::type_of_name;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &case::TOLOWER,
        &case::TOUPPER,
        &concatenate::STRCAT,
        &concatenate::STRCAT_DELIM,
        &count::COUNTOF,
        &emptiness::ISEMPTY,
        &emptiness::ISNOTEMPTY,
        &emptiness::ISNULL,
        &emptiness::ISNOTNULL,
        &extract::EXTRACT,
        &extract::EXTRACT_ALL,
        &format_bytes::FORMAT_BYTES,
        &has_any_index::HAS_ANY_INDEX,
        &indexof::INDEXOF,
        &indexof_regex::INDEXOF_REGEX,
        &regex_quote::REGEX_QUOTE,
        &length::STRLEN,
        &length::STRING_SIZE,
        &repeat::STRREP,
        &replace::REPLACE,
        &replace::REPLACE_REGEX,
        &replace::REPLACE_STRING,
        &replace::REPLACE_STRINGS,
        &reverse::REVERSE,
        &split::SPLIT,
        &strcmp::STRCMP,
        &substring::SUBSTRING,
        &translate::TRANSLATE,
        &trim::TRIM,
        &trim::TRIM_START,
        &trim::TRIM_END,
        &unicode::MAKE_STRING,
        &unicode::UNICODE_CODEPOINTS,
        &unicode::ISASCII,
        &unicode::ISUTF8,
    ]
}
