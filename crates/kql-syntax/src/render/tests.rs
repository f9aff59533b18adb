//! What the terminal shows.

use expect_test::expect;

use crate::{Diagnostic, Span};

fn rendered(text: &str, start: usize, end: usize) -> String {
    Diagnostic::error("KQL999", Span::new(start, end), "something is wrong").render(text, "q.kql")
}

#[test]
fn tabs_and_wide_characters_keep_the_carets_in_place() {
    let text = "T\r\n| where\ta == \"日本\" + xyz";
    let at = text.find("xyz").unwrap();
    expect![[r#"
        error[KQL999]: something is wrong
         --> q.kql:2:21
          |
        2 | | where a == "日本" + xyz
          |                       ^^^
    "#]]
    .assert_eq(&rendered(text, at, at + 3));
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("T | where {} oops {}", "a == 1 or ".repeat(50), " and b == 2".repeat(50));
    let at = text.find("oops").unwrap();
    expect![[r#"
        error[KQL999]: something is wrong
         --> q.kql:1:512
          |
        1 | … == 1 or a == 1 or a == 1 or a == 1 or a == 1 or a == 1 or  oops  and b == 2 and b == 2 and b == 2 and b == 2 and b == 2 and b == 2 and b =…
          |                                                              ^^^^
    "#]].assert_eq(&rendered(&text, at, at + 4));
}

#[test]
fn a_span_over_several_lines_is_marked_on_its_first() {
    expect![[r#"
        error[KQL999]: something is wrong
         --> q.kql:1:2
          |
        1 | abc
          |  ^^
    "#]]
    .assert_eq(&rendered("abc\ndef", 1, 6));
}

#[test]
fn places_outside_the_text_are_moved_into_it() {
    for (start, end) in [(0, 0), (5, 9), (100, 200), (3, 1), (1, 2)] {
        assert!(rendered("é", start, end).contains("q.kql:1:"), "{start}..{end}");
    }
    assert!(rendered("", 0, 0).contains("q.kql:1:1"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let diagnostic = Diagnostic::error("KQL999", Span::new(0, 1), "found `\u{1b}[2J`").with_hint("\u{7}");
    let out = diagnostic.render("\u{1b}[31m\u{202e}x", "q");
    assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
}

#[test]
fn severity_and_hint_are_shown() {
    let out = Diagnostic::warning("KQL999", Span::new(0, 1), "odd").with_hint("do better").render("x", "q");
    expect![[r#"
        warning[KQL999]: odd
         --> q:1:1
          |
        1 | x
          | ^
          = hint: do better
    "#]]
    .assert_eq(&out);
}
