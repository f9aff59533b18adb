//! Columns that are filled cell by cell.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringViewArray, StringViewBuilder};
use kql_functions::{Type, convert, dynamic};

use super::mapping::Mapping;

/// Most cells of one `externaldata`: what they take in memory beside their text.
const MAX_CELLS: usize = 50_000_000;

/// The columns of an external file that is being read.
pub(super) struct Cells<'a> {
    columns: &'a [(String, Type)],
    mappings: &'a [Mapping],
    builders: Vec<StringViewBuilder>,
    rows: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn new(columns: &'a [(String, Type)], mappings: &'a [Mapping]) -> Self {
        let builders = columns.iter().map(|_| StringViewBuilder::new()).collect();
        Self { columns, mappings, builders, rows: 0 }
    }

    /// Adds a row; `text` gives the text of a column.
    ///
    /// # Errors
    /// Where there are too many cells.
    pub(super) fn push<'t>(&mut self, mut text: impl FnMut(&Mapping) -> Option<&'t str>) -> Result<(), String> {
        self.rows += 1;
        if self.rows * self.columns.len() > MAX_CELLS {
            return Err(format!("more than {MAX_CELLS} cells"));
        }
        for (builder, mapping) in self.builders.iter_mut().zip(self.mappings) {
            match mapping {
                Mapping::Constant(constant) => builder.append_value(constant),
                mapping => builder.append_option(text(mapping)),
            }
        }
        Ok(())
    }

    /// The columns in their types; texts that are no value of the type give null.
    pub(super) fn finish(self, is_json: bool) -> Vec<ArrayRef> {
        let columns = self.builders.into_iter().zip(self.columns).zip(self.mappings);
        columns
            .map(|((mut builder, (_, ty)), mapping)| {
                let texts: ArrayRef = Arc::new(builder.finish());
                match (is_json && !matches!(mapping, Mapping::Constant(_)), ty) {
                    (true, ty) => typed(texts, Type::Dynamic, *ty),
                    (false, Type::Dynamic) => parsed(&texts),
                    (false, ty) => typed(texts, Type::String, *ty),
                }
            })
            .collect()
    }
}

/// The texts as values; strings that are absent are empty.
fn typed(texts: ArrayRef, from: Type, to: Type) -> ArrayRef {
    if from != Type::String {
        return convert::cast(&texts, from, to);
    }
    let filled: StringViewArray = texts.as_string_view().iter().map(|text| Some(text.unwrap_or_default())).collect();
    convert::cast(&(Arc::new(filled) as ArrayRef), Type::String, to)
}

/// The texts as dynamic values: JSON where they are JSON, else strings; nothing where they are empty.
fn parsed(texts: &ArrayRef) -> ArrayRef {
    let mut builder = StringViewBuilder::new();
    for text in texts.as_string_view() {
        match text.map(str::trim) {
            None | Some("") | Some("null") => builder.append_null(),
            Some(text) => match dynamic::parse(text) {
                Some(json) => builder.append_value(json),
                None => {
                    let mut quoted = String::new();
                    dynamic::write_quoted(&mut quoted, text);
                    builder.append_value(quoted);
                }
            },
        }
    }
    Arc::new(builder.finish())
}
