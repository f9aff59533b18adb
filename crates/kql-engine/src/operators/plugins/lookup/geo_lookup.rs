//! `geo_polygon_lookup` and `geo_line_lookup`: rows of a table of shapes, by the place in a row.
//!
//! <https://learn.microsoft.com/kusto/query/geo-polygon-lookup-plugin>

use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use kql_functions::geometry::{EARTH_RADIUS, Line, Point, Polygon};
use kql_functions::{Type, Value};
use kql_syntax as ast;

use super::ip_lookup::named;
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, Watch};
use crate::operators::plugins::rows::{bounded, taken};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

/// Shapes between two looks at the clock.
const WATCHED_SHAPES: usize = 1_024;

/// A shape of the table, and a circle around it.
struct Known {
    row: u32,
    shape: Shape,
    center: Point,
    /// In radians; nothing where the circle would be no bound.
    reach: Option<f64>,
}

enum Shape {
    Line(Line),
    Polygon(Polygon),
}

/// What is in the parentheses.
struct Lookup {
    is_polygon: bool,
    shape: ScopeColumn,
    longitude: ScopeColumn,
    latitude: ScopeColumn,
    /// Meters around a shape; nothing where a place must be inside.
    radius: Option<f64>,
    keeps_unmatched: bool,
    keeps_shape: bool,
}

impl Binder<'_> {
    /// The columns of the rows, then those of the polygons that they lie in.
    pub(in crate::operators::plugins) fn geo_polygon_lookup(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        self.geo_lookup(input, call, true)
    }

    /// The columns of the rows, then those of the lines that they are near to.
    pub(in crate::operators::plugins) fn geo_line_lookup(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        self.geo_lookup(input, call, false)
    }

    fn geo_lookup(&mut self, input: Relation, call: &PluginCall<'_>, is_polygon: bool) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let table = self.table(args.required("LookupTable")?, call.environment)?;
        let key = if is_polygon { "LookupPolygonKey" } else { "LookupLineKey" };
        let shape = args.column(key, &table, Wanted::DYNAMIC)?;
        let longitude = args.column("SourceLongitude", &input, Wanted::NUMBER)?;
        let latitude = args.column("SourceLatitude", &input, Wanted::NUMBER)?;
        let radius = if is_polygon {
            args.optional_constant(self, "radius", Wanted::NUMBER)?
        } else {
            Some(args.constant(self, "radius", Wanted::NUMBER)?)
        };
        let keeps_unmatched = args.optional_constant(self, "return_unmatched", Wanted::BOOL)?;
        // Only a hint about speed.
        args.optional_constant(self, "lookup_area_radius", Wanted::NUMBER)?;
        let keeps_shape = args.optional_constant(self, "return_lookup_key", Wanted::BOOL)?;
        args.finish()?;
        let lookup = Lookup {
            is_polygon,
            shape,
            longitude,
            latitude,
            radius: radius.map(|radius| meters(&radius)),
            keeps_unmatched: keeps_unmatched == Some(Value::Bool(true)),
            keeps_shape: keeps_shape == Some(Value::Bool(true)),
        };
        let output = self.geo_rows(input, table, &lookup, call)?;
        self.conformed(output, call)
    }

    fn geo_rows(&mut self, input: Relation, table: Relation, lookup: &Lookup, call: &PluginCall<'_>) -> Bind<Relation> {
        let left: Vec<ScopeColumn> = input.visible().cloned().collect();
        let is_given = |column: &&ScopeColumn| lookup.keeps_shape || column.name != lookup.shape.name;
        let right: Vec<ScopeColumn> = table.visible().filter(is_given).cloned().collect();
        let columns = named(&[left.clone(), right.clone()].concat());
        // Keys stand behind the columns that are given.
        let input = self.with_keys(input, &left, &[(&lookup.longitude, Type::Real), (&lookup.latitude, Type::Real)])?;
        let table = self.with_keys(table, &right, &[(&lookup.shape, Type::Dynamic)])?;
        let (name, span) = (call.name, call.span);
        self.computed(vec![input, table], &columns, |inputs, watch| {
            let (rows, shapes) = (&inputs[0], &inputs[1]);
            let pairs = pairs(rows, shapes, lookup, watch, (name, span))?;
            let (from_rows, from_shapes): (Vec<Option<u32>>, Vec<Option<u32>>) =
                pairs.into_iter().map(|(row, shape)| (Some(row), shape)).unzip();
            let own = left.iter().zip(&rows.arrays).map(|(column, array)| taken(array, column.ty, &from_rows));
            let found = right.iter().zip(&shapes.arrays).map(|(column, array)| taken(array, column.ty, &from_shapes));
            own.chain(found).collect()
        })
    }

    /// The table with those columns and, behind them, keys in the type that is needed.
    fn with_keys(&mut self, table: Relation, kept: &[ScopeColumn], keys: &[(&ScopeColumn, Type)]) -> Bind<Relation> {
        let mut columns: Vec<_> =
            kept.iter().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        for (key, ty) in keys {
            let value = self.cast(Typed::column(key), *ty)?;
            columns.push((format!("{}#key", key.name), value, false));
        }
        self.project(table, columns)
    }
}

