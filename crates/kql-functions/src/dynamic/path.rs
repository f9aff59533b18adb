//! Paths into JSON, as `extract_json` and data mappings write them.

use super::Step;

/// `$.a.b[0]['c']`; `None` when the text is no such path.
pub fn parse_path(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('.').filter(|tail| !tail.starts_with('[')) {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            steps.push(Step::Key(tail[..end].to_owned()));
            rest = &tail[end..];
            continue;
        }
        let bracket = rest.strip_prefix('.').unwrap_or(rest);
        let (inner, tail) = bracket.strip_prefix('[')?.split_once(']')?;
        let quoted = |quote| inner.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
        steps.push(match quoted('\'').or_else(|| quoted('"')) {
            Some(key) => Step::Key(key.to_owned()),
            None => Step::Index(inner.trim().parse().ok()?),
        });
        rest = tail;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_keys_and_indexes() {
        let key = |name: &str| Step::Key(name.to_owned());
        assert_eq!(parse_path("$"), Some(vec![]));
        assert_eq!(parse_path("$.a['b c'][0].d"), Some(vec![key("a"), key("b c"), Step::Index(0), key("d")]));
        assert_eq!(parse_path("$.['a b']"), Some(vec![key("a b")]));
        assert_eq!(parse_path("a.b"), None);
        assert_eq!(parse_path("$[x]"), None);
    }
}
