//! S2 cells: squares on the six faces of a cube around the sphere, numbered along a Hilbert curve
//! (<https://s2geometry.io/devguide/s2cell_hierarchy>).

use super::Point;

/// The level of the smallest cells.
pub(crate) const MAX_LEVEL: u8 = 30;
/// Cells of the smallest level along a face's side.
const SIDE: i64 = 1 << MAX_LEVEL;

/// Positions along the curve to quadrants (`i` high bit, `j` low bit), by orientation of the curve.
const POSITION_TO_QUADRANT: [[u8; 4]; 4] = [[0, 1, 3, 2], [0, 2, 3, 1], [3, 2, 0, 1], [3, 1, 0, 2]];
/// What a position adds to the orientation inside of it.
const POSITION_TO_TURN: [u8; 4] = [1, 0, 0, 3];

/// A cell, by its number: face, position along the curve, a one bit that marks the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell(u64);

impl Cell {
    /// The cell of a level that contains a point.
    pub fn of(point: Point, level: u8) -> Self {
        let (face, u, v) = face_uv(point);
        Self::leaf(face, index(from_uv(u)), index(from_uv(v))).parent(level)
    }

    /// The six faces.
    pub fn faces() -> impl Iterator<Item = Self> {
        (0..6).map(|face| Cell(face << 61 | 1 << 60))
    }

    /// Reads a token: up to 16 hexadecimal digits, zeros at the end left out.
    pub fn parse(token: &str) -> Option<Self> {
        if token.is_empty() || token.len() > 16 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u64::from_str_radix(token, 16).ok()? << (4 * (16 - token.len()));
        let is_level = number & number.wrapping_neg() & 0x1555_5555_5555_5555 != 0;
        (number >> 61 < 6 && is_level).then_some(Cell(number))
    }

    /// The token of [`Cell::parse`].
    pub fn token(self) -> String {
        let text = format!("{:016x}", self.0);
        text.trim_end_matches('0').to_owned()
    }

    pub fn level(self) -> u8 {
        MAX_LEVEL - u8::try_from(self.0.trailing_zeros() / 2).unwrap_or(MAX_LEVEL)
    }

    fn parent(self, level: u8) -> Self {
        let mark = 1_u64 << (2 * (MAX_LEVEL - level));
        Cell(self.0 & mark.wrapping_neg() | mark)
    }

    /// The four cells of the next level, along the curve.
    pub fn children(self) -> [Self; 4] {
        let mark = (self.0 & self.0.wrapping_neg()) >> 2;
        let first = self.0 - 3 * mark;
        [0, 1, 2, 3].map(|at| Cell(first + 2 * at * mark))
    }

    /// The smallest cell of a face at a column and row.
    fn leaf(face: u64, i: i64, j: i64) -> Self {
        let mut orientation = (face & 1) as usize;
        let mut number = face;
        for bit in (0..MAX_LEVEL).rev() {
            let quadrant = ((i >> bit & 1) << 1 | j >> bit & 1) as u8;
            let position = POSITION_TO_QUADRANT[orientation].iter().position(|q| *q == quadrant).unwrap_or(0);
            number = number << 2 | position as u64;
            orientation ^= usize::from(POSITION_TO_TURN[position]);
        }
        Cell(number << 1 | 1)
    }

    /// The face, and the column and row of the cell's lower left smallest cell.
    fn corner(self) -> (u64, i64, i64) {
        let face = self.0 >> 61;
        let (mut i, mut j, mut orientation) = (0, 0, (face & 1) as usize);
        for bit in (0..MAX_LEVEL).rev() {
            let position = (self.0 >> (2 * bit + 1) & 3) as usize;
            let quadrant = POSITION_TO_QUADRANT[orientation][position];
            i = i << 1 | i64::from(quadrant >> 1);
            j = j << 1 | i64::from(quadrant & 1);
            orientation ^= usize::from(POSITION_TO_TURN[position]);
        }
        let size = self.size();
        (face, i & -size, j & -size)
    }

    /// How many smallest cells fit along its side.
    fn size(self) -> i64 {
        1 << (MAX_LEVEL - self.level())
    }

