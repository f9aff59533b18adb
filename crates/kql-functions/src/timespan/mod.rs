//! Timespans as ticks of 100 ns: the literal forms and what Kusto prints.

mod format;
mod parse;

pub use format::{format_timespan, write_timespan};
pub use parse::parse_timespan;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_itself(ticks in any::<i64>()) {
            prop_assert_eq!(parse_timespan(&format_timespan(ticks)), Some(ticks));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = parse_timespan(&text);
        }
    }
}
