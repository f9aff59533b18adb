//! Bodies that are written piece by piece, as somebody reads them: a large result is never one text.

use std::collections::VecDeque;

use crate::answer::ResultSet;
use crate::cell::{CellForm, write_cell};
use crate::text::quoted;

/// Size from which a chunk is handed on, in bytes: large enough that its costs vanish, small enough that many can wait.
pub const CHUNK_BYTES: usize = 64 << 10;

/// How a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowForm {
    /// `[1,"a"]`.
    Array,
    /// `{"x":1,"y":"a"}`.
    Object,
}

/// A body in chunks of about [`CHUNK_BYTES`]: an iterator, so that nothing is encoded before it is wanted.
#[derive(Debug, Default)]
pub struct Chunks {
    pieces: VecDeque<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Rows(Rows),
}

/// Rows that are yet to be written.
#[derive(Debug)]
struct Rows {
    set: ResultSet,
    cells: CellForm,
    /// In front of each value of a row: empty for arrays.
    keys: Vec<String>,
    form: RowForm,
    /// The next row of the first batch.
    next: usize,
    is_first: bool,
}

impl Chunks {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }

    /// A body of one text.
    pub fn of(text: String) -> Self {
        Self { pieces: VecDeque::from([Piece::Text(text)]) }
    }

    /// Adds text as it is.
    pub fn push(&mut self, text: &str) {
        match self.pieces.back_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push_back(Piece::Text(text.to_owned())),
        }
    }

    /// Adds all rows, separated by commas, without brackets around.
    pub fn push_rows(&mut self, set: ResultSet, cells: CellForm, form: RowForm) {
        let keys = match form {
            RowForm::Array => Vec::new(),
            RowForm::Object => set.columns.iter().map(|column| format!("{}:", quoted(&column.name))).collect(),
        };
        self.pieces.push_back(Piece::Rows(Rows { set, cells, keys, form, next: 0, is_first: true }));
    }

    /// Adds another body behind this one.
    pub fn append(&mut self, mut more: Chunks) {
        self.pieces.append(&mut more.pieces);
    }

    /// The whole body, for small ones and tests.
    pub fn into_text(self) -> String {
        let mut out = String::new();
        for chunk in self {
            out.push_str(&String::from_utf8_lossy(&chunk));
        }
        out
    }
}

impl Iterator for Chunks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut out = String::new();
        while out.len() < CHUNK_BYTES {
            let Some(piece) = self.pieces.front_mut() else { break };
            if piece.write(&mut out) {
                self.pieces.pop_front();
            }
        }
        (!out.is_empty()).then(|| out.into_bytes())
    }
}

impl Piece {
    /// Writes on; whether it is done.
    fn write(&mut self, out: &mut String) -> bool {
        match self {
            Piece::Text(text) => {
                out.push_str(text);
                true
            }
            Piece::Rows(rows) => rows.write(out),
        }
    }
}

impl Rows {
    /// Writes rows until there is a chunk of them; whether they are done.
    fn write(&mut self, out: &mut String) -> bool {
        let (open, close) = if self.form == RowForm::Array { ('[', ']') } else { ('{', '}') };
        while let Some(batch) = self.set.batches.front() {
            while self.next < batch.num_rows() {
                if out.len() >= CHUNK_BYTES {
                    return false;
                }
                if !std::mem::take(&mut self.is_first) {
                    out.push(',');
                }
                out.push(open);
                for (at, (column, array)) in self.set.columns.iter().zip(batch.columns()).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    if let Some(key) = self.keys.get(at) {
                        out.push_str(key);
                    }
                    write_cell(out, array, self.next, column.ty, self.cells);
                }
                out.push(close);
                self.next += 1;
            }
            // What is written needs no memory any more.
            self.set.batches.pop_front();
            self.next = 0;
        }
        true
    }
}
