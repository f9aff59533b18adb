//! Unions and intersections of regions, and of lines with regions.
//!
//! Edges are cut where they cross; a piece belongs to the result by where its middle lies; the pieces are
//! joined to rings. Rings begin as those of S2 do: after the piece that comes last in the input.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::edge::{closest_point, intersection, near_pairs};
use super::polygon::Part;
use super::predicates::{Crossing, crossing, is_ordered, sign};
use super::{Line, Point, Polygon, Ring};

/// Vertices nearer than this, in radians, are one: what computing an intersection may be off by, as in S2.
const MERGE_RADIUS: f64 = 4e-15;

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
    let pieces = Pieces::of(&first.edges(), &second.edges());
    let kept = pieces.select(first, second, |place| match place {
        Place::Outside | Place::Shared => true,
        Place::Inside | Place::Opposite => false,
    });
    Polygon { parts: parts(rings(kept)) }
}

/// What two polygons, their borders included, have in common.
pub(crate) fn intersect(first: &Polygon, second: &Polygon) -> Common {
    let pieces = Pieces::of(&first.edges(), &second.edges());
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

/// A point as a key.
type Key = [u64; 3];

fn key(point: Point) -> Key {
    point.parts().map(|part| if part == 0.0 { 0 } else { part.to_bits() })
}

/// A part of an edge.
#[derive(Debug, Clone, Copy)]
struct Piece {
    a: Point,
    b: Point,
    /// The edge it is of, counted over both shapes.
    id: usize,
}

impl Piece {
    fn middle(&self) -> Point {
        (self.a + self.b).unit()
    }
}

/// Where a piece lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    /// On the other's border, in the same direction.
    Shared,
    /// On the other's border, in the other direction.
    Opposite,
}

/// The edges of two shapes, cut where they meet.
struct Pieces {
    first: Vec<Piece>,
    second: Vec<Piece>,
    directed: HashSet<(Key, Key)>,
    first_directed: HashSet<(Key, Key)>,
}

