//! Geohash cells: `geo_point_to_geohash` and what is asked of a geohash.

use arrow::array::ArrayRef;

use super::shapes::Points;
use crate::Type::{Dynamic, Int, Real, String as Text};
use crate::column::{Strings, ints, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::geometry::geojson::{write_polygons, write_position, write_shape};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// Digits in order of their value; five bits each (<https://en.wikipedia.org/wiki/Geohash>).
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// Digits where none are asked for, as documented.
const DEFAULT_LENGTH: i32 = 5;
/// Most digits, as documented.
const MAX_LENGTH: usize = 18;

pub(super) static GEO_POINT_TO_GEOHASH: Definition = Definition::new(
    "geo_point_to_geohash",
    |args| fixed(args, &[Real, Real, Int], 2, Text),
    |args, _, ctx| {
        let (points, lengths) = (Points::of(args, 0), args.get(2).map(ints));
        written_strings(result_rows(args, ctx), |row, out| {
            let length = lengths.as_ref().map_or(Some(DEFAULT_LENGTH), |lengths| lengths.get(row));
            let length =
                length.and_then(|length| usize::try_from(length).ok()).filter(|n| (1..=MAX_LENGTH).contains(n));
            if let (Some(point), Some(length)) = (points.degrees(row), length) {
                out.push_str(&Geohash::of(point, length).text());
            }
        })
    },
);

pub(super) static GEO_GEOHASH_TO_CENTRAL_POINT: Definition = Definition::new(
    "geo_geohash_to_central_point",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        of_cells(args, ctx, |cell, out| {
            let (west, south, east, north) = cell.bounds();
            write_shape(out, "Point", |out| write_position(out, ((west + east) / 2.0, (south + north) / 2.0)));
        })
    },
);

pub(super) static GEO_GEOHASH_TO_POLYGON: Definition = Definition::new(
    "geo_geohash_to_polygon",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        of_cells(args, ctx, |cell, out| {
            let (west, south, east, north) = cell.bounds();
            let ring = vec![(west, south), (east, south), (east, north), (west, north), (west, south)];
            write_polygons(out, &[vec![ring]]);
        })
    },
);

pub(super) static GEO_GEOHASH_NEIGHBORS: Definition = Definition::new(
    "geo_geohash_neighbors",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        of_cells(args, ctx, |cell, out| {
            let mut list = ArrayWriter::new(out);
            // West, south-west, south, south-east, north-east, east, north, north-west.
            for step in [(-1, 0), (-1, -1), (0, -1), (1, -1), (1, 1), (1, 0), (0, 1), (-1, 1)] {
                if let Some(neighbor) = cell.neighbor(step) {
                    list.push_text(&neighbor.text());
                }
            }
            list.end();
        })
    },
);

/// What `write` makes of the cell that each row names; null where the text names none.
fn of_cells(args: &[Arg], ctx: &EvalContext, write: impl Fn(Geohash, &mut String)) -> ArrayRef {
    let texts = Strings::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(cell) = Geohash::parse(texts.text(row)) else { return false };
        write(cell, out);
        true
    })
}

/// A cell: its column and row among all cells of its length.
#[derive(Clone, Copy)]
struct Geohash {
    column: i64,
    row: i64,
    length: usize,
}

impl Geohash {
    fn of((longitude, latitude): (f64, f64), length: usize) -> Self {
        let (columns, rows) = Self::counts(length);
        let place = |share: f64, count: i64| ((share * count as f64).floor() as i64).clamp(0, count - 1);
        let (column, row) = (place((longitude + 180.0) / 360.0, columns), place((latitude + 90.0) / 180.0, rows));
        Geohash { column, row, length }
    }

    /// Columns and rows of all cells of a length: bits take turns, the first tells east from west.
    fn counts(length: usize) -> (i64, i64) {
        let bits = 5 * length;
        (1 << bits.div_ceil(2), 1 << (bits / 2))
    }

    fn parse(text: &str) -> Option<Self> {
        if !(1..=MAX_LENGTH).contains(&text.len()) {
            return None;
        }
        let mut cell = Geohash { column: 0, row: 0, length: text.len() };
        for (index, byte) in text.bytes().enumerate() {
            let digit = DIGITS.iter().position(|known| *known == byte)?;
            for bit in 0..5 {
                let is_set = i64::from(digit >> (4 - bit) & 1 == 1);
                let axis = if (5 * index + bit).is_multiple_of(2) { &mut cell.column } else { &mut cell.row };
                *axis = *axis << 1 | is_set;
            }
        }
        Some(cell)
    }

    fn text(self) -> String {
        let (mut columns, mut rows) = Self::counts(self.length);
        let mut text = String::with_capacity(self.length);
        for index in 0..self.length {
            let mut digit = 0;
            for bit in 0..5 {
                let (count, at) = if (5 * index + bit).is_multiple_of(2) {
                    (&mut columns, self.column)
                } else {
                    (&mut rows, self.row)
                };
                *count >>= 1;
                digit = digit << 1 | usize::from(at & *count != 0);
            }
            text.push(char::from(DIGITS[digit]));
        }
        text
    }

    /// West, south, east, north, in degrees.
    fn bounds(self) -> (f64, f64, f64, f64) {
        let (columns, rows) = Self::counts(self.length);
        let longitude = |column: i64| column as f64 / columns as f64 * 360.0 - 180.0;
        let latitude = |row: i64| row as f64 / rows as f64 * 180.0 - 90.0;
        (longitude(self.column), latitude(self.row), longitude(self.column + 1), latitude(self.row + 1))
    }

    /// The cell next to it: around the Earth from east to west, none beyond the poles.
    fn neighbor(self, (east, north): (i64, i64)) -> Option<Self> {
        let (columns, rows) = Self::counts(self.length);
        let row = self.row + north;
        let column = (self.column + east).rem_euclid(columns);
        (0..rows).contains(&row).then_some(Geohash { column, row, length: self.length })
    }
}

#[cfg(test)]
mod tests {
    use super::Geohash;
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Int, Value::Real};

    #[test]
    fn points_have_a_geohash() {
        check("geo_point_to_geohash", &[Real(139.806_115), Real(35.554_128), Int(12)], text("xn76m27ty9g4"));
        check("geo_point_to_geohash", &[Real(-5.6), Real(42.6)], text("ezs42"));
        for (longitude, latitude, length) in [(200.0, 1.0, 8), (1.0, 91.0, 8), (1.0, 1.0, 0), (1.0, 1.0, 19)] {
            check("geo_point_to_geohash", &[Real(longitude), Real(latitude), Int(length)], text(""));
        }
        check("geo_point_to_geohash", &[Real(1.0), Real(1.0), Value::Null(Type::Int)], text(""));
    }

    #[test]
    fn a_geohash_reads_back() {
        for known in ["7", "xn76m27ty9g4", "zzzzzzzzzzzzzzzzzz", "0"] {
            assert_eq!(Geohash::parse(known).unwrap().text(), known);
        }
        for bad in ["", "a", "SUNNY", "xn76m27ty9g4xn76m27ty9g4", "é"] {
            assert!(Geohash::parse(bad).is_none(), "{bad}");
        }
    }
}
