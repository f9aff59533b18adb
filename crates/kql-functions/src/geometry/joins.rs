//! Pieces of edges joined to rings and lines.

use std::collections::HashMap;

use super::pieces::{Key, Piece, key};
use super::polygon::Part;
use super::predicates::is_ordered;
use super::{Point, Ring};

/// Joins directed pieces to rings that have what is on their left in common.
pub(super) fn rings(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
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
pub(super) fn parts(rings: Vec<Vec<Piece>>) -> Vec<Part> {
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
pub(super) fn chains(pieces: &[Piece]) -> Vec<Vec<Point>> {
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
