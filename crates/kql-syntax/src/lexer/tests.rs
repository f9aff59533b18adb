//! Tokens of every kind.

use super::lex;
use crate::token::TokenKind;

/// Kinds and texts of the tokens, without the end.
fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
    let lexed = lex(text);
    let mut tokens: Vec<_> =
        lexed.tokens.iter().map(|token| (token.kind, &text[token.span.start..token.span.end])).collect();
    assert_eq!(tokens.pop().map(|(kind, _)| kind), Some(TokenKind::End));
    tokens
}

fn only(text: &str) -> TokenKind {
    let found = tokens(text);
    assert_eq!(found.len(), 1, "`{text}` is one token, not {found:?}");
    found[0].0
}

#[test]
fn numbers_timespans_and_names_that_begin_with_digits_are_told_apart() {
    for text in ["5", "0x1F", "007"] {
        assert_eq!(only(text), TokenKind::Long, "{text}");
    }
    for text in ["1.5", "1.", "1e3", "1.5E-7", "1.e5"] {
        assert_eq!(only(text), TokenKind::Real, "{text}");
    }
    for text in
        ["1d", "2.5h", "30m", "10s", "5ms", "1microsecond", "1tick", "3min", "4sec", "2hours", "1day", "7nanoseconds"]
    {
        assert_eq!(only(text), TokenKind::TimeSpan, "{text}");
    }
    for text in ["4688_Logons", "1w", "1D", "0xZZ", "3x"] {
        assert_eq!(only(text), TokenKind::Ident, "{text}");
    }
}

#[test]
fn two_dots_end_a_number() {
    let kinds: Vec<_> = tokens("1..2d").into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [TokenKind::Long, TokenKind::DotDot, TokenKind::TimeSpan]);
}

#[test]
fn every_form_of_string_is_one_token() {
    let forms = [
        r#""a""#,
        "'a'",
        r#"@"a""b""#,
        "@'c:\\'",
        "h'x'",
        "H@\"x\"",
        r#""a\"b""#,
        r"'\\'",
        "```a\nb'\"```",
        "~~~a\r\nb~~~",
        "h```x```",
    ];
    for text in forms {
        assert_eq!(only(text), TokenKind::String, "{text}");
        assert!(lex(text).diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn the_value_of_a_string_has_its_escapes_resolved() {
    let cases = [
        (r#""a\tb\n\\\"\'""#, "a\tb\n\\\"'"),
        (r"'\u00e9\x41\101'", "é\u{41}A"),
        (r"'\uD83D\uDE00'", "😀"),
        (r#"@"a\n""b""#, r#"a\n"b"#),
        ("```a\\n'\n```", "a\\n'\n"),
        ("h'secret'", "secret"),
        ("''", ""),
    ];
    for (literal, value) in cases {
        assert_eq!(super::string_value(literal), (value.to_owned(), None), "{literal}");
    }
    assert_eq!(super::string_value(r#""a\qb""#), ("a\\qb".to_owned(), Some((2, "\\q".to_owned()))));
    assert_eq!(super::string_value(r"'\uD83D'").1, Some((1, "\\u".to_owned())));
}

#[test]
fn an_unclosed_string_ends_with_its_line() {
    let lexed = lex("print 'a\n| take 5");
    assert_eq!(lexed.diagnostics.len(), 1);
    assert_eq!(lexed.diagnostics[0].code, crate::codes::UNTERMINATED_STRING);
    assert_eq!(lexed.tokens.len(), 6, "print, string, pipe, take, 5, end");
}

#[test]
fn comments_are_kept_apart_and_do_not_begin_in_strings() {
    let text = "T // one \r\n| where a == 'http://x' // two";
    let comments: Vec<_> = lex(text).comments.iter().map(|span| &text[span.start..span.end]).collect();
    assert_eq!(comments, ["// one", "// two"]);
}

#[test]
fn a_typed_literal_is_one_token_with_its_raw_text() {
    for text in [
        "datetime(2024-01-01T10:00:00Z)",
        "guid(12345678-1234-1234-1234-123456789012)",
        "time(1.00:00:00)",
        "int ( 5 )",
        "real(+inf)",
    ] {
        assert_eq!(only(text), TokenKind::TypedLiteral, "{text}");
    }
    assert_eq!(tokens("time == 1")[0], (TokenKind::Ident, "time"));
    assert_eq!(tokens("x.date(1)")[2], (TokenKind::Ident, "date"));
    assert_eq!(lex("datetime(2024\n| take 1").diagnostics[0].code, crate::codes::UNTERMINATED_LITERAL);
}

#[test]
fn a_run_of_unknown_characters_is_one_diagnostic() {
    let lexed = lex("T | where ‘’§§ x");
    assert_eq!(lexed.diagnostics.len(), 1);
    assert_eq!(lexed.diagnostics[0].code, crate::codes::UNKNOWN_CHARACTER);
}