/// A constant number; no place is near where it is null.
fn meters(value: &Value) -> f64 {
    match value {
        Value::Int(meters) => f64::from(*meters),
        Value::Long(meters) => *meters as f64,
        Value::Real(meters) => *meters,
        Value::Decimal(unscaled) => *unscaled as f64 / 10_f64.powi(i32::from(kql_functions::DECIMAL_SCALE)),
        _ => f64::NAN,
    }
}

/// Each row with each shape that it is in or near to, by number. Keys are the last columns.
fn pairs(
    rows: &Rows,
    shapes: &Rows,
    lookup: &Lookup,
    watch: Watch,
    (plugin, span): (&str, ast::Span),
) -> Bind<Vec<(u32, Option<u32>)>> {
    let known = known(shapes, lookup);
    let [.., longitudes, latitudes] = &rows.arrays[..] else { return Ok(Vec::new()) };
    let (longitudes, latitudes) = (longitudes.as_primitive::<Float64Type>(), latitudes.as_primitive::<Float64Type>());
    let (mut pairs, mut unwatched) = (Vec::new(), 0);
    for (row, (longitude, latitude)) in (0_u32..).zip(longitudes.iter().zip(latitudes.iter())) {
        unwatched += known.len() + 1;
        if unwatched > WATCHED_SHAPES {
            unwatched = 0;
            watch.check()?;
            bounded(pairs.len(), plugin, span)?;
        }
        let before = pairs.len();
        if let Some(place) = longitude.zip(latitude).and_then(|(x, y)| Point::checked(x, y)) {
            let matching = known.iter().filter(|known| known.matches(place, lookup.radius));
            pairs.extend(matching.map(|known| (row, Some(known.row))));
        }
        if pairs.len() == before && lookup.keeps_unmatched {
            pairs.push((row, None));
        }
    }
    Ok(pairs)
}

fn known(shapes: &Rows, lookup: &Lookup) -> Vec<Known> {
    let Some(texts) = shapes.arrays.last().map(|array| array.as_string_view()) else { return Vec::new() };
    let read = |(row, text): (u32, Option<&str>)| {
        let shape =
            if lookup.is_polygon { Shape::Polygon(Polygon::parse(text?)?) } else { Shape::Line(Line::parse(text?)?) };
        let (center, reach) = match &shape {
            Shape::Line(line) => line.circle(),
            Shape::Polygon(polygon) => polygon.circle(),
        };
        Some(Known { row, shape, center, reach })
    };
    (0_u32..).zip(texts.iter()).filter_map(read).collect()
}

impl Known {
    fn matches(&self, place: Point, radius: Option<f64>) -> bool {
        let meters = radius.unwrap_or(0.0);
        if self.reach.is_some_and(|reach| place.angle(self.center) > reach + meters / EARTH_RADIUS) {
            return false;
        }
        match (&self.shape, radius) {
            (Shape::Polygon(polygon), None) => polygon.contains(place),
            (Shape::Polygon(polygon), Some(radius)) => polygon.distance(place) * EARTH_RADIUS <= radius,
            (Shape::Line(line), _) => line.distance(place) * EARTH_RADIUS <= meters,
        }
    }
}
