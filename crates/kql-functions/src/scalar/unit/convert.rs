//! `convert_angle` and its kin: a number in another unit of the same quantity.

use std::collections::HashMap;
use std::sync::LazyLock;

use arrow::array::ArrayRef;

use crate::Type::{Real, String as Text};
use crate::column::{Strings, real_results, reals, result_rows};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// Quantities, their units, and what these are in the quantity's first unit (exact definitions of the units where
/// there are any, else the values of CODATA and the IAU).
const UNITS: &str = include_str!("../../../data/units.tsv");

pub(super) static FUNCTIONS: [Definition; 8] = [
    convert("convert_angle", |args, _, ctx| converted(args, ctx, "angle")),
    convert("convert_energy", |args, _, ctx| converted(args, ctx, "energy")),
    convert("convert_force", |args, _, ctx| converted(args, ctx, "force")),
    convert("convert_length", |args, _, ctx| converted(args, ctx, "length")),
    convert("convert_mass", |args, _, ctx| converted(args, ctx, "mass")),
    convert("convert_speed", |args, _, ctx| converted(args, ctx, "speed")),
    convert("convert_temperature", |args, _, ctx| converted(args, ctx, "temperature")),
    convert("convert_volume", |args, _, ctx| converted(args, ctx, "volume")),
];

const fn convert(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Real, Text, Text], 3, Real), kernel)
}

/// A unit in terms of the quantity's first.
#[derive(Debug, Clone, Copy)]
struct Unit {
    factor: f64,
    zero: f64,
}

/// By quantity and name.
static KNOWN: LazyLock<HashMap<(&str, &str), Unit>> = LazyLock::new(|| {
    let unit = |line: &'static str| {
        let mut fields = line.split('\t');
        let name = (fields.next()?, fields.next()?);
        Some((name, Unit { factor: fields.next()?.parse().ok()?, zero: fields.next()?.parse().ok()? }))
    };
    UNITS.lines().filter_map(unit).collect()
});

/// Null for a unit that the quantity has not.
fn converted(args: &[Arg], ctx: &EvalContext, quantity: &str) -> ArrayRef {
    let (values, from, to) = (reals(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
    real_results(result_rows(args, ctx), |row| {
        let [from, to] = [from.text(row), to.text(row)].map(|name| KNOWN.get(&(quantity, name)));
        let (from, to) = (from?, to?);
        Some((values.get(row)? * from.factor + from.zero - to.zero) / to.factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, text};

    #[test]
    fn the_file_of_units_is_whole() {
        assert_eq!(KNOWN.len() + 1, UNITS.lines().count());
    }

    #[test]
    fn numbers_change_their_unit() {
        for (function, value, from, to, expected) in [
            ("convert_length", 1.0, "Mile", "Kilometer", 1.609_344),
            ("convert_speed", 1.2, "MeterPerSecond", "CentimeterPerHour", 432_000.0),
            ("convert_temperature", 100.0, "DegreeCelsius", "DegreeFahrenheit", 212.0),
            ("convert_temperature", 0.0, "DegreeDelisle", "DegreeCelsius", 100.0),
            ("convert_angle", 180.0, "Degree", "Radian", std::f64::consts::PI),
            ("convert_volume", 1.0, "UsGallon", "Liter", 3.785_411_784),
            ("convert_mass", 1.0, "Stone", "Pound", 14.0),
            ("convert_force", 1.0, "Newton", "Dyn", 100_000.0),
            ("convert_energy", 1.0, "KilowattHour", "Joule", 3_600_000.0),
        ] {
            check(function, &[Value::Real(value), text(from), text(to)], Value::Real(expected));
        }
        let none = [Value::Real(1.0), text("Mile"), text("Gram")];
        check("convert_length", &none, Value::Null(Real));
    }
}
