//! Edges of two shapes, cut where they meet.

use std::collections::{HashMap, HashSet};

use super::edge::{closest_point, intersection, near_pairs};
use super::predicates::{Crossing, crossing};
use super::{Point, Polygon};

/// Vertices nearer than this, in radians, are one: what computing an intersection may be off by, as in S2.
const MERGE_RADIUS: f64 = 4e-15;

/// A point as a key.
pub(super) type Key = [u64; 3];

pub(super) fn key(point: Point) -> Key {
    point.parts().map(|part| if part == 0.0 { 0 } else { part.to_bits() })
}

/// A part of an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub a: Point,
    pub b: Point,
    /// The edge it is of, counted over both shapes.
    pub id: usize,
}

impl Piece {
    pub fn middle(&self) -> Point {
        (self.a + self.b).unit()
    }

    /// A point left of the middle that rounding cannot take to the other side.
    fn beside(&self) -> Point {
        /// In radians: micrometers on Earth, and far more than [`MERGE_RADIUS`].
        const OFFSET: f64 = 1e-12;
        (self.middle() + self.a.stable_cross(self.b).unit() * OFFSET).unit()
    }
}

/// Where a piece lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inside,
    Outside,
    /// On the other's border, in the same direction.
    Shared,
    /// On the other's border, in the other direction.
    Opposite,
}

/// The edges of two shapes, cut where they meet.
pub(super) struct Pieces {
    pub first: Vec<Piece>,
    second: Vec<Piece>,
    directed: HashSet<(Key, Key)>,
    first_directed: HashSet<(Key, Key)>,
    /// Where the border of a region goes and comes back.
    ways_back: HashSet<(Key, Key)>,
}

impl Pieces {
    /// The edges of two shapes of which lines are asked: each is cut where it meets the other shape.
    pub fn of(first: &[(Point, Point)], second: &[(Point, Point)]) -> Self {
        let is_met = |i, j| i < first.len() && first.len() <= j;
        let [first, second] = cut_apart(first, second, is_met);
        Self::new(first, second)
    }

    /// The borders of two regions, cut where they meet each other or themselves. A border that goes somewhere
    /// and straight back encloses nothing there and is left out.
    pub fn of_regions(first: &Polygon, second: &Polygon) -> Self {
        let pieces = cut_apart(&first.edges(), &second.edges(), |i, j| i < j);
        let mut ways_back = HashSet::new();
        let [first, second] = pieces.map(|pieces| without_ways_back(pieces, &mut ways_back));
        Pieces { ways_back, ..Self::new(first, second) }
    }

    fn new(first: Vec<Piece>, second: Vec<Piece>) -> Self {
        let ways_back = HashSet::new();
        Pieces { directed: directed(&second), first_directed: directed(&first), first, second, ways_back }
    }

    pub fn second_has(&self, a: Point, b: Point) -> bool {
        self.directed.contains(&(key(a), key(b)))
    }

    /// The pieces of both regions that `is_kept` wants; a border that both share comes once.
    pub fn select(&self, first: &Polygon, second: &Polygon, is_kept: impl Fn(Place) -> bool) -> Vec<Piece> {
        let place = |piece: &Piece, others: &HashSet<(Key, Key)>, other: &Polygon| {
            let (a, b) = (key(piece.a), key(piece.b));
            if others.contains(&(a, b)) {
                Place::Shared
            } else if others.contains(&(b, a)) {
                Place::Opposite
            } else if other.contains(if self.ways_back.contains(&(a, b)) { piece.beside() } else { piece.middle() }) {
                Place::Inside
            } else {
                Place::Outside
            }
        };
        let of_first = self.first.iter().filter(|piece| is_kept(place(piece, &self.directed, second)));
        let of_second = self.second.iter().filter(|piece| {
            let place = place(piece, &self.first_directed, first);
            place != Place::Shared && is_kept(place)
        });
        of_first.chain(of_second).copied().collect()
    }

    /// Vertices of both that are not among the used ones, each once.
    pub fn common_vertices(&self, used: &mut HashSet<Key>) -> Vec<Point> {
        let others: HashSet<Key> = self.second.iter().flat_map(|piece| [key(piece.a), key(piece.b)]).collect();
        let vertices = self.first.iter().flat_map(|piece| [piece.a, piece.b]);
        vertices.filter(|point| others.contains(&key(*point)) && used.insert(key(*point))).collect()
    }
}

