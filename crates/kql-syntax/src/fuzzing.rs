//! The entry of the fuzzer.

/// Parses the bytes, renders the diagnostics and formats the query; panics only where the crate is wrong.
#[doc(hidden)]
pub fn fuzz_parse(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parse = crate::parse(&text);
    for diagnostic in &parse.diagnostics {
        assert!(
            diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= text.len(),
            "the span lies in the text"
        );
        let rendered = diagnostic.render(&text, "fuzz");
        assert!(rendered.contains(diagnostic.code), "the code is shown");
    }
    let _tree = crate::dump(&parse.query);
    if let Ok(formatted) = crate::format(&text) {
        assert_eq!(crate::format(&formatted).as_deref(), Ok(formatted.as_str()), "formatting twice changes nothing");
    }
}
