//! What is known of a file without reading it: row count, and per column the bounds and the number of nulls.
//!
//! The form is Delta's `stats` JSON (delta.io protocol, "Per-file Statistics"). A string column that a file leaves out
//! counts as null there, because that is what other readers see; ours reads `""`.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{max, max_string, max_string_view, min, min_string, min_string_view};
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

/// Bounds on text longer than this, in bytes, are cut (lower) or left out (upper).
const TEXT_BOUND_LIMIT: usize = 64;

/// A bound of one column.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Bound {
    Integer(i64),
    Text(String),
    /// µs since 1970.
    Time(i64),
}

/// What is known of one column of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ColumnBounds {
    pub(crate) min: Option<Bound>,
    pub(crate) max: Option<Bound>,
    pub(crate) nulls: Option<u64>,
}

/// What is known of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FileStatistics {
    pub(crate) rows: u64,
    pub(crate) columns: BTreeMap<String, ColumnBounds>,
}

impl ColumnBounds {
    /// A column of which the file holds no value.
    pub(crate) fn absent(rows: u64) -> Self {
        Self { min: None, max: None, nulls: Some(rows) }
    }

    /// The bounds of these values; `None` for a type without bounds.
    pub(crate) fn of(array: &ArrayRef) -> Self {
        let (least, greatest) = match array.data_type() {
            DataType::Int32 => {
                let values = array.as_primitive::<Int32Type>();
                (min(values).map(integer), max(values).map(integer))
            }
            DataType::Int64 => {
                let values = array.as_primitive::<Int64Type>();
                (min(values).map(Bound::Integer), max(values).map(Bound::Integer))
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let values = array.as_primitive::<TimestampMicrosecondType>();
                (min(values).map(Bound::Time), max(values).map(Bound::Time))
            }
            DataType::Utf8 => {
                let values = array.as_string::<i32>();
                (min_string(values).map(text), max_string(values).map(text))
            }
            DataType::Utf8View => {
                let values = array.as_string_view();
                (min_string_view(values).map(text), max_string_view(values).map(text))
            }
            _ => (None, None),
        };
        Self { min: least, max: greatest, nulls: Some(array.null_count() as u64) }
    }

    /// Takes in the bounds of more rows of the same column.
    pub(crate) fn merge(&mut self, other: Self) {
        self.min = pick(self.min.take(), other.min, |left, right| left <= right);
        self.max = pick(self.max.take(), other.max, |left, right| left >= right);
        self.nulls = self.nulls.zip(other.nulls).map(|(left, right)| left + right);
    }
}

fn integer(value: i32) -> Bound {
    Bound::Integer(value.into())
}

fn text(value: &str) -> Bound {
    Bound::Text(value.to_owned())
}

/// Batches without any value have no bound, so one bound stands for both.
fn pick(left: Option<Bound>, right: Option<Bound>, keep_left: impl Fn(&Bound, &Bound) -> bool) -> Option<Bound> {
    match (left, right) {
        (Some(left), Some(right)) => Some(if keep_left(&left, &right) { left } else { right }),
        (left, right) => left.or(right),
    }
}

impl FileStatistics {
    /// Delta's JSON.
    pub(crate) fn to_json(&self) -> String {
        let of = |bound: fn(&ColumnBounds) -> Option<Value>| -> Map<String, Value> {
            self.columns.iter().filter_map(|(name, column)| Some((name.clone(), bound(column)?))).collect()
        };
        json!({
            "numRecords": self.rows,
            "minValues": of(|column| lower_json(column.min.as_ref()?)),
            "maxValues": of(|column| upper_json(column.max.as_ref()?)),
            "nullCount": of(|column| column.nulls.map(Value::from)),
        })
        .to_string()
    }

    /// Reads Delta's JSON, given each column's type; what is not understood is unknown, never wrong.
    pub(crate) fn from_json(text: &str, type_of: impl Fn(&str) -> Option<DataType>) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let rows = json.get("numRecords")?.as_u64()?;
        let mut columns: BTreeMap<String, ColumnBounds> = BTreeMap::new();
        for (name, value) in members(&json, "minValues") {
            columns.entry(name.clone()).or_default().min = type_of(name).and_then(|ty| parse(value, &ty));
        }
        for (name, value) in members(&json, "maxValues") {
            columns.entry(name.clone()).or_default().max = type_of(name).and_then(|ty| parse(value, &ty));
        }
        for (name, value) in members(&json, "nullCount") {
            columns.entry(name.clone()).or_default().nulls = value.as_u64();
        }
        Some(Self { rows, columns })
    }
}

