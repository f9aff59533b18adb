//! A text that a file gives as keys, given on as keys.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray, StringViewArray, make_view};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Schema, UInt32Type};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use super::by_key::{is_same, keys_and_texts};
use super::keyed_text::{keyed_text_type, with_own_keys};

/// A column of keys, whose texts become views as plans have them: those of a dictionary once, or of a few rows each on its own.
pub(super) struct TextByKey {
    /// The keys.
    column: Arc<dyn PhysicalExpr>,
    /// The last dictionary; no part of what the expression is.
    known: Mutex<Option<Known>>,
}

/// A dictionary.
struct Known {
    /// Kept, so that no other dictionary can come to lie where it does.
    texts: StringArray,
    /// Rows that were asked for.
    rows: usize,
    /// Once enough rows were asked for.
    views: Option<ArrayRef>,
}

impl TextByKey {
    pub(super) fn new(column: Arc<dyn PhysicalExpr>) -> Self {
        Self { column, known: Mutex::default() }
    }

    /// The texts of the dictionary, where that many rows more are worth it.
    fn views(&self, texts: &StringArray, rows: usize) -> Option<ArrayRef> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match &mut *known {
            Some(known) if is_same(&known.texts, texts) => known,
            other => other.insert(Known { texts: texts.clone(), rows: 0, views: None }),
        };
        known.rows = known.rows.saturating_add(rows);
        if known.views.is_none() && known.rows >= texts.len() {
            known.views = Some(Arc::new(StringViewArray::from(texts)));
        }
        known.views.clone()
    }
}

/// The texts of the rows, none of which is null, in the memory of the dictionary.
fn views_of_rows(keys: &DictionaryArray<UInt32Type>, texts: &StringArray) -> Result<StringViewArray> {
    let offsets = texts.value_offsets();
    let views = keys.keys().values().iter().map(|key| {
        let text = texts.value(*key as usize);
        make_view(text.as_bytes(), 0, offsets[*key as usize] as u32)
    });
    Ok(StringViewArray::try_new(views.collect::<Vec<_>>().into(), vec![texts.values().clone()], None)?)
}

impl fmt::Debug for TextByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextByKey").field("column", &self.column).finish_non_exhaustive()
    }
}

impl fmt::Display for TextByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text_by_key({})", self.column)
    }
}

impl PartialEq for TextByKey {
    fn eq(&self, other: &Self) -> bool {
        self.column.as_ref() == other.column.as_ref()
    }
}

impl Eq for TextByKey {}

impl Hash for TextByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
    }
}

impl PhysicalExpr for TextByKey {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(keyed_text_type())
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.column.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let (keys, texts) = keys_and_texts(&self.column, batch)?;
        if keys.null_count() > 0 || texts.null_count() > 0 {
            // A cast of the keys overlooks texts that are null.
            let views = cast(&take(&texts, keys.keys(), None)?, &DataType::Utf8View)?;
            return with_own_keys(views.as_string_view().clone()).map(ColumnarValue::Array);
        }
        let keyed = match self.views(&texts, keys.len()) {
            Some(views) => Arc::new(DictionaryArray::<UInt32Type>::try_new(keys.keys().clone(), views)?),
            None => with_own_keys(views_of_rows(&keys, &texts)?)?,
        };
        Ok(ColumnarValue::Array(keyed))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.column]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [column] = <[_; 1]>::try_from(children).or_else(|_| internal_err!("a text by its key is of one column"))?;
        Ok(Arc::new(Self::new(column)))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.column.fmt_sql(f)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::UInt32Array;
    use arrow::datatypes::Field;
    use datafusion::physical_expr::expressions::Column;
    use proptest::prelude::*;

    use super::*;

    fn batch(rows: &[Option<usize>], texts: &[Option<&str>]) -> RecordBatch {
        let keys: UInt32Array = rows.iter().map(|row| row.map(|row| row as u32)).collect();
        let values = Arc::new(texts.iter().copied().collect::<StringArray>());
        let column = DictionaryArray::<UInt32Type>::new(keys, values);
        let schema = Schema::new(vec![Field::new("text", column.data_type().clone(), true)]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(column)]).expect("fits")
    }

    /// The texts of the rows, and how many texts the keys are into.
    fn texts_of(text: &TextByKey, batch: &RecordBatch) -> (Vec<Option<String>>, usize) {
        let keyed = text.evaluate(batch).and_then(|keyed| keyed.into_array(batch.num_rows())).expect("texts");
        assert_eq!(*keyed.data_type(), keyed_text_type());
        let keyed = keyed.as_dictionary::<UInt32Type>();
        let views = take(keyed.values(), keyed.keys(), None).expect("texts");
        let texts = views.as_string_view().iter().map(|text| text.map(str::to_owned)).collect();
        (texts, keyed.values().len())
    }

    proptest! {
        #[test]
        fn texts_are_those_of_the_keys(
            rows in proptest::collection::vec(proptest::option::weighted(0.99, 0usize..5), 0..40),
            has_null in proptest::bool::weighted(0.1),
            from in 0usize..20,
        ) {
            let texts = [Some("a"), Some("bb"), Some(""), Some("a text that is longer than a view"), (!has_null).then_some("c")];
            let from = from.min(rows.len());
            let batch = batch(&rows, &texts).slice(from, rows.len() - from);
            let expected: Vec<_> = rows[from..].iter().map(|row| texts[(*row)?].map(str::to_owned)).collect();
            let text = TextByKey::new(Arc::new(Column::new("text", 0)));
            for _ in 0..3 {
                prop_assert_eq!(&texts_of(&text, &batch).0, &expected);
            }
        }
    }

    #[test]
    fn a_dictionary_becomes_views_once_enough_of_it_is_asked_for() {
        let texts = ["a", "b", "c", "d", "e"].map(Some);
        let text = TextByKey::new(Arc::new(Column::new("text", 0)));
        let sizes = [2, 2, 2, 1].map(|rows| texts_of(&text, &batch(&vec![Some(4); rows], &texts)).1);
        assert_eq!(sizes, [2, 2, 2, 1], "each batch has a dictionary of its own");
        let batch = batch(&[Some(4), Some(0)], &texts);
        assert_eq!([0; 4].map(|_| texts_of(&text, &batch).1), [2, 2, 5, 5]);
    }
}
