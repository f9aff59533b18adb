//! What must hold of shapes wherever they lie.

use proptest::prelude::*;

use super::cell::Cell;
use super::covering::Covering;
use super::overlay::{intersect, union_all};
use super::predicates::sign;
use super::{Line, Point, Polygon};

fn polygon(corners: &[(f64, f64)]) -> Option<Polygon> {
    let mut ring: Vec<String> = corners.iter().map(|(x, y)| format!("[{x},{y}]")).collect();
    ring.push(ring[0].clone());
    Polygon::parse(&format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}", ring.join(",")))
}

fn place() -> impl Strategy<Value = (f64, f64)> {
    (-20_i32..20, -20_i32..20).prop_map(|(x, y)| (f64::from(x) / 4.0, f64::from(y) / 4.0))
}

fn corners() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec(place(), 3..6)
}

fn area(polygon: &Polygon) -> f64 {
    polygon.dissolved().area()
}

#[test]
fn points_on_one_great_circle_are_told_apart_the_same_way_each_time() {
    let points: Vec<Point> = (0..9).map(|x| Point::from_degrees(f64::from(x) * 20.0, 0.0)).collect();
    for (a, b, c) in [(0, 1, 2), (0, 4, 8), (3, 1, 7)] {
        let (a, b, c) = (points[a], points[b], points[c]);
        let found = sign(a, b, c);
        assert_ne!(found, 0);
        assert_eq!([sign(b, c, a), sign(c, a, b)], [found; 2]);
        assert_eq!([sign(b, a, c), sign(a, c, b), sign(c, b, a)], [-found; 3]);
    }
}

#[test]
fn tokens_read_back_and_cells_hold_their_children() {
    for token in ["1", "89c259", "88d9b", "b", "3d4f7ea7b1c2d3e5"] {
        let cell = Cell::parse(token).unwrap();
        assert_eq!(cell.token(), token);
        assert!(cell.contains(cell.center()));
        if cell.level() < 30 {
            assert!(cell.children().iter().all(|child| cell.contains(child.center())), "{token}");
        }
    }
}

/// By how much a union's and an intersection's areas miss those of both polygons.
fn area_lost(a: &Polygon, b: &Polygon) -> f64 {
    let common = Polygon { parts: intersect(a, b).parts };
    let union = union_all(vec![a.clone(), b.clone()]).unwrap();
    area(a) + area(b) - common.area() - union.area()
}

#[test]
fn borders_that_go_back_along_themselves_enclose_nothing_there() {
    let cases = [
        // The tip of `a` goes up a meridian that `b` has an edge on.
        (vec![(2.0, 3.5), (2.0, -0.5), (0.0, 0.0), (2.0, 0.5)], vec![(2.0, 0.0), (2.0, 0.5), (0.0, 0.0)]),
        // The tip of `b` lies beside `a`.
        (vec![(0.0, -0.25), (-1.5, 0.0), (1.75, -2.0)], vec![(1.25, -1.0), (1.25, 4.0), (1.25, -3.75), (0.0, 0.0)]),
        // `a` goes up a meridian once and down twice.
        (
            vec![(-0.25, 0.0), (-0.25, 0.25), (-0.25, -0.25), (0.0, 0.0), (-0.25, 0.5)],
            vec![(0.0, 0.0), (0.0, -0.25), (-0.25, 0.0)],
        ),
        // Nothing but a meridian.
        (vec![(-2.25, 4.0), (4.75, -4.0), (1.25, 0.0)], vec![(0.0, 0.0), (0.0, -0.25), (0.0, -0.5)]),
        (vec![(3.25, 0.0), (3.25, -4.5), (3.25, 2.25)], vec![(3.25, -0.75), (3.25, -3.75), (0.0, 0.0)]),
    ];
    for (a, b) in cases {
        let lost = area_lost(&polygon(&a).unwrap(), &polygon(&b).unwrap());
        assert!(lost.abs() < 1e-12, "{lost}: {a:?} {b:?}");
    }
}

proptest! {
    #[test]
    fn a_union_and_an_intersection_share_the_areas_of_both(a in corners(), b in corners()) {
        let (Some(a), Some(b)) = (polygon(&a), polygon(&b)) else { return Ok(()) };
        let difference = area_lost(&a, &b);
        prop_assert!(difference.abs() < 1e-12, "{difference}");
    }

    #[test]
    fn a_point_inside_lies_in_a_covering_cell(corners in corners(), (x, y) in place()) {
        let Some(polygon) = polygon(&corners) else { return Ok(()) };
        let point = Point::from_degrees(x + 0.01, y + 0.02);
        let cells = Covering::of_polygon(&polygon, 6, 0.0).unwrap();
        prop_assert!(!polygon.contains(point) || cells.contains(&Cell::of(point, 6)));
    }

    #[test]
    fn no_text_makes_shapes_panic(text in "[\\[\\]{}\",:a1.-]{0,30}") {
        let _ = (Polygon::parse(&text).is_some(), Line::parse(&text).is_some());
    }
}
