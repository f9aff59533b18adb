//! `percentile_tdigest` and its kin.

use arrow::array::ArrayRef;

use crate::Type::{Dynamic, Real, String as Text};
use crate::column::{Strings, real_results, reals, result_rows, written_nullable};
use crate::convert::{self, JsonRows};
use crate::definition::Definition;
use crate::dynamic::{ArrayWriter, elements, write_value};
use crate::scalar::string::type_of_name;
use crate::signature::{accept, any, count, fixed, repeated};
use crate::sketch::{Digest, stored, value_of};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, Value, number};

pub(super) static PERCENTILE_TDIGEST: Definition =
    Definition::new("percentile_tdigest", resolve_percentile, |args, resolved, ctx| {
        let (digests, ranks) = (Strings::of(&args[0]), reals(&args[1]));
        let found = written_nullable(result_rows(&args[..2], ctx), |row, out| {
            let (Some((mut digest, ty)), Some(rank)) = (Digest::read(digests.text(row)), ranks.get(row)) else {
                return false;
            };
            digest.percentile(rank).map(|found| write_value(out, &value_of(found, ty))).is_some()
        });
        convert::cast(&found, Dynamic, resolved.result)
    });

/// The third argument is a type literal, which reaches us as the name of a type.
fn resolve_percentile(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let result = match args.get(2).and_then(|arg| arg.constant.as_ref()) {
        Some(Value::String(name)) => type_of_name(name)?,
        _ => Dynamic,
    };
    fixed(args, &[Dynamic, Real, Text], 2, result)
}

/// Percentages are numbers, or one array of them.
pub(super) static PERCENTILES_ARRAY_TDIGEST: Definition =
    Definition::new("percentiles_array_tdigest", resolve_percentiles, |args, resolved, ctx| {
        let digests = Strings::of(&args[0]);
        let ranks: Vec<_> =
            args[1..].iter().zip(&resolved.parameters[1..]).map(|(arg, ty)| JsonRows::new(arg, *ty)).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let Some((mut digest, ty)) = Digest::read(digests.text(row)) else { return false };
            let mut given = String::new();
            ranks.iter().for_each(|rank| {
                rank.write(row, &mut given);
                given.push(' ');
            });
            let mut array = ArrayWriter::new(out);
            let is_array = resolved.parameters[1] == Dynamic;
            let wanted: Vec<f64> = if is_array {
                elements(given.trim()).filter_map(number::parse_real).collect()
            } else {
                given.split_ascii_whitespace().filter_map(number::parse_real).collect()
            };
            for found in wanted.into_iter().filter_map(|rank| digest.percentile(rank)) {
                write_value(array.element(), &value_of(found, ty));
            }
            array.end();
            true
        })
    });

fn resolve_percentiles(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 2, usize::MAX)?;
    let mut parameters = vec![accept(0, args[0].ty, Dynamic)?];
    if args.len() == 2 && args[1].ty == Dynamic {
        parameters.push(Dynamic);
    } else {
        for (index, arg) in args.iter().enumerate().skip(1) {
            parameters.push(accept(index, arg.ty, Real)?);
        }
    }
    Ok(Resolved { parameters, result: Dynamic })
}

/// How many values are at most as great, in per cent.
pub(super) static PERCENTRANK_TDIGEST: Definition = Definition::new(
    "percentrank_tdigest",
    |args| fixed(&any(args, &[1]), &[Dynamic, Dynamic], 2, Real),
    |args, _, ctx| ranked(args, ctx, |digest, value| digest.rank(value) as f64 * 100.0 / digest.total() as f64),
);

/// How many values are at most as great.
pub(super) static RANK_TDIGEST: Definition = Definition::new(
    "rank_tdigest",
    |args| fixed(&any(args, &[1]), &[Dynamic, Dynamic], 2, Real),
    |args, _, ctx| ranked(args, ctx, |digest, value| digest.rank(value) as f64),
);

fn ranked(args: &[Arg], ctx: &EvalContext, f: fn(&Digest, i64) -> f64) -> ArrayRef {
    let (digests, values) = (Strings::of(&args[0]), Strings::of(&args[1]));
    real_results(result_rows(args, ctx), |row| {
        let (digest, ty) = Digest::read(digests.text(row))?;
        let value = Value::Dynamic(values.get(row)?.to_owned()).cast(ty);
        let value = match value {
            Value::Real(value) => stored(value),
            Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => value,
            _ => return None,
        };
        Some(f(&digest, value))
    })
}

pub(super) static TDIGEST_MERGE: Definition = Definition::new(
    "tdigest_merge",
    |args| repeated(args, Dynamic, 2, 16, Dynamic),
    |args, _, ctx| {
        let columns: Vec<_> = args.iter().map(Strings::of).collect();
        written_nullable(result_rows(args, ctx), |row, out| {
            let mut merged: Option<(Digest, Type)> = None;
            for (digest, ty) in columns.iter().filter_map(|column| Digest::read(column.text(row))) {
                match &mut merged {
                    Some((known, known_ty)) if *known_ty == ty => known.merge(&digest),
                    Some(_) => {}
                    None => merged = Some((digest, ty)),
                }
            }
            merged.map(|(mut digest, ty)| digest.write(ty, out)).is_some()
        })
    },
)
.alias(&["merge_tdigest"]);
