//! A test of texts that a file gives as keys.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, BooleanArray, DictionaryArray, RecordBatch, StringArray, StringViewArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::{exec_err, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

/// A test over a column of keys, asked once for each text of a dictionary.
pub(super) struct ByKey {
    /// The keys.
    column: Arc<dyn PhysicalExpr>,
    /// Over one column of texts that may be null.
    test: Arc<dyn PhysicalExpr>,
    /// What the test said of the last dictionary; no part of what the expression is.
    known: Mutex<Option<Arc<Verdicts>>>,
}

/// What a test says of the texts of a dictionary.
#[derive(Debug)]
struct Verdicts {
    /// Kept, so that no other dictionary can come to lie where it does.
    texts: StringArray,
    /// By key, and at last of what is null.
    of: BooleanArray,
    /// In short, where it can be said so.
    short: Short,
}

/// The verdicts of all keys but the null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Short {
    /// All are this one.
    All(bool),
    /// One key's is this one, the others' are not.
    AllBut(u32, bool),
    /// As they are.
    Mixed,
}

impl ByKey {
    pub(super) fn new(column: Arc<dyn PhysicalExpr>, test: Arc<dyn PhysicalExpr>) -> Self {
        Self { column, test, known: Mutex::default() }
    }

    fn verdicts(&self, texts: &StringArray) -> Result<Arc<Verdicts>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| is_same(&known.texts, texts)) {
            return Ok(known);
        }
        let verdicts = Arc::new(Verdicts::new(&self.test, texts)?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&verdicts));
        Ok(verdicts)
    }
}

impl Verdicts {
    fn new(test: &Arc<dyn PhysicalExpr>, texts: &StringArray) -> Result<Self> {
        let views = with_null(texts);
        let rows = views.len();
        let batch = RecordBatch::try_new(one_column(), vec![Arc::new(views)])?;
        let of = as_boolean_array(&test.evaluate(&batch)?.into_array(rows)?)?.clone();
        let short = Short::of(&of.slice(0, texts.len()));
        Ok(Self { texts: texts.clone(), of, short })
    }

    /// What is said of each row.
    fn of_rows(&self, keys: &DictionaryArray<UInt32Type>) -> BooleanArray {
        let numbers = keys.keys().values();
        let said = self.of.values();
        let values = match self.short {
            Short::All(verdict) if verdict => BooleanBuffer::new_set(numbers.len()),
            Short::All(_) => BooleanBuffer::new_unset(numbers.len()),
            Short::AllBut(key, verdict) => bits(numbers, |number| (number == key) == verdict),
            Short::Mixed => bits(numbers, |number| said.value(number as usize)),
        };
        let null = self.of.len() - 1;
        // Verdicts that are null, and rows without a text, are rare.
        if keys.null_count() == 0 && self.of.slice(0, null).null_count() == 0 {
            return BooleanArray::new(values, None);
        }
        let key = |row: usize| if keys.is_null(row) { null } else { numbers[row] as usize };
        let values = BooleanBuffer::collect_bool(numbers.len(), |row| said.value(key(row)));
        let valid = BooleanBuffer::collect_bool(numbers.len(), |row| self.of.is_valid(key(row)));
        BooleanArray::new(values, Some(NullBuffer::new(valid)))
    }
}

impl Short {
    fn of(verdicts: &BooleanArray) -> Self {
        if verdicts.null_count() > 0 {
            return Self::Mixed;
        }
        let (values, yes) = (verdicts.values(), verdicts.true_count());
        let only = |verdict: bool| {
            (0..values.len()).find(|key| values.value(*key) == verdict).and_then(|key| u32::try_from(key).ok())
        };
        match (yes, values.len() - yes) {
            (_, 0) => Self::All(true),
            (0, _) => Self::All(false),
            (1, _) => only(true).map_or(Self::Mixed, |key| Self::AllBut(key, true)),
            (_, 1) => only(false).map_or(Self::Mixed, |key| Self::AllBut(key, false)),
            _ => Self::Mixed,
        }
    }
}

/// Keys that are asked at once.
const KEYS: usize = 64;

