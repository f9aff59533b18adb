//! `parse_url` and `parse_urlquery`.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, write_quoted};
use crate::scalar::encoding::decoded;
use crate::signature::fixed;

pub(super) static PARSE_URL: Definition = Definition::new(
    "parse_url",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            write_url(out, &Url::of(texts.text(row)));
            true
        })
    },
)
.alias(&["parseurl"]);

pub(super) static PARSE_URLQUERY: Definition = Definition::new(
    "parse_urlquery",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let text = texts.text(row);
            let query = text.strip_prefix('?').unwrap_or(text);
            let mut bag = BagWriter::new(out);
            bag.push("Query Parameters", &parameters(query));
            bag.end();
            true
        })
    },
)
.alias(&["parseurlquery"]);

#[derive(Debug, Default, PartialEq)]
struct Url<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    user: &'a str,
    password: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Url<'a> {
    /// The parts of an absolute URL; of any other text only the query.
    fn of(text: &'a str) -> Self {
        let mut url = Url::default();
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        (url.fragment, url.query) = (fragment, query);
        let Some((scheme, rest)) = rest.split_once("://") else { return url };
        url.scheme = scheme;
        let path_start = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_start);
        url.path = path;
        let (user, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        (url.user, url.password) = user.split_once(':').unwrap_or((user, ""));
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        (url.host, url.port) = address.rsplit_once(':').filter(|(_, port)| is_port(port)).unwrap_or((address, ""));
        url
    }
}

fn write_url(out: &mut String, url: &Url<'_>) {
    let mut bag = BagWriter::new(out);
    let quoted = |text: &str| {
        let mut value = String::with_capacity(text.len() + 2);
        write_quoted(&mut value, text);
        value
    };
    for (name, text) in [
        ("Scheme", url.scheme),
        ("Host", url.host),
        ("Port", url.port),
        ("Path", url.path),
        ("Username", url.user),
        ("Password", url.password),
    ] {
        bag.push(name, &quoted(text));
    }
    bag.push("Query Parameters", &parameters(url.query));
    bag.push("Fragment", &quoted(url.fragment));
    bag.end();
}

/// The bag of a query's parameters, decoded; the last of several values of a name stays.
fn parameters(query: &str) -> String {
    let mut known: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        match known.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value.into_owned(),
            None => known.push((name.into_owned(), value.into_owned())),
        }
    }
    let mut out = String::new();
    let mut bag = BagWriter::new(&mut out);
    for (name, value) in &known {
        let mut quoted = String::new();
        write_quoted(&mut quoted, value);
        bag.push(name, &quoted);
    }
    bag.end();
    out
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn urls_are_taken_apart() {
        let url = "scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment";
        let expected = r#"{"Scheme":"scheme","Host":"host","Port":"1234","Path":"/this/is/a/path","Username":"username","Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}"#;
        check("parse_url", &[text(url)], json(expected));
        let expected = r#"{"Scheme":"https","Host":"bing.com","Port":"","Path":"","Username":"","Password":"","Query Parameters":{},"Fragment":""}"#;
        check("parse_url", &[text("https://bing.com")], json(expected));
        let expected = r#"{"Scheme":"","Host":"","Port":"","Path":"","Username":"","Password":"","Query Parameters":{},"Fragment":""}"#;
        check("parse_url", &[text("bing.com")], json(expected));
    }

    #[test]
    fn queries_become_bags() {
        check(
            "parse_urlquery",
            &[text("k1=v1&k2=a%20b&k3")],
            json(r#"{"Query Parameters":{"k1":"v1","k2":"a b","k3":""}}"#),
        );
        check("parse_urlquery", &[text("?a=1&a=2")], json(r#"{"Query Parameters":{"a":"2"}}"#));
        check("parse_urlquery", &[text("")], json(r#"{"Query Parameters":{}}"#));
    }
}
