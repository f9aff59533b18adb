//! `geo_from_wkt`: well-known text (OGC 06-103r4) to GeoJSON.

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable};
use crate::definition::Definition;
use crate::geometry::geojson::{Position, write_collection, write_list, write_position, write_positions, write_shape};
use crate::number;
use crate::signature::fixed;

/// Deepest nesting of geometry collections.
const MAX_DEPTH: usize = 32;

pub(super) static GEO_FROM_WKT: Definition = Definition::new(
    "geo_from_wkt",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut reader = Reader { rest: texts.text(row) };
            let written = reader.shape(out, 0);
            written.is_some() && reader.rest.trim().is_empty()
        })
    },
);

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Writes the next shape as GeoJSON; `None` where the text is not one.
    fn shape(&mut self, out: &mut String, depth: usize) -> Option<()> {
        let name = self.word()?.to_ascii_uppercase();
        match name.as_str() {
            "POINT" => {
                let positions = self.positions()?;
                let [position] = positions[..] else { return None };
                write_shape(out, "Point", |out| write_position(out, position));
            }
            "LINESTRING" => {
                let positions = self.positions()?;
                write_shape(out, "LineString", |out| write_positions(out, &positions));
            }
            "POLYGON" => {
                let rings = self.list(Self::positions)?;
                write_shape(out, "Polygon", |out| write_list(out, &rings, |out, ring| write_positions(out, ring)));
            }
            "MULTIPOINT" => {
                let positions = self.list(Self::bare_or_enclosed)?;
                write_shape(out, "MultiPoint", |out| write_positions(out, &positions));
            }
            "MULTILINESTRING" => {
                let parts = self.list(Self::positions)?;
                write_shape(out, "MultiLineString", |out| {
                    write_list(out, &parts, |out, part| write_positions(out, part))
                });
            }
            "MULTIPOLYGON" => {
                let parts = self.list(|reader| reader.list(Self::positions))?;
                let polygon = |out: &mut String, rings: &Vec<Vec<_>>| {
                    write_list(out, rings, |out, ring| write_positions(out, ring));
                };
                write_shape(out, "MultiPolygon", |out| write_list(out, &parts, polygon));
            }
            "GEOMETRYCOLLECTION" if depth < MAX_DEPTH => self.collection(out, depth)?,
            _ => return None,
        }
        Some(())
    }

    fn collection(&mut self, out: &mut String, depth: usize) -> Option<()> {
        let shapes = self.list(|reader| {
            let mut shape = String::new();
            reader.shape(&mut shape, depth + 1).map(|()| shape)
        })?;
        write_collection(out, &shapes);
        Some(())
    }

    fn word(&mut self) -> Option<&str> {
        let text = self.rest.trim_start();
        let length = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (word, rest) = text.split_at(length);
        self.rest = rest;
        (length > 0).then_some(word)
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }

    /// Items between parentheses, with commas between them; at least one.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take('(')?;
        let mut items = vec![item(self)?];
        while self.take(',').is_some() {
            items.push(item(self)?);
        }
        self.take(')')?;
        Some(items)
    }

    fn positions(&mut self) -> Option<Vec<Position>> {
        self.list(Self::position)
    }

    fn bare_or_enclosed(&mut self) -> Option<Position> {
        if self.rest.trim_start().starts_with('(') {
            let positions = self.positions()?;
            return if let [position] = positions[..] { Some(position) } else { None };
        }
        self.position()
    }

    fn position(&mut self) -> Option<Position> {
        Some((self.number()?, self.number()?))
    }

    fn number(&mut self) -> Option<f64> {
        let text = self.rest.trim_start();
        let ends = |c: char| !matches!(c, '0'..='9' | '.' | '+' | '-' | 'e' | 'E');
        let (number, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        self.rest = rest;
        number::parse_real(number).filter(|number| number.is_finite())
    }
}
