//! Places and shapes on Earth.
//!
//! Shapes are GeoJSON; the geometry itself is in [`crate::geometry`].

mod buffer;
mod combine;
mod geohash;
mod h3;
mod info;
mod line;
mod point;
mod polygon;
mod s2;
mod shapes;
mod wkt;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &buffer::GEO_POINT_BUFFER,
        &buffer::GEO_LINE_BUFFER,
        &buffer::GEO_POLYGON_BUFFER,
        &combine::GEO_UNION_POLYGONS_ARRAY,
        &combine::GEO_UNION_LINES_ARRAY,
        &combine::GEO_INTERSECTION_2LINES,
        &combine::GEO_INTERSECTION_LINE_WITH_POLYGON,
        &combine::GEO_INTERSECTION_2POLYGONS,
        &geohash::GEO_POINT_TO_GEOHASH,
        &geohash::GEO_GEOHASH_TO_CENTRAL_POINT,
        &geohash::GEO_GEOHASH_TO_POLYGON,
        &geohash::GEO_GEOHASH_NEIGHBORS,
        &h3::GEO_POINT_TO_H3CELL,
        &h3::GEO_H3CELL_LEVEL,
        &h3::GEO_H3CELL_PARENT,
        &h3::GEO_H3CELL_CHILDREN,
        &h3::GEO_H3CELL_NEIGHBORS,
        &h3::GEO_H3CELL_RINGS,
        &h3::GEO_H3CELL_TO_CENTRAL_POINT,
        &h3::GEO_H3CELL_TO_POLYGON,
        &h3::GEO_POLYGON_TO_H3CELLS,
        &info::GEO_INFO_FROM_IP_ADDRESS,
        &line::GEO_LINE_LENGTH,
        &line::GEO_LINE_CENTROID,
        &line::GEO_LINE_DENSIFY,
        &line::GEO_LINE_INTERPOLATE_POINT,
        &line::GEO_LINE_LOCATE_POINT,
        &line::GEO_DISTANCE_POINT_TO_LINE,
        &line::GEO_CLOSEST_POINT_ON_LINE,
        &line::GEO_INTERSECTS_2LINES,
        &line::GEO_INTERSECTS_LINE_WITH_POLYGON,
        &point::GEO_DISTANCE_2POINTS,
        &point::GEO_AZIMUTH,
        &point::GEO_ANGLE,
        &point::GEO_POINT_IN_CIRCLE,
        &polygon::GEO_POINT_IN_POLYGON,
        &polygon::GEO_DISTANCE_POINT_TO_POLYGON,
        &polygon::GEO_CLOSEST_POINT_ON_POLYGON,
        &polygon::GEO_POLYGON_AREA,
        &polygon::GEO_POLYGON_PERIMETER,
        &polygon::GEO_POLYGON_CENTROID,
        &polygon::GEO_POLYGON_DENSIFY,
        &polygon::GEO_INTERSECTS_2POLYGONS,
        &s2::GEO_POINT_TO_S2CELL,
        &s2::GEO_S2CELL_TO_CENTRAL_POINT,
        &s2::GEO_S2CELL_TO_POLYGON,
        &s2::GEO_S2CELL_NEIGHBORS,
        &s2::GEO_LINE_TO_S2CELLS,
        &s2::GEO_POLYGON_TO_S2CELLS,
        &wkt::GEO_FROM_WKT,
    ]
}
