//! `rand` and `new_guid`.

use uuid::Uuid;

use crate::Type::{Guid, Long, Real};
use crate::column::{longs, real_results, result_rows, written_nullable};
use crate::definition::Definition;
use crate::signature::fixed;

/// Reals in [0, 1) have this many random bits.
const RANDOM_BITS: u32 = 53;

pub(super) static RAND: Definition = Definition::new(
    "rand",
    |args| fixed(args, &[Long], 0, Real),
    |args, _, ctx| {
        let bounds = args.first().map(longs);
        let rows = if args.is_empty() { ctx.rows } else { result_rows(args, ctx).max(ctx.rows) };
        real_results(rows, |row| {
            // The low half of a version 4 UUID holds 62 random bits.
            let bits = Uuid::new_v4().as_u64_pair().1 & ((1 << RANDOM_BITS) - 1);
            let fraction = bits as f64 / (1_u64 << RANDOM_BITS) as f64;
            match &bounds {
                None => Some(fraction),
                Some(bounds) => bounds.get(row).map(|bound| (fraction * bound as f64).floor()),
            }
        })
    },
)
.random();

pub(super) static NEW_GUID: Definition = Definition::new(
    "new_guid",
    |args| fixed(args, &[], 0, Guid),
    |_, _, ctx| {
        written_nullable(ctx.rows, |_, out| {
            out.push_str(Uuid::new_v4().hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            true
        })
    },
)
.random();

#[cfg(test)]
mod tests {
    use crate::scalar::testing::results;
    use crate::{EvalContext, Resolved, Type, Value};

    #[test]
    fn random_values_are_in_range_and_differ_by_row() {
        for value in results("rand", &[Value::Long(10)]) {
            assert!(matches!(value, Value::Real(value) if (0.0..10.0).contains(&value) && value.fract() == 0.0));
        }
        let guid = crate::scalar("new_guid").unwrap();
        let resolved = Resolved { parameters: vec![], result: Type::Guid };
        let guids =
            guid.eval(&[], &resolved, &EvalContext { rows: 2, now: 0, geo_database: None, wanted: crate::ALL_RESULTS });
        assert_ne!(Value::from_array(&guids, 0, Type::Guid), Value::from_array(&guids, 1, Type::Guid));
        assert!(!guid.is_deterministic());
    }
}