    /// The middle, as seen on the face.
    pub fn center(self) -> Point {
        let (face, i, j) = self.corner();
        let half = self.size() as f64 / 2.0;
        on_face(face, (i as f64 + half) / SIDE as f64, (j as f64 + half) / SIDE as f64)
    }

    /// The corners, counterclockwise.
    pub fn vertices(self) -> [Point; 4] {
        let (face, i, j) = self.corner();
        let size = self.size();
        let at = |i: i64, j: i64| on_face(face, i as f64 / SIDE as f64, j as f64 / SIDE as f64);
        [at(i, j), at(i + size, j), at(i + size, j + size), at(i, j + size)]
    }

    /// Whether a point lies in the cell or on its border.
    pub fn contains(self, point: Point) -> bool {
        Self::of(point, self.level()) == self
    }

    /// The cells of the same level that share an edge or a corner with it, in the order of S2.
    pub fn neighbors(self) -> Vec<Self> {
        let (face, i, j) = self.corner();
        let (size, level) = (self.size(), self.level());
        let at = |i: i64, j: i64| wrapped(face, i, j).parent(level);
        let sides = |j: i64| [at(i - size, j), at(i + size, j)];
        let mut found = sides(j - size).to_vec();
        found.extend([at(i, j - size), at(i, j + size)]);
        found.extend(sides(j));
        found.extend(sides(j + size));
        found
    }
}

/// The smallest cell at a column and row of a face, or of the face next to it where they run over its border.
fn wrapped(face: u64, i: i64, j: i64) -> Cell {
    if (0..SIDE).contains(&i) && (0..SIDE).contains(&j) {
        return Cell::leaf(face, i, j);
    }
    let limit = 1.0 + f64::EPSILON;
    let along = |at: i64| {
        let at = at.clamp(-1, SIDE);
        ((2 * (at - SIDE / 2) + 1) as f64 / SIDE as f64).clamp(-limit, limit)
    };
    let (face, u, v) = face_uv(from_face(face, along(i), along(j)));
    Cell::leaf(face, index(0.5 * (u + 1.0)), index(0.5 * (v + 1.0)))
}

/// The column or row of a place along a side in `[0, 1]`.
fn index(s: f64) -> i64 {
    ((s * SIDE as f64).floor() as i64).clamp(0, SIDE - 1)
}

/// S2's quadratic projection, which makes cells of nearly the same size: side to cube.
fn to_uv(s: f64) -> f64 {
    if s >= 0.5 { (1.0 / 3.0) * (4.0 * s * s - 1.0) } else { (1.0 / 3.0) * (1.0 - 4.0 * (1.0 - s) * (1.0 - s)) }
}

/// Cube to side.
fn from_uv(u: f64) -> f64 {
    if u >= 0.0 { 0.5 * (1.0 + 3.0 * u).sqrt() } else { 1.0 - 0.5 * (1.0 - 3.0 * u).sqrt() }
}

fn on_face(face: u64, s: f64, t: f64) -> Point {
    from_face(face, to_uv(s), to_uv(t)).unit()
}

fn from_face(face: u64, u: f64, v: f64) -> Point {
    match face {
        0 => Point::new(1.0, u, v),
        1 => Point::new(-u, 1.0, v),
        2 => Point::new(-u, -v, 1.0),
        3 => Point::new(-1.0, -v, -u),
        4 => Point::new(v, -1.0, -u),
        _ => Point::new(v, u, -1.0),
    }
}

fn face_uv(p: Point) -> (u64, f64, f64) {
    let [x, y, z] = p.parts().map(f64::abs);
    let axis = if x > y {
        if x > z { 0 } else { 2 }
    } else if y > z {
        1
    } else {
        2
    };
    let face = if p.parts()[axis] < 0.0 { axis + 3 } else { axis };
    match face {
        0 => (0, p.y / p.x, p.z / p.x),
        1 => (1, -p.x / p.y, p.z / p.y),
        2 => (2, -p.x / p.z, -p.y / p.z),
        3 => (3, p.z / p.x, p.y / p.x),
        4 => (4, p.z / p.y, -p.x / p.y),
        _ => (5, -p.y / p.z, -p.x / p.z),
    }
}
