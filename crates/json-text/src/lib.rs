//! JSON as text: lazy reads that never build a tree and skip over what is not asked for.
//!
//! | module | concept |
//! |---|---|
//! | `read` | properties, elements and paths of a text |
//! | `path_tree` | many paths of a text at once |
//! | `scan` | skipping over values |
//! | `quote` | texts as JSON strings |
//!
//! They expect valid JSON, as [`parse`] lets through, and give `None` on most else. What queries read of a document and what storage
//! keeps of it when it is written go through here, so that both find the same.

mod path_tree;
mod quote;
mod read;
mod scan;

pub use path_tree::{Found, PathTree};
pub use quote::write_quoted;
pub use read::{Elements, Entries, Step, elements, entries, get_index, get_key, get_path, parse, unquote};
pub use scan::{Kind, kind, skip_string};

/// Deepest nesting that [`parse`] takes as JSON.
pub const MAX_DEPTH: usize = 128;
