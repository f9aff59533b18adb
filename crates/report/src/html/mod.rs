//! The report as one self-contained HTML page.
//!
//! | module | part of the page |
//! |---|---|
//! | `page` | the frame: head, contents, sections in order |
//! | `summary`, `incidents`, `entities`, `coverage`, `rules`, `files`, `context`, `method` | a section each |
//! | `charts` | drawings as inline SVG |
//! | `parts` | what sections share |
//!
//! All text goes through `maud`, which escapes it. Styles are in the page and named by their hash in its content security policy;
//! no script, font, image or address outside of it is used.

mod charts;
mod context;
mod coverage;
mod entities;
mod files;
mod incidents;
mod method;
mod page;
mod parts;
mod rules;
mod summary;

pub use page::html;
