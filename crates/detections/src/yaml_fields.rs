//! Reads fields of a YAML mapping one by one, with errors that say where.

use std::str::FromStr;

use chrono::TimeDelta;
use serde_norway::{Mapping, Value};

use crate::RuleError;
use crate::duration::parse_duration;

/// A mapping whose fields are taken out as they are understood; what is left is unknown.
pub(crate) struct Fields<'a> {
    file: &'a str,
    path: String,
    map: Mapping,
}

impl<'a> Fields<'a> {
    pub(crate) fn of_document(file: &'a str, value: Value) -> Result<Self, RuleError> {
        Self::of(file, String::new(), value)
    }

    fn of(file: &'a str, path: String, value: Value) -> Result<Self, RuleError> {
        match value {
            Value::Mapping(map) => Ok(Self { file, path, map }),
            other => Err(RuleError {
                file: file.to_owned(),
                field: if path.is_empty() { ".".to_owned() } else { path },
                problem: format!("expected a mapping, found {}", describe(&other)),
                hint: "write `name: value` lines".to_owned(),
            }),
        }
    }

    /// What was not taken.
    pub(crate) fn rest(self) -> Mapping {
        self.map
    }

    pub(crate) fn error(&self, field: &str, problem: String, hint: &str) -> RuleError {
        RuleError { file: self.file.to_owned(), field: self.full(field), problem, hint: hint.to_owned() }
    }

    fn full(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Takes a field; an explicit null is as if it were absent.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.map.shift_remove(field).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, RuleError> {
        let Some(value) = self.take(field) else { return Ok(None) };
        scalar(&value)
            .map(Some)
            .ok_or_else(|| self.error(field, format!("expected text, found {}", describe(&value)), ""))
    }

    pub(crate) fn required_text(&mut self, field: &str, hint: &str) -> Result<String, RuleError> {
        let found = self.text(field)?.filter(|text| !text.trim().is_empty());
        found.ok_or_else(|| self.error(field, "missing".to_owned(), hint))
    }

    /// Text that another type reads.
    pub(crate) fn parsed<T: FromStr<Err = String>>(&mut self, field: &str, hint: &str) -> Result<Option<T>, RuleError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        text.parse().map(Some).map_err(|problem| self.error(field, problem, hint))
    }

    pub(crate) fn flag(&mut self, field: &str) -> Result<Option<bool>, RuleError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        match text.to_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(self.error(field, format!("expected true or false, found `{text}`"), "")),
        }
    }

    pub(crate) fn number(&mut self, field: &str) -> Result<Option<u64>, RuleError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        text.parse()
            .map(Some)
            .map_err(|_| self.error(field, format!("expected a number of 0 or more, found `{text}`"), ""))
    }

    pub(crate) fn duration(&mut self, field: &str) -> Result<Option<TimeDelta>, RuleError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let hint = "write 5m, 1h, 1d, PT5H or 1.00:00:00";
        parse_duration(&text).map(Some).ok_or_else(|| self.error(field, format!("`{text}` is no length of time"), hint))
    }

    /// A list; a single value counts as a list of one.
    pub(crate) fn list(&mut self, field: &str) -> Vec<Value> {
        match self.take(field) {
            None => Vec::new(),
            Some(Value::Sequence(values)) => values,
            Some(value) => vec![value],
        }
    }

    pub(crate) fn texts(&mut self, field: &str) -> Result<Vec<String>, RuleError> {
        let values = self.list(field);
        values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_null())
            .map(|(index, value)| {
                let problem = || format!("expected text, found {}", describe(value));
                scalar(value).ok_or_else(|| self.error(&format!("{field}[{index}]"), problem(), ""))
            })
            .collect()
    }

    /// A list of texts that another type reads.
    pub(crate) fn parsed_list<T: FromStr<Err = String>>(&mut self, field: &str) -> Result<Vec<T>, RuleError> {
        let texts = self.texts(field)?;
        let read = |(index, text): (usize, &String)| {
            text.parse().map_err(|problem| self.error(&format!("{field}[{index}]"), problem, ""))
        };
        texts.iter().enumerate().map(read).collect()
    }

    pub(crate) fn mapping(&mut self, field: &str) -> Result<Option<Fields<'a>>, RuleError> {
        let path = self.full(field);
        self.take(field).map(|value| Fields::of(self.file, path, value)).transpose()
    }

    pub(crate) fn mappings(&mut self, field: &str) -> Result<Vec<Fields<'a>>, RuleError> {
        let values = self.list(field);
        let path = self.full(field);
        values
            .into_iter()
            .enumerate()
            .map(|(index, value)| Fields::of(self.file, format!("{path}[{index}]"), value))
            .collect()
    }

    /// Name and text of every field that is left.
    pub(crate) fn text_pairs(self) -> Result<Vec<(String, String)>, RuleError> {
        let pair = |(name, value): (&Value, &Value)| {
            let name = scalar(name).ok_or_else(|| self.error("", "a name is no text".to_owned(), ""))?;
            let text = scalar(value)
                .ok_or_else(|| self.error(&name, format!("expected text, found {}", describe(value)), ""))?;
            Ok((name, text))
        };
        self.map.iter().map(pair).collect()
    }
}

pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => format!("`{}`", scalar(value).unwrap_or_default()),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(_) => "a YAML tag".to_owned(),
    }
}
