//! Unions and intersections of regions, and of lines with regions.
//!
//! Edges are cut where they cross; a piece belongs to the result by where its middle lies; the pieces are
//! joined to rings. Rings begin as those of S2 do: after the piece that comes last in the input.

use std::collections::{BinaryHeap, HashSet};

use super::joins::{chains, parts, rings};
use super::pieces::{Key, Piece, Pieces, Place, Sites, cut_where_met, key};
use super::polygon::Part;
use super::predicates::{Crossing, crossing, sign};
use super::{Line, Point, Polygon};

/// What two shapes have in common.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// Points where they only touch.
    pub points: Vec<Point>,
    /// Lines along which they meet.
    pub lines: Vec<Vec<Point>>,
    /// Regions inside of both.
    pub parts: Vec<Part>,
}

/// The region of all polygons together: the two with the fewest vertices first, as S2 does it.
pub(crate) fn union_all(polygons: Vec<Polygon>) -> Option<Polygon> {
    // The heap gives the largest first, so both keys are turned around; equal sizes go by age.
    let mut heap: BinaryHeap<(std::cmp::Reverse<(usize, usize)>, usize)> = BinaryHeap::new();
    let mut slots: Vec<Option<Polygon>> = Vec::new();
    let push = |heap: &mut BinaryHeap<_>, slots: &mut Vec<Option<Polygon>>, size: usize, polygon: Polygon| {
        heap.push((std::cmp::Reverse((size, slots.len())), slots.len()));
        slots.push(Some(polygon));
    };
    for polygon in polygons {
        push(&mut heap, &mut slots, polygon.edges().len(), polygon);
    }
    loop {
        let (std::cmp::Reverse((size, _)), at) = heap.pop()?;
        let first = slots[at].take()?;
        let Some((std::cmp::Reverse((other_size, _)), at)) = heap.pop() else { return Some(first) };
        let united = union(&first, &slots[at].take()?);
        push(&mut heap, &mut slots, size + other_size, united);
    }
}

/// The region of two polygons together.
fn union(first: &Polygon, second: &Polygon) -> Polygon {
    let pieces = Pieces::of_regions(first, second);
    let kept = pieces.select(first, second, |place| match place {
        Place::Outside | Place::Shared => true,
        Place::Inside | Place::Opposite => false,
    });
    Polygon { parts: parts(rings(kept)) }
}

/// What two polygons, their borders included, have in common.
pub(crate) fn intersect(first: &Polygon, second: &Polygon) -> Common {
    let pieces = Pieces::of_regions(first, second);
    let kept = pieces.select(first, second, |place| matches!(place, Place::Inside | Place::Shared));
    let border: Vec<Piece> = pieces.first.iter().filter(|piece| pieces.second_has(piece.b, piece.a)).copied().collect();
    let mut used: HashSet<Key> = kept.iter().chain(&border).flat_map(|piece| [key(piece.a), key(piece.b)]).collect();
    let points = pieces.common_vertices(&mut used);
    Common { points, lines: chains(&border), parts: parts(rings(kept)) }
}

/// What a line and a polygon, its border included, have in common.
pub(crate) fn intersect_line(line: &Line, polygon: &Polygon) -> Common {
    let pieces = Pieces::of(&line.edges(), &polygon.edges());
    let is_kept = |piece: &&Piece| {
        pieces.second_has(piece.a, piece.b) || pieces.second_has(piece.b, piece.a) || polygon.contains(piece.middle())
    };
    let kept: Vec<Piece> = pieces.first.iter().filter(is_kept).copied().collect();
    let mut used: HashSet<Key> = kept.iter().flat_map(|piece| [key(piece.a), key(piece.b)]).collect();
    let points = pieces.common_vertices(&mut used);
    Common { points, lines: chains(&kept), parts: Vec::new() }
}

/// What two lines have in common.
pub(crate) fn intersect_lines(first: &Line, second: &Line) -> Common {
    let pieces = Pieces::of(&first.edges(), &second.edges());
    let is_shared = |piece: &&Piece| pieces.second_has(piece.a, piece.b) || pieces.second_has(piece.b, piece.a);
    let kept: Vec<Piece> = pieces.first.iter().filter(is_shared).copied().collect();
    let mut used: HashSet<Key> = kept.iter().flat_map(|piece| [key(piece.a), key(piece.b)]).collect();
    let points = pieces.common_vertices(&mut used);
    Common { points, lines: chains(&kept), parts: Vec::new() }
}

/// The lines together: what several share comes once, and lines that go on from one another are joined.
pub(crate) fn union_lines(lines: &[Line]) -> Vec<Vec<Point>> {
    let mut seen = HashSet::new();
    let mut pieces = Vec::new();
    let mut sites = Sites::default();
    for (a, b) in lines.iter().flat_map(Line::edges) {
        let (a, b) = (sites.site(a), sites.site(b));
        if a != b && seen.insert((key(a), key(b))) && !seen.contains(&(key(b), key(a))) {
            pieces.push(Piece { a, b, id: pieces.len() });
        }
    }
    chains(&pieces)
}

/// The region that closed paths go around a positive number of times, counterclockwise counted up;
/// `outside` is a point that they do not go around.
pub(crate) fn wound(paths: &[Vec<Point>], outside: Point) -> Option<Polygon> {
    let closed =
        |path: &Vec<Point>| (0..path.len()).map(|at| (path[at], path[(at + 1) % path.len()])).collect::<Vec<_>>();
    let edges: Vec<(Point, Point)> = paths.iter().flat_map(closed).collect();
    let pieces = cut_where_met(&edges, |i, j| i < j);
    let mut seen = HashSet::new();
    let border = pieces
        .iter()
        .filter(|piece| is_outermost(piece, &pieces, outside) && seen.insert((key(piece.a), key(piece.b))));
    let parts = parts(rings(border.copied().collect()));
    (!parts.is_empty()).then_some(Polygon { parts })
}

/// Whether what lies left of a piece is gone around, and what lies right of it is not.
fn is_outermost(piece: &Piece, pieces: &[Piece], outside: Point) -> bool {
    let middle = piece.middle();
    let mut winding = 0;
    // The same edge again, in this or the other direction: crossing one is crossing all.
    let mut same = 0;
    for other in pieces {
        if (other.a, other.b) == (piece.a, piece.b) {
            same += 1;
        } else if (other.b, other.a) == (piece.a, piece.b) {
            same -= 1;
        } else if crossing(outside, middle, other.a, other.b) == Crossing::Interior {
            winding += if sign(other.a, other.b, outside) < 0 { 1 } else { -1 };
        }
    }
    let left = if sign(piece.a, piece.b, outside) > 0 { winding } else { winding + same };
    left > 0 && left - same <= 0
}
