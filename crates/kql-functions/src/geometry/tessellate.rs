//! Planar edges (straight lines between longitudes and latitudes) as chains of geodesics.

use super::edge::interpolate;
use super::geojson::Position;
use super::{EARTH_RADIUS, Point};

/// Where an edge is compared with its chord: near both places the two differ most (S2's `S2EdgeTessellator`).
const SAMPLE: f64 = 0.312_156_910_822_483_1;
/// How far the difference there may fall short of the largest one (likewise).
const SCALE: f64 = 0.838_299_925_698_885_1;
/// Most points of a shape that is made denser, as documented.
pub(crate) const MAX_POINTS: usize = 10_485_760;

/// The positions of a planar line with as many more as keep geodesics within `tolerance` meters of it;
/// `None` where there are too many. Longitudes may run on over 180.
pub(crate) fn densify(positions: &[Position], tolerance: f64) -> Option<Vec<Point>> {
    let tolerance = SCALE * tolerance / EARTH_RADIUS;
    let mut points = vec![unproject(*positions.first()?)];
    for pair in positions.windows(2) {
        // The parts of an edge still to do, the next one last.
        let mut rest = vec![(pair[0], pair[1])];
        while let Some((from, to)) = rest.pop() {
            if error(from, to) <= tolerance {
                points.push(unproject(to));
            } else {
                let middle = between(from, to, 0.5);
                rest.extend([(middle, to), (from, middle)]);
            }
            if points.len() > MAX_POINTS {
                return None;
            }
        }
    }
    Some(points)
}

fn unproject((longitude, latitude): Position) -> Point {
    // The nearest multiple of 360, halves to even.
    let turns = (longitude / 360.0).round_ties_even();
    Point::from_degrees(longitude - turns * 360.0, latitude)
}

fn between(from: Position, to: Position, fraction: f64) -> Position {
    let mix = |a: f64, b: f64| (1.0 - fraction) * a + fraction * b;
    (mix(from.0, to.0), mix(from.1, to.1))
}

/// How far the geodesic strays from the planar edge, in radians.
fn error(from: Position, to: Position) -> f64 {
    let (a, b) = (unproject(from), unproject(to));
    if a.dot(b) < -1e-14 {
        return f64::INFINITY;
    }
    let at = |fraction: f64| interpolate(a, b, fraction).angle(unproject(between(from, to, fraction)));
    at(SAMPLE).max(at(1.0 - SAMPLE))
}

/// Cuts a line where it goes over longitude 180.
pub(crate) fn cut_at_antimeridian(points: &[Point]) -> Vec<Vec<Position>> {
    /// Degrees: just short of 180, so that each side keeps its sign.
    const EDGE: f64 = 179.999_999_999_999;
    let mut parts = vec![Vec::new()];
    let mut before: Option<(Point, Position)> = None;
    for point in points {
        let position = point.degrees();
        if let Some((last, (longitude, _))) = before.filter(|(_, (x, _))| (x - position.0).abs() > 180.0) {
            let crossing = (last + (*point - last) * (last.y / (last.y - point.y))).unit();
            let (_, latitude) = crossing.degrees();
            if let Some(part) = parts.last_mut() {
                part.push((EDGE.copysign(longitude), latitude));
            }
            parts.push(vec![(EDGE.copysign(position.0), latitude)]);
        }
        if let Some(part) = parts.last_mut() {
            part.push(position);
        }
        before = Some((*point, position));
    }
    parts
}
