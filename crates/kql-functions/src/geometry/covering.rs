//! The cells of one level that cover a shape.

use super::cell::Cell;
use super::edge::closest_point;
use super::predicates::{Crossing, crossing};
use super::{Line, Point, Polygon};

/// Most cells of a covering, as documented.
const MAX_CELLS: usize = 65_536;

/// Cells that come this near touch the shape, in radians: S2 counts them in.
const TOUCHING: f64 = 2e-15;

/// A shape to cover, and how far around it, in radians.
pub(crate) struct Covering<'a> {
    edges: Vec<(Point, Point)>,
    area: Option<&'a Polygon>,
    radius: f64,
    level: u8,
    cells: Vec<Cell>,
}

impl<'a> Covering<'a> {
    /// The cells that meet a line; `None` where there are too many.
    pub fn of_line(line: &Line, level: u8, radius: f64) -> Option<Vec<Cell>> {
        Covering { edges: line.edges(), area: None, radius, level, cells: Vec::new() }.all()
    }

    /// The cells that meet a polygon; `None` where there are too many.
    pub fn of_polygon(polygon: &'a Polygon, level: u8, radius: f64) -> Option<Vec<Cell>> {
        Covering { edges: polygon.edges(), area: Some(polygon), radius, level, cells: Vec::new() }.all()
    }

    fn all(mut self) -> Option<Vec<Cell>> {
        let edges: Vec<usize> = (0..self.edges.len()).collect();
        Cell::faces().try_for_each(|face| self.add(face, &edges))?;
        Some(self.cells)
    }

    /// Adds what is needed of a cell; `edges` are those that may be near.
    fn add(&mut self, cell: Cell, edges: &[usize]) -> Option<()> {
        let (center, vertices) = (cell.center(), cell.vertices());
        let reach = vertices.iter().map(|vertex| vertex.angle(center)).fold(0.0, f64::max) + self.radius + 1e-14;
        let is_near = |edge: &usize| {
            let (a, b) = self.edges[*edge];
            closest_point(center, a, b).angle(center) <= reach
        };
        let near: Vec<usize> = edges.iter().copied().filter(is_near).collect();
        if near.is_empty() {
            return if self.area.is_some_and(|area| area.contains(center)) { self.add_whole(cell) } else { Some(()) };
        }
        if !self.meets(cell, &vertices, &near) {
            return Some(());
        }
        if cell.level() == self.level {
            self.cells.push(cell);
            return (self.cells.len() <= MAX_CELLS).then_some(());
        }
        cell.children().iter().try_for_each(|child| self.add(*child, &near))
    }

    /// Adds all cells of a cell that lies inside of the shape.
    fn add_whole(&mut self, cell: Cell) -> Option<()> {
        let count = 4_usize.checked_pow(u32::from(self.level - cell.level()))?;
        if self.cells.len().checked_add(count)? > MAX_CELLS {
            return None;
        }
        if cell.level() == self.level {
            self.cells.push(cell);
            return Some(());
        }
        cell.children().iter().try_for_each(|child| self.add_whole(*child))
    }

    fn meets(&self, cell: Cell, vertices: &[Point; 4], near: &[usize]) -> bool {
        if vertices.iter().any(|vertex| self.area.is_some_and(|area| area.contains(*vertex))) {
            return true;
        }
        near.iter().any(|edge| {
            let (a, b) = self.edges[*edge];
            if cell.contains(a) || cell.contains(b) {
                return true;
            }
            (0..4).any(|at| {
                let (c, d) = (vertices[at], vertices[(at + 1) % 4]);
                let reach = self.radius.max(TOUCHING);
                let is_close = |p: Point, from: Point, to: Point| closest_point(p, from, to).angle(p) <= reach;
                crossing(a, b, c, d) != Crossing::None
                    || is_close(a, c, d)
                    || is_close(b, c, d)
                    || is_close(c, a, b)
                    || is_close(d, a, b)
            })
        })
    }
}
