//! Geometry on the sphere, as Google's S2 library (which Kusto uses) defines it.
//!
//! Edges are geodesics. Points are unit vectors. Orientation tests are exact, so that a shape answers
//! each question about a point the same way (<https://s2geometry.io/about/overview>).
//!
//! | to find | look in |
//! |---|---|
//! | points and vectors | [`Point`] |
//! | exact orientation, crossings | `predicates` |
//! | distances and points on edges | `edge` |
//! | lines, rings, polygons | [`Line`], `Ring`, [`Polygon`] |
//! | their text form | `geojson` |
//! | planar edges to geodesics | `tessellate` |
//! | regions around shapes | `buffer` |
//! | unions and intersections | `overlay`, of `pieces` joined again in `joins` |
//! | S2 cells, coverings | `cell`, `covering` |

pub(crate) mod buffer;
pub(crate) mod cell;
pub(crate) mod covering;
pub(crate) mod edge;
pub(crate) mod geojson;
pub(crate) mod joins;
pub(crate) mod line;
pub(crate) mod overlay;
mod pieces;
mod point;
mod polygon;
pub(crate) mod predicates;
mod ring;
pub(crate) mod tessellate;
#[cfg(test)]
mod tests;

pub use line::Line;
pub use point::Point;
pub use polygon::Polygon;
pub(crate) use ring::Ring;

/// Meters; S2's sphere, with which Kusto's documented distances agree.
pub const EARTH_RADIUS: f64 = 6_371_010.0;