fn members<'a>(json: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    json.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn lower_json(bound: &Bound) -> Option<Value> {
    match bound {
        Bound::Text(text) => {
            let mut end = text.len().min(TEXT_BOUND_LIMIT);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            Some(Value::from(&text[..end]))
        }
        other => scalar_json(other),
    }
}

fn upper_json(bound: &Bound) -> Option<Value> {
    match bound {
        Bound::Text(text) if text.len() > TEXT_BOUND_LIMIT => None,
        other => scalar_json(other),
    }
}

fn scalar_json(bound: &Bound) -> Option<Value> {
    Some(match bound {
        Bound::Integer(value) => Value::from(*value),
        Bound::Text(text) => Value::from(text.as_str()),
        Bound::Time(microseconds) => {
            let time = DateTime::from_timestamp_micros(*microseconds)?;
            Value::from(time.to_rfc3339_opts(SecondsFormat::Micros, true))
        }
    })
}

fn parse(value: &Value, ty: &DataType) -> Option<Bound> {
    Some(match ty {
        DataType::Int32 | DataType::Int64 => Bound::Integer(value.as_i64()?),
        DataType::Utf8 | DataType::Utf8View => Bound::Text(value.as_str()?.to_owned()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Bound::Time(DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp_micros())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    fn type_of(name: &str) -> Option<DataType> {
        Some(match name {
            "time" => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            "text" => DataType::Utf8View,
            "number" => DataType::Int64,
            _ => return None,
        })
    }

    #[test]
    fn bounds_survive_the_way_through_json() {
        let time = TimestampMicrosecondArray::from(vec![1_704_067_200_000_001, -1]).with_timezone("UTC");
        let columns: [(&str, ArrayRef); 3] = [
            ("time", Arc::new(time)),
            ("text", Arc::new(StringArray::from(vec!["b", "a"]))),
            ("number", Arc::new(Int64Array::from(vec![None, Some(7)]))),
        ];
        let columns = columns.iter().map(|(name, array)| ((*name).to_owned(), ColumnBounds::of(array))).collect();
        let statistics = FileStatistics { rows: 2, columns };
        assert_eq!(FileStatistics::from_json(&statistics.to_json(), type_of), Some(statistics));
    }

    #[test]
    fn long_text_has_a_cut_lower_bound_and_no_upper_one() {
        let long: ArrayRef = Arc::new(StringArray::from(vec!["é".repeat(100)]));
        let columns = BTreeMap::from([("text".to_owned(), ColumnBounds::of(&long))]);
        let read = FileStatistics::from_json(&FileStatistics { rows: 1, columns }.to_json(), type_of).expect("parses");
        assert_eq!(read.columns["text"].min, Some(Bound::Text("é".repeat(32))));
        assert_eq!(read.columns["text"].max, None);
    }

    #[test]
    fn merging_with_rows_of_nulls_keeps_the_bounds() {
        let some: ArrayRef = Arc::new(Int64Array::from(vec![3, 5]));
        let none: ArrayRef = Arc::new(Int64Array::from(vec![None, None::<i64>]));
        let mut bounds = ColumnBounds::of(&none);
        bounds.merge(ColumnBounds::of(&some));
        let expected = ColumnBounds { min: Some(Bound::Integer(3)), max: Some(Bound::Integer(5)), nulls: Some(2) };
        assert_eq!(bounds, expected);
    }

    #[test]
    fn statistics_of_another_writer_that_are_not_understood_are_unknown() {
        let text = r#"{"numRecords":1,"minValues":{"time":"yesterday","other":1,"number":"x"},"nullCount":{}}"#;
        let read = FileStatistics::from_json(text, type_of).expect("has a row count");
        assert!(read.columns.values().all(|column| *column == ColumnBounds::default()));
        assert_eq!(FileStatistics::from_json("{}", type_of), None);
    }
}