/// A bit for each key. Arrow's own way asks and shifts key by key; here the processor asks several at once, and eight answers become a byte.
fn bits(keys: &[u32], test: impl Fn(u32) -> bool) -> BooleanBuffer {
    let mut words: Vec<u64> = Vec::with_capacity(keys.len().div_ceil(KEYS));
    let (whole, rest) = keys.as_chunks::<KEYS>();
    words.extend(whole.iter().map(|keys| word(&keys.map(|key| u8::from(test(key))))));
    if !rest.is_empty() {
        let mut answers = [0; KEYS];
        for (answer, key) in answers.iter_mut().zip(rest) {
            *answer = u8::from(test(*key));
        }
        words.push(word(&answers));
    }
    BooleanBuffer::new(Buffer::from_vec(words), 0, keys.len())
}

/// The bits of bytes that are 0 or 1, the first one lowest.
fn word(answers: &[u8; KEYS]) -> u64 {
    /// Brings the bit of each byte of eight to its place in the highest one: the lowest byte's by 56, the next one's by 49, and so on.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = answers.as_chunks::<8>();
    let bytes = eights.iter().map(|eight| (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) as u8);
    let mut word = [0; 8];
    for (place, byte) in word.iter_mut().zip(bytes) {
        *place = byte;
    }
    u64::from_le_bytes(word)
}

/// A column of keys, and the texts that they are into.
pub(super) fn keys_and_texts(
    column: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<(DictionaryArray<UInt32Type>, StringArray)> {
    let values = column.evaluate(batch)?.into_array(batch.num_rows())?;
    let Some(keys) = values.as_dictionary_opt::<UInt32Type>() else {
        return exec_err!("the column {column} has no keys but values of the type {}", values.data_type());
    };
    let Some(texts) = keys.values().as_string_opt::<i32>() else {
        return exec_err!("the column {column} has keys of the type {}", keys.values().data_type());
    };
    Ok((keys.clone(), texts.clone()))
}

/// Whether two dictionaries are the same memory.
pub(super) fn is_same(one: &StringArray, other: &StringArray) -> bool {
    one.offsets().ptr_eq(other.offsets()) && one.values().ptr_eq(other.values())
}

/// The texts as a plan has them, and a null.
fn with_null(texts: &StringArray) -> StringViewArray {
    let views = StringViewArray::from(texts);
    let mut all: Vec<u128> = Vec::with_capacity(views.len() + 1);
    all.extend_from_slice(views.views());
    all.push(0);
    let valid = (0..all.len()).map(|at| at < texts.len() && texts.is_valid(at)).collect::<NullBuffer>();
    StringViewArray::new(all.into(), views.data_buffers().to_vec(), Some(valid))
}

fn one_column() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8View, true)]))
}

impl fmt::Debug for ByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByKey").field("column", &self.column).field("test", &self.test).finish_non_exhaustive()
    }
}

impl fmt::Display for ByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by_key({}, {})", self.column, self.test)
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        self.column.as_ref() == other.column.as_ref() && self.test.as_ref() == other.test.as_ref()
    }
}

impl Eq for ByKey {}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
        self.test.hash(state);
    }
}

