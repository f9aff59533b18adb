//! `parse_path`: the parts of a file's path, with either slash.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::{BagWriter, write_quoted};
use crate::signature::fixed;

pub(super) static PARSE_PATH: Definition = Definition::new(
    "parse_path",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            write_parts(out, &Parts::of(texts.text(row)));
            true
        })
    },
);

#[derive(Default)]
struct Parts<'a> {
    scheme: &'a str,
    root: &'a str,
    directory: &'a str,
    directory_name: &'a str,
    file: &'a str,
    extension: &'a str,
    stream: &'a str,
}

impl<'a> Parts<'a> {
    fn of(path: &'a str) -> Self {
        let mut parts = Parts::default();
        let mut rest = path;
        if let Some((scheme, after)) = path.split_once("://") {
            (parts.scheme, rest) = (scheme, after);
        }
        let rest = rest.strip_prefix(r"\\?\").unwrap_or(rest);
        let bytes = rest.as_bytes();
        if bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':') {
            parts.root = &rest[..2];
        }
        let last = rest.rfind(['/', '\\']);
        let name = last.map_or(&rest[parts.root.len()..], |at| &rest[at + 1..]);
        (parts.file, parts.stream) = name.split_once(':').unwrap_or((name, ""));
        parts.extension = parts.file.rsplit_once('.').map_or("", |(_, extension)| extension);
        parts.directory = last.map_or(parts.root, |at| &rest[..at]);
        let below_root = &parts.directory[parts.root.len().min(parts.directory.len())..];
        parts.directory_name = below_root.rsplit(['/', '\\']).next().unwrap_or("");
        parts
    }
}

fn write_parts(out: &mut String, parts: &Parts<'_>) {
    let mut bag = BagWriter::new(out);
    let mut value = String::new();
    for (name, text) in [
        ("Scheme", parts.scheme),
        ("RootPath", parts.root),
        ("DirectoryPath", parts.directory),
        ("DirectoryName", parts.directory_name),
        ("Filename", parts.file),
        ("Extension", parts.extension),
        ("AlternateDataStreamName", parts.stream),
    ] {
        value.clear();
        write_quoted(&mut value, text);
        bag.push(name, &value);
    }
    bag.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_all_kinds_are_taken_apart() {
        for (path, expected) in [
            (r"C:\temp\file.txt", ["", "C:", r"C:\temp", "temp", "file.txt", "txt", ""]),
            (r"temp\file.txt", ["", "", "temp", "temp", "file.txt", "txt", ""]),
            ("file://C:/temp/file.txt:some.exe", ["file", "C:", "C:/temp", "temp", "file.txt", "txt", "some.exe"]),
            (r"\\shared\users\temp\file.txt.gz", ["", "", r"\\shared\users\temp", "temp", "file.txt.gz", "gz", ""]),
            ("/usr/lib/temp/file.txt", ["", "", "/usr/lib/temp", "temp", "file.txt", "txt", ""]),
            (r"C:\file", ["", "C:", "C:", "", "file", "", ""]),
            ("", ["", "", "", "", "", "", ""]),
        ] {
            let found = Parts::of(path);
            let found = [
                found.scheme,
                found.root,
                found.directory,
                found.directory_name,
                found.file,
                found.extension,
                found.stream,
            ];
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn parts_come_as_a_bag() {
        use crate::scalar::testing::{check, json, text};
        let expected = r#"{"Scheme":"","RootPath":"","DirectoryPath":"/a","DirectoryName":"a","Filename":"b.c","Extension":"c","AlternateDataStreamName":""}"#;
        check("parse_path", &[text("/a/b.c")], json(expected));
    }
}