/// Whether a vertex lies inside of an edge, as far as can be told.
fn is_on(vertex: Point, a: Point, b: Point) -> bool {
    vertex != a && vertex != b && (closest_point(vertex, a, b) - vertex).norm() <= MERGE_RADIUS
}

fn directed(pieces: &[Piece]) -> HashSet<(Key, Key)> {
    pieces.iter().map(|piece| (key(piece.a), key(piece.b))).collect()
}

/// The pieces without those that others take back, one for one; both directions of these go to `ways_back`.
fn without_ways_back(mut pieces: Vec<Piece>, ways_back: &mut HashSet<(Key, Key)>) -> Vec<Piece> {
    let mut backward: HashMap<(Key, Key), usize> = HashMap::new();
    for piece in &pieces {
        *backward.entry((key(piece.b), key(piece.a))).or_default() += 1;
    }
    pieces.retain(|piece| {
        let there = (key(piece.a), key(piece.b));
        let Some(left) = backward.get_mut(&there).filter(|left| **left > 0) else { return true };
        *left -= 1;
        ways_back.insert(there);
        false
    });
    pieces
}

/// The pieces of two shapes, cut where two edges meet that `is_met` names: counted over both shapes, the lower first.
fn cut_apart(
    first: &[(Point, Point)],
    second: &[(Point, Point)],
    is_met: impl Fn(usize, usize) -> bool,
) -> [Vec<Piece>; 2] {
    let edges: Vec<_> = first.iter().chain(second).copied().collect();
    let mut pieces = cut_where_met(&edges, is_met);
    let in_second = pieces.split_off(pieces.partition_point(|piece| piece.id < first.len()));
    [pieces, in_second]
}

/// The edges, cut where two of them meet that `is_met` names, the lower first.
pub(super) fn cut_where_met(edges: &[(Point, Point)], is_met: impl Fn(usize, usize) -> bool) -> Vec<Piece> {
    let mut sites = Sites::default();
    let edges: Vec<_> = edges.iter().map(|(a, b)| (sites.site(*a), sites.site(*b))).collect();
    let mut cuts = vec![Vec::new(); edges.len()];
    near_pairs(&edges, &edges, |i, j| {
        if !is_met(i, j) {
            return false;
        }
        let ((a, b), (c, d)) = (edges[i], edges[j]);
        let before = cuts[i].len() + cuts[j].len();
        cuts[i].extend([c, d].into_iter().filter(|vertex| is_on(*vertex, a, b)));
        cuts[j].extend([a, b].into_iter().filter(|vertex| is_on(*vertex, c, d)));
        let touches = cuts[i].len() + cuts[j].len() > before;
        // Edges along one line may cross by less than can be computed, and then anywhere: vertices go first.
        if !touches && crossing(a, b, c, d) == Crossing::Interior {
            let site = sites.site(intersection(a, b, c, d));
            cuts[i].push(site);
            cuts[j].push(site);
        }
        false
    });
    cut(&edges, cuts)
}

fn cut(edges: &[(Point, Point)], cuts: Vec<Vec<Point>>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (id, ((a, b), mut between)) in edges.iter().copied().zip(cuts).enumerate() {
        between.sort_by(|p, q| (*p - a).norm().total_cmp(&(*q - a).norm()));
        between.push(b);
        let mut from = a;
        for to in between {
            if to != from {
                pieces.push(Piece { a: from, b: to, id });
            }
            from = to;
        }
    }
    pieces
}

/// Points that stand for all near them.
#[derive(Default)]
pub(super) struct Sites {
    grid: HashMap<[i64; 3], Vec<Point>>,
}

impl Sites {
    /// The point itself, or an earlier one that is as good as equal.
    pub fn site(&mut self, point: Point) -> Point {
        /// Cells of the grid are larger than the radius, so that only a point near a cell's side has to look beyond it.
        const CELL: f64 = 1e-9;
        let place = |offset: f64| point.parts().map(|part| ((part + offset) / CELL).floor() as i64);
        let (low, high) = (place(-MERGE_RADIUS), place(MERGE_RADIUS));
        for corner in 0..8_usize {
            let cell = std::array::from_fn(|axis| if corner >> axis & 1 == 0 { low[axis] } else { high[axis] });
            let near = |site: &&Point| (**site - point).norm() <= MERGE_RADIUS;
            if let Some(site) = self.grid.get(&cell).and_then(|sites| sites.iter().find(near)) {
                return *site;
            }
        }
        self.grid.entry(place(0.0)).or_default().push(point);
        point
    }
}
