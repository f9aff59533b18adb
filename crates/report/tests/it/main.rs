//! The report of a small case: its text, its structure, and what log text cannot do to it.

mod html_structure;
mod small_case;

use expect_test::expect_file;
use proptest::prelude::*;
use report::{ReportInput, headlines, html, markdown, summary_sentences};

use crate::html_structure::{elements, text_of};
use crate::small_case::{hostile_case, small_case};

#[test]
fn markdown_says_everything() {
    expect_file!["small_case.expected.md"].assert_eq(&markdown(&small_case()));
}

#[test]
fn json_reads_back_as_it_was() {
    let text = serde_json::to_string_pretty(&small_case()).expect("serializes");
    let back: ReportInput = serde_json::from_str(&text).expect("reads back");
    assert_eq!(back, small_case());
    for name in ["\"firstActivity\"", "\"sourceOffset\"", "\"sha256\"", "\"needsData\"", "\"gaps\"", "\"more\": 7"] {
        assert!(text.contains(name), "{name} is missing");
    }
}

#[test]
fn the_summary_is_in_plain_words() {
    let sentences = summary_sentences(&small_case());
    assert_eq!(
        sentences,
        [
            "1,200 events in 1 log table from 2 input files were examined, from 5 January 2026 to 9 January 2026.",
            "2 incidents were found: 1 of high severity and 1 of low severity.",
            "Of 4 detection rules, 1 found something and 1 ran and found nothing; 1 could not look, because the logs they read are not here; 1 failed.",
            "Events are missing for some hours in SigninLogs: what happened then cannot be seen here.",
            "3 records were not understood and set aside with the reason.",
        ]
    );
    let first = headlines(&small_case()).remove(0);
    assert_eq!(
        first.sentence,
        "From 6 January 2026, 03:00 UTC, over 1 hour. Accounts: ann@contoso.com and bob@contoso.com. Addresses: 203.0.113.7."
    );
}

#[test]
fn the_page_is_well_formed_and_has_every_part() {
    let page = html(&small_case());
    let elements = elements(&page).unwrap_or_else(|problem| panic!("{problem}"));
    let text = text_of(&page);
    for incident in &small_case().incidents.items {
        assert!(elements.iter().any(|element| element.id == format!("incident-{}", incident.number)));
        assert!(text.contains(&incident.title), "{}", incident.title);
    }
    for wanted in [
        "ran and found nothing",
        "Needs data that is not here",
        "missing: AuditLogs",
        "7 more events are",
        "search in (SigninLogs)",
        "signins.json, offset 17",
        "a9f0",
        "no time",
        "DC01",
        "vedette investigate logs",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is not on the page");
    }
    let links = elements.iter().filter_map(|element| element.attributes.iter().find(|(name, _)| name == "href"));
    for (_, target) in links {
        let anchor = target.strip_prefix('#').unwrap_or_else(|| panic!("a link leaves the page: {target}"));
        assert!(elements.iter().any(|element| element.id == anchor), "no `{anchor}` on the page");
    }
}

#[test]
fn the_page_is_accessible_and_asks_for_nothing() {
    let page = html(&small_case());
    let elements = elements(&page).expect("well-formed");
    let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
    assert_eq!((count("h1"), count("main")), (1, 1));
    assert_eq!(count("table"), count("caption"));
    assert_eq!(count("script") + count("img") + count("link") + count("iframe") + count("form"), 0);
    let has = |name: &str, attribute: &str, value: &str| {
        let fits = |(found, text): &(String, String)| found == attribute && text.contains(value);
        elements.iter().any(|element| element.name == name && element.attributes.iter().any(fits))
    };
    assert!(has("html", "lang", "en"));
    assert!(has("meta", "content", "default-src 'none'; style-src 'sha256-"));
    for outside in ["http://", "https://", "url(", "@import", "src=\"", "javascript:"] {
        assert!(!page.contains(outside), "`{outside}` is on the page");
    }
    let is_drawing = |element: &&html_structure::Element| element.name == "svg";
    for drawing in elements.iter().filter(is_drawing) {
        assert!(drawing.attributes.iter().any(|(name, text)| name == "aria-label" && !text.is_empty()));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(html(&small_case()), html(&small_case()));
}

#[test]
fn an_empty_workspace_makes_a_report_too() {
    let empty = ReportInput {
        tenants: Vec::new(),
        runs: Default::default(),
        incidents: Default::default(),
        entities: Default::default(),
        tables: Vec::new(),
        rules: Vec::new(),
        files: Default::default(),
        errors: Default::default(),
        context: Default::default(),
        ..small_case()
    };
    elements(&html(&empty)).expect("well-formed");
    assert!(text_of(&html(&empty)).contains("nothing could be examined"));
    assert!(markdown(&empty).contains("No rule was run"));
}

#[test]
fn incidents_of_several_tenants_stand_apart() {
    let mut case = small_case();
    let tenant = |id: &str| report::ReportTenant { id: id.to_owned(), rows: 1 };
    case.tenants = vec![tenant("11111111-0000-4000-8000-000000000001"), tenant("22222222-0000-4000-8000-000000000002")];
    case.incidents.items[1].tenants = vec![case.tenants[1].id.clone()];
    let text = text_of(&html(&case));
    assert!(text.contains("Tenant 22222222-0000-4000-8000-000000000002"));
    assert!(text.contains("No tenant named in the data"));
}

/// Text that breaks out of HTML, SVG, attributes, styles, Markdown and terminals wherever it can.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onload='alert(1)",
        "</title></style><script>",
        "<!--",
        "-->",
        "]]>",
        "javascript:alert(1)",
        "&lt;b&gt;",
        "`${x}`",
        "| a | b |",
        "![x](https://evil.example/x.png)",
        "\n\n# heading",
        "\u{202e}gnp.exe",
        "\u{0}\u{1b}[2J",
        "{{7*7}}",
        "\\",
    ];
    prop::collection::vec(
        prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), any::<String>()],
        1..4,
    )
    .prop_map(|parts| format!("x{}", parts.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn log_text_never_becomes_markup(text in hostile()) {
        let quiet = elements(&html(&hostile_case("x"))).expect("well-formed");
        let page = html(&hostile_case(&text));
        let found = elements(&page).map_err(TestCaseError::fail)?;
        let shape = |elements: &[html_structure::Element]| -> Vec<(String, Vec<String>)> {
            let names = |element: &html_structure::Element| element.attributes.iter().map(|(name, _)| name.clone()).collect();
            elements.iter().map(|element| (element.name.clone(), names(element))).collect()
        };
        let allowed = ["strong", "p"];
        let strict = |elements: &[html_structure::Element]| {
            let mut all = shape(elements);
            // A text may be several paragraphs, and a paragraph may begin with a label.
            all.retain(|(name, _)| !allowed.contains(&name.as_str()));
            all
        };
        prop_assert_eq!(strict(&found), strict(&quiet));
    }

    #[test]
    fn log_text_stays_text_in_markdown(text in hostile()) {
        let page = markdown(&hostile_case(&text));
        // Queries stand in blocks of code, where nothing is markup.
        let outside = page.split("```").step_by(2).collect::<String>();
        prop_assert_eq!(page.matches("```").count() % 2, 0);
        for line in outside.lines() {
            prop_assert!(!line.replace("\\]", "").contains("]("), "a link or image: {line}");
            prop_assert!(!line.trim_start().starts_with('<'), "HTML: {line}");
        }
        let headings = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        prop_assert_eq!(headings(&outside), headings(&markdown(&hostile_case("x"))));
    }
}
