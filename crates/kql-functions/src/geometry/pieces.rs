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
}

impl Pieces {
    pub fn of(first: &[(Point, Point)], second: &[(Point, Point)]) -> Self {
        let mut sites = Sites::default();
        let mut snapped = |edges: &[(Point, Point)]| -> Vec<(Point, Point)> {
            edges.iter().map(|(a, b)| (sites.site(*a), sites.site(*b))).collect()
        };
        let (first, second) = (snapped(first), snapped(second));
        let mut cuts = [vec![Vec::new(); first.len()], vec![Vec::new(); second.len()]];
        near_pairs(&first, &second, |i, j| {
            let ((a, b), (c, d)) = (first[i], second[j]);
            if crossing(a, b, c, d) == Crossing::Interior {
                let site = sites.site(intersection(a, b, c, d));
                cuts[0][i].push(site);
                cuts[1][j].push(site);
                return false;
            }
            for vertex in [c, d] {
                cuts[0][i].extend(is_on(vertex, a, b).then_some(vertex));
            }
            for vertex in [a, b] {
                cuts[1][j].extend(is_on(vertex, c, d).then_some(vertex));
            }
            false
        });
        let [first_cuts, second_cuts] = cuts;
        let first = cut(&first, first_cuts, 0);
        let second = cut(&second, second_cuts, first.len());
        let directed = |pieces: &[Piece]| pieces.iter().map(|piece| (key(piece.a), key(piece.b))).collect();
        Pieces { directed: directed(&second), first_directed: directed(&first), first, second }
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
            } else if other.contains(piece.middle()) {
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
pub(super) fn is_on(vertex: Point, a: Point, b: Point) -> bool {
    vertex != a && vertex != b && (closest_point(vertex, a, b) - vertex).norm() <= MERGE_RADIUS
}

pub(super) fn cut(edges: &[(Point, Point)], cuts: Vec<Vec<Point>>, first_id: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, ((a, b), mut between)) in edges.iter().copied().zip(cuts).enumerate() {
        between.sort_by(|p, q| (*p - a).norm().total_cmp(&(*q - a).norm()));
        between.push(b);
        let mut from = a;
        for to in between {
            if to != from {
                pieces.push(Piece { a: from, b: to, id: first_id + index });
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