impl PhysicalExpr for ByKey {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        self.test.nullable(&one_column())
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let (keys, texts) = keys_and_texts(&self.column, batch)?;
        let verdicts = self.verdicts(&texts)?;
        Ok(ColumnarValue::Array(Arc::new(verdicts.of_rows(&keys))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.column]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [column] = <[_; 1]>::try_from(children).or_else(|_| internal_err!("a test by keys is of one column"))?;
        Ok(Arc::new(Self::new(column, Arc::clone(&self.test))))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.test.fmt_sql(f)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::UInt32Array;
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{Column, binary, case, in_list, is_null, lit};
    use proptest::prelude::*;

    use super::*;

    fn text() -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new("text", 0))
    }

    fn same(constant: &str) -> Arc<dyn PhysicalExpr> {
        let constant = lit(datafusion::common::ScalarValue::Utf8View(Some(constant.to_owned())));
        binary(text(), Operator::Eq, constant, &one_column()).expect("types fit")
    }

    /// Tests that are true of none, one, all but one and all of some texts, that say something of null, and that say nothing of some texts.
    fn tests() -> Vec<Arc<dyn PhysicalExpr>> {
        let not_a = binary(text(), Operator::NotEq, lit_view("a"), &one_column()).expect("types fit");
        let null = lit(datafusion::common::ScalarValue::Boolean(None));
        vec![
            same("no such"),
            same("a"),
            not_a,
            is_null(text()).expect("an expression"),
            in_list(text(), vec![lit_view("a"), lit_view("bb")], &false, &one_column()).expect("a list"),
            case(None, vec![(same("bb"), null)], Some(same("a"))).expect("an expression"),
            case(None, vec![(is_null(text()).expect("an expression"), lit(true))], Some(same("a"))).expect("types fit"),
        ]
    }

    fn lit_view(constant: &str) -> Arc<dyn PhysicalExpr> {
        lit(datafusion::common::ScalarValue::Utf8View(Some(constant.to_owned())))
    }

    proptest! {
        #[test]
        fn what_is_said_by_key_is_what_is_said_of_the_text(
            rows in proptest::collection::vec(proptest::option::weighted(0.9, 0usize..4), 0..200),
            from in 0usize..70,
        ) {
            let texts = ["a", "bb", "", "a text that is longer than a view"];
            let keys: UInt32Array = rows.iter().map(|row| row.map(|row| row as u32)).collect();
            let values = Arc::new(StringArray::from(texts.to_vec()));
            let column = DictionaryArray::<UInt32Type>::new(keys, values);
            let views: StringViewArray = rows.iter().map(|row| row.map(|row| texts[row])).collect();
            let from = from.min(rows.len());
            let (column, views) = (column.slice(from, rows.len() - from), views.slice(from, rows.len() - from));
            let keyed = Schema::new(vec![Field::new("text", column.data_type().clone(), true)]);
            let keyed = RecordBatch::try_new(Arc::new(keyed), vec![Arc::new(column)]).expect("fits");
            let plain = RecordBatch::try_new(one_column(), vec![Arc::new(views)]).expect("fits");
            for test in tests() {
                let by_key = ByKey::new(text(), Arc::clone(&test));
                let expected = test.evaluate(&plain).and_then(|said| said.into_array(plain.num_rows())).expect("says");
                for _ in 0..2 {
                    let said = by_key.evaluate(&keyed).and_then(|said| said.into_array(keyed.num_rows())).expect("says");
                    prop_assert_eq!(&said, &expected, "{}", test);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn bits_are_those_of_each_key(keys in proptest::collection::vec(0u32..3, 0..200)) {
            let expected = BooleanBuffer::collect_bool(keys.len(), |at| keys[at] == 1);
            prop_assert_eq!(bits(&keys, |key| key == 1), expected);
        }
    }

    #[test]
    fn another_dictionary_is_asked_anew() {
        let by_key = ByKey::new(text(), same("a"));
        for (texts, expected) in [(vec!["a", "bb"], [true, false]), (vec!["bb", "a"], [false, true])] {
            let values = Arc::new(StringArray::from(texts));
            let column = DictionaryArray::<UInt32Type>::new(UInt32Array::from(vec![0, 1]), values);
            let schema = Schema::new(vec![Field::new("text", column.data_type().clone(), true)]);
            let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(column)]).expect("fits");
            let said = by_key.evaluate(&batch).and_then(|said| said.into_array(2)).expect("says");
            assert_eq!(*said.as_boolean(), BooleanArray::from(expected.to_vec()));
        }
    }

    #[test]
    fn a_column_without_keys_is_refused() {
        let batch = RecordBatch::try_new(one_column(), vec![Arc::new(StringViewArray::from(vec!["a"]))]).expect("fits");
        let error = ByKey::new(text(), same("a")).evaluate(&batch).expect_err("it has none").to_string();
        assert!(error.contains("has no keys but values of the type Utf8View"), "{error}");
    }
}