impl Pieces {
    fn of(first: &[(Point, Point)], second: &[(Point, Point)]) -> Self {
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

    fn second_has(&self, a: Point, b: Point) -> bool {
        self.directed.contains(&(key(a), key(b)))
    }

    /// The pieces of both regions that `is_kept` wants; a border that both share comes once.
    fn select(&self, first: &Polygon, second: &Polygon, is_kept: impl Fn(Place) -> bool) -> Vec<Piece> {
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
    fn common_vertices(&self, used: &mut HashSet<Key>) -> Vec<Point> {
        let others: HashSet<Key> = self.second.iter().flat_map(|piece| [key(piece.a), key(piece.b)]).collect();
        let vertices = self.first.iter().flat_map(|piece| [piece.a, piece.b]);
        vertices.filter(|point| others.contains(&key(*point)) && used.insert(key(*point))).collect()
    }
}

/// Whether a vertex lies inside of an edge, as far as can be told.
fn is_on(vertex: Point, a: Point, b: Point) -> bool {
    vertex != a && vertex != b && (closest_point(vertex, a, b) - vertex).norm() <= MERGE_RADIUS
}

fn cut(edges: &[(Point, Point)], cuts: Vec<Vec<Point>>, first_id: usize) -> Vec<Piece> {
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
struct Sites {
    grid: HashMap<[i64; 3], Vec<Point>>,
}

impl Sites {
    /// The point itself, or an earlier one that is as good as equal.
    fn site(&mut self, point: Point) -> Point {
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

/// Joins directed pieces to rings that have what is on their left in common.
fn rings(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut leaving: HashMap<Key, Vec<usize>> = HashMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        leaving.entry(key(piece.a)).or_default().push(index);
    }
    let mut is_used = vec![false; pieces.len()];
    let mut found = Vec::new();
    for start in 0..pieces.len() {
        let mut path: Vec<usize> = Vec::new();
        let mut next = (!is_used[start]).then_some(start);
        while let Some(at) = next {
            is_used[at] = true;
            path.push(at);
            let end = key(pieces[at].b);
            // A vertex that the path has been at closes a ring of its own.
            if let Some(begin) = path.iter().position(|piece| key(pieces[*piece].a) == end) {
                found.push(path.drain(begin..).map(|piece| pieces[piece]).collect::<Vec<_>>());
            }
            let from = path.last().copied();
            next = from.and_then(|last| {
                let open = leaving.get(&key(pieces[last].b))?.iter().copied().filter(|piece| !is_used[*piece]);
                sharpest_left(&pieces, last, open)
            });
        }
    }
    let mut found: Vec<_> = found.into_iter().filter(|ring| ring.len() >= 3).map(begun_as_s2).collect();
    found.sort_by_key(|ring| ring[0].id);
    found
}

/// The way on that keeps closest to the left: the first one clockwise from where the path comes from.
fn sharpest_left(pieces: &[Piece], last: usize, open: impl Iterator<Item = usize>) -> Option<usize> {
    let (back, here) = (pieces[last].a, pieces[last].b);
    open.reduce(
        |best, candidate| {
            if is_ordered(back, pieces[candidate].b, pieces[best].b, here) { best } else { candidate }
        },
    )
}

/// The ring turned so that it begins after its last piece in the order of the input.
fn begun_as_s2(mut ring: Vec<Piece>) -> Vec<Piece> {
    let (mut last, mut saw_gap) = (0, false);
    for at in 1..ring.len() {
        match ring[at].id.cmp(&ring[last].id) {
            std::cmp::Ordering::Less => saw_gap = true,
            std::cmp::Ordering::Equal if saw_gap => {}
            _ => (last, saw_gap) = (at, false),
        }
    }
    let begin = (last + 1) % ring.len();
    ring.rotate_left(begin);
    ring
}

/// Rings as regions: those around more than half of the sphere are holes of the ring that they lie in.
fn parts(rings: Vec<Vec<Piece>>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut holes = Vec::new();
    for pieces in rings {
        let points: Vec<Point> = pieces.iter().map(|piece| piece.a).collect();
        let ring = Ring::new(points.clone());
        if ring.points == points {
            parts.push(Part { shell: ring, holes: Vec::new() });
        } else {
            holes.push(ring);
        }
    }
    for hole in holes {
        // Any point inside of the hole's border tells; the middle of an edge touches no other ring.
        let Some((a, b)) = hole.edges().next() else { continue };
        let middle = (a + b).unit();
        let around = parts.iter_mut().filter(|part| part.shell.contains(middle));
        if let Some(part) = around.min_by(|p, q| p.shell.area().total_cmp(&q.shell.area())) {
            part.holes.push(hole);
        }
    }
    parts
}

/// Joins pieces to lines that are as long as they go on without a fork.
fn chains(pieces: &[Piece]) -> Vec<Vec<Point>> {
    let mut leaving: HashMap<Key, Vec<usize>> = HashMap::new();
    let mut degree: HashMap<Key, usize> = HashMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        leaving.entry(key(piece.a)).or_default().push(index);
        *degree.entry(key(piece.b)).or_default() += 1;
    }
    let is_inner =
        |point: Point| degree.get(&key(point)) == Some(&1) && leaving.get(&key(point)).map(Vec::len) == Some(1);
    let mut is_used = vec![false; pieces.len()];
    let mut found: Vec<(usize, Vec<Point>)> = Vec::new();
    // Lines that have a beginning first, then those that go around.
    let beginnings = (0..pieces.len()).filter(|at| !is_inner(pieces[*at].a)).chain(0..pieces.len());
    for start in beginnings {
        if is_used[start] {
            continue;
        }
        let mut line = vec![pieces[start].a];
        let mut at = start;
        loop {
            is_used[at] = true;
            line.push(pieces[at].b);
            let next = leaving.get(&key(pieces[at].b)).and_then(|next| next.first().copied());
            match next.filter(|next| is_inner(pieces[at].b) && !is_used[*next]) {
                Some(next) => at = next,
                None => break,
            }
        }
        found.push((pieces[start].id, line));
    }
    found.sort_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, line)| line).collect()
}

/// The region that closed paths go around a positive number of times, counterclockwise counted up;
/// `outside` is a point that they do not go around.
pub(crate) fn wound(paths: &[Vec<Point>], outside: Point) -> Option<Polygon> {
    let closed =
        |path: &Vec<Point>| (0..path.len()).map(|at| (path[at], path[(at + 1) % path.len()])).collect::<Vec<_>>();
    let mut sites = Sites::default();
    let edges: Vec<(Point, Point)> =
        paths.iter().flat_map(closed).map(|(a, b)| (sites.site(a), sites.site(b))).collect();
    let mut cuts = vec![Vec::new(); edges.len()];
    near_pairs(&edges, &edges, |i, j| {
        let ((a, b), (c, d)) = (edges[i], edges[j]);
        if i < j && crossing(a, b, c, d) == Crossing::Interior {
            let site = sites.site(intersection(a, b, c, d));
            cuts[i].push(site);
            cuts[j].push(site);
        }
        if i != j {
            cuts[i].extend([c, d].into_iter().filter(|vertex| is_on(*vertex, a, b)));
        }
        false
    });
    let pieces = cut(&edges, cuts, 0);
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
