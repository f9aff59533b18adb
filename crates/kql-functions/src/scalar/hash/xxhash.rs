//! `hash` (`hash_xxhash64`): xxHash64 with seed 0, optionally modulo a number.

use arrow::array::ArrayRef;
use xxhash_rust::xxh64::xxh64;

use crate::Type::Long;
use crate::column::{Bools, Strings, decimals, ints, long_results, longs, reals, result_rows};
use crate::definition::Definition;
use crate::signature::{accept, count, not_dynamic};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type};

pub(super) static HASH: Definition = Definition::new("hash", resolve, hash).alias(&["hash_xxhash64"]);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 1, 2)?;
    not_dynamic(args)?;
    let mut parameters = vec![args[0].ty];
    if let Some(modulus) = args.get(1) {
        parameters.push(accept(1, modulus.ty, Long)?);
    }
    Ok(Resolved { parameters, result: Long })
}

fn hash(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let of_row = row_hash(&args[0], resolved.parameters[0]);
    let moduli = args.get(1).map(longs);
    long_results(result_rows(args, ctx), |row| {
        let hash = of_row(row).cast_signed();
        match &moduli {
            None => Some(hash),
            Some(moduli) => hash.checked_rem_euclid(moduli.get(row)?),
        }
    })
}

/// The hash of a row's bytes: text in UTF-8, numbers in little-endian order, nothing for null.
fn row_hash(arg: &Arg, ty: Type) -> Box<dyn Fn(usize) -> u64> {
    let of = |bytes: &[u8]| xxh64(bytes, 0);
    match ty {
        Type::Bool => {
            let values = Bools::of(arg);
            Box::new(move |row| values.get(row).map_or(of(&[]), |value| of(&[u8::from(value)])))
        }
        Type::Int => {
            let values = ints(arg);
            Box::new(move |row| values.get(row).map_or(of(&[]), |value| of(&value.to_le_bytes())))
        }
        Type::Real => {
            let values = reals(arg);
            Box::new(move |row| values.get(row).map_or(of(&[]), |value| of(&value.to_le_bytes())))
        }
        Type::Decimal => {
            let values = decimals(arg);
            Box::new(move |row| values.get(row).map_or(of(&[]), |value| of(&value.to_le_bytes())))
        }
        Long | Type::DateTime | Type::TimeSpan => {
            let values = longs(arg);
            Box::new(move |row| values.get(row).map_or(of(&[]), |value| of(&value.to_le_bytes())))
        }
        Type::String | Type::Guid | Type::Dynamic => {
            let values = Strings::of(arg);
            Box::new(move |row| of(values.text(row).as_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text, time};

    #[test]
    fn hashes_are_those_of_kustos_documentation() {
        check("hash", &[text("World")], Long(1_846_988_464_401_551_951));
        check("hash_xxhash64", &[text("World"), Long(100)], Long(51));
        check("hash", &[time("2015-01-01")], Long(1_380_966_698_541_616_202));
    }
}
