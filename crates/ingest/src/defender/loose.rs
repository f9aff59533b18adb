//! Fields whose names tools spell in their own ways: `createdDateTime`, `CreatedDateTime`, `created_date_time`.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::json::{JsonObject, JsonValue};
use crate::time::parse_time;

/// Whether two names are the same but for case and underscores.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
    }
    letters(left).eq(letters(right))
}

/// An object whose fields are found whatever the spelling of their names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loose<'r, 'a>(pub &'r JsonObject<'a>);

impl<'r, 'a> Loose<'r, 'a> {
    /// The value of this field, unless it is null.
    pub fn get(&self, name: &str) -> Option<&'r JsonValue<'a>> {
        let exact = self.0.get(name);
        let found = exact.or_else(|| self.0.iter().find(|(field, _)| same_name(field, name)).map(|(_, value)| value));
        found.filter(|value| !value.is_null())
    }

    /// Whether the field is there, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.has(name) || self.0.iter().any(|(field, _)| same_name(field, name))
    }

    /// The first of these fields that is there and not blank, as text.
    pub fn text(&self, names: &[&str]) -> Option<Cow<'r, str>> {
        names.iter().find_map(|name| self.get(name).filter(|value| !value.is_blank()).map(JsonValue::to_text))
    }

    /// The first of these fields that is a time.
    pub fn time(&self, names: &[&str]) -> Option<DateTime<Utc>> {
        names.iter().find_map(|name| parse_time(&self.get(name)?.as_str()?))
    }

    /// The objects of the first of these fields that is there: an array of them, or one alone.
    pub fn objects(&self, names: &[&str]) -> Vec<JsonObject<'a>> {
        let Some(value) = names.iter().find_map(|name| self.get(name)) else { return Vec::new() };
        match value.as_array() {
            Some(elements) => elements.iter().filter_map(JsonValue::as_object).collect(),
            None => value.as_object().into_iter().collect(),
        }
    }

    /// The texts of the first of these fields that is there: an array of them, or one alone.
    pub fn texts(&self, names: &[&str]) -> Vec<String> {
        let Some(value) = names.iter().find_map(|name| self.get(name)) else { return Vec::new() };
        let elements = value.as_array().unwrap_or_else(|| vec![value.clone()]);
        elements.iter().filter(|element| !element.is_blank()).map(|element| element.to_text().into_owned()).collect()
    }

    /// The text at the end of a path such as `userAccount.accountName`.
    pub fn path(&self, path: &str) -> Option<String> {
        match path.split_once('.') {
            None => self.text(&[path]).map(Cow::into_owned),
            Some((step, rest)) => Loose(&self.get(step)?.as_object()?).path(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_every_spelling() {
        let object =
            JsonObject::parse(r#"{"user_account":{"AccountName":"ada"},"tags":["a",null,"b"],"one":{"x":1},"n":null}"#)
                .unwrap();
        let loose = Loose(&object);
        assert_eq!(loose.path("userAccount.accountName").as_deref(), Some("ada"));
        assert_eq!(loose.texts(&["tags"]), ["a", "b"]);
        assert_eq!(loose.objects(&["missing", "one"]).len(), 1);
        assert!(loose.get("n").is_none() && loose.has("n"));
        assert_eq!(loose.path("one.x.y"), None);
    }
}
