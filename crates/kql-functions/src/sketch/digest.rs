//! Values with weights in order: all of them up to a limit, a digest of them beyond.
//!
//! A digest keeps fewer values near the middle than near the ends, each standing for its neighbours, as
//! Dunning's t-digest does ("Computing extremely accurate quantiles using t-digests", 2019). What stands for others
//! is one of them, so a percentile is always a value that occurs.

use std::f64::consts::PI;

use crate::dynamic::{ArrayWriter, elements, get_index, unquote};
use crate::{Type, Value, number};

/// Most values that are kept one by one; results of fewer are exact.
const EXACT_VALUES: usize = 16_384;
/// As many values are joined; fewer are kept as they are.
pub(crate) const MOST_PLAIN_VALUES: usize = 2 * EXACT_VALUES;
/// About how many values a digest has: the quantile is off by at most some 1/1000, near the ends by much less.
const COMPRESSION: f64 = 2_000.0;
/// Marks the text form.
const FORM: &str = "[1,1]";

/// Values in a form whose order is that of the values (see [`stored`]), with their weights.
#[derive(Debug, Clone, Default)]
pub(crate) struct Digest {
    entries: Vec<(i64, i64)>,
    is_sorted: bool,
}

impl Digest {
    /// Takes in a value that counts `weight` times; weights below 1 count for nothing.
    pub(crate) fn add(&mut self, value: i64, weight: i64) {
        if weight < 1 {
            return;
        }
        self.is_sorted = false;
        self.entries.push((value, weight));
        if self.entries.len() >= MOST_PLAIN_VALUES {
            self.compress();
        }
    }

    pub(crate) fn merge(&mut self, other: &Digest) {
        other.entries.iter().for_each(|(value, weight)| self.add(*value, *weight));
    }

    /// The value at the least rank that covers a percentage; `None` of no values.
    pub(crate) fn percentile(&mut self, percentage: f64) -> Option<i64> {
        self.sort();
        let rank = Self::rank_of(percentage, self.total() as f64);
        let mut covered = 0_i64;
        for (value, weight) in &self.entries {
            covered = covered.saturating_add(*weight);
            if covered as f64 >= rank {
                return Some(*value);
            }
        }
        self.entries.last().map(|(value, _)| *value)
    }

    /// The least rank, from 1, that covers a percentage of a total weight.
    pub(crate) fn rank_of(percentage: f64, total: f64) -> f64 {
        let rank = percentage.clamp(0.0, 100.0) * total / 100.0;
        // What binary fractions add to a whole rank must not lift it to the next.
        (rank - rank * f64::EPSILON * 4.0).ceil().max(1.0)
    }

    /// The weight of all values up to this one.
    pub(crate) fn rank(&self, value: i64) -> i64 {
        let below = self.entries.iter().filter(|(known, _)| *known <= value);
        below.fold(0, |sum, (_, weight)| sum.saturating_add(*weight))
    }

    /// The weight of all values.
    pub(crate) fn total(&self) -> i64 {
        self.entries.iter().fold(0, |sum, (_, weight)| sum.saturating_add(*weight))
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        self.entries.capacity() * size_of::<(i64, i64)>()
    }

    fn sort(&mut self) {
        if !self.is_sorted {
            self.entries.sort_unstable();
            self.is_sorted = true;
        }
    }

    /// Joins equal values, and neighbours where that is not enough.
    fn compress(&mut self) {
        self.sort();
        self.entries.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            is_same
        });
        if self.entries.len() <= EXACT_VALUES {
            return;
        }
        let total = self.total() as f64;
        let scale = |weight: i64| COMPRESSION / (2.0 * PI) * (2.0 * (weight as f64 / total).min(1.0) - 1.0).asin();
        let mut compressed = Vec::new();
        let (mut before, mut run_start) = (0_i64, 0_usize);
        let mut covered = 0_i64;
        for at in 0..self.entries.len() {
            let with_this = covered.saturating_add(self.entries[at].1);
            if at > run_start && scale(with_this) - scale(before) > 1.0 {
                compressed.push(representative(&self.entries[run_start..at]));
                (before, run_start) = (covered, at);
            }
            covered = with_this;
        }
        compressed.push(representative(&self.entries[run_start..]));
        self.entries = compressed;
    }

    /// Values and weights in little-endian order.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.entries.iter().flat_map(|(value, weight)| [value.to_le_bytes(), weight.to_le_bytes()]).flatten().collect()
    }

    /// From what [`Digest::bytes`] gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let number = |bytes: &[u8]| <[u8; 8]>::try_from(bytes).map_or(0, i64::from_le_bytes);
        let entries = bytes.chunks_exact(16).map(|pair| (number(&pair[..8]), number(&pair[8..])));
        Digest { entries: entries.collect(), is_sorted: false }
    }

    /// Appends the digest of values of a type as a JSON array; [`Digest::read`] takes it back.
    pub(crate) fn write(&mut self, ty: Type, out: &mut String) {
        self.sort();
        let mut array = ArrayWriter::new(out);
        array.push(FORM);
        array.push_text(ty.name());
        for part in [0, 1] {
            let mut numbers = ArrayWriter::new(array.element());
            for (value, weight) in &self.entries {
                numbers.push(&if part == 0 { value } else { weight }.to_string());
            }
            numbers.end();
        }
        array.end();
    }

    /// Reads what [`Digest::write`] wrote, with the type of its values; nothing for other texts.
    pub(crate) fn read(json: &str) -> Option<(Self, Type)> {
        if get_index(json, 0)? != FORM {
            return None;
        }
        let ty = match unquote(get_index(json, 1)?).as_ref() {
            "long" => Type::Long,
            "real" => Type::Real,
            "datetime" => Type::DateTime,
            "timespan" => Type::TimeSpan,
            _ => return None,
        };
        let numbers = |part: i64| {
            let items = elements(get_index(json, part)?);
            items.map(number::parse_long).collect::<Option<Vec<i64>>>()
        };
        let (values, weights) = (numbers(2)?, numbers(3)?);
        let mut digest = Digest::default();
        values.into_iter().zip(weights).for_each(|(value, weight)| digest.add(value, weight));
        Some((digest, ty))
    }
}

/// The value in the middle of a run stands for all of it.
fn representative(run: &[(i64, i64)]) -> (i64, i64) {
    let total = run.iter().fold(0_i64, |sum, (_, weight)| sum.saturating_add(*weight));
    let mut covered = 0_i64;
    for (value, weight) in run {
        covered = covered.saturating_add(*weight);
        if covered >= total / 2 {
            return (*value, total);
        }
    }
    (run.last().map_or(0, |(value, _)| *value), total)
}

/// Bits of a real whose order as signed numbers is the reals' total order; its own inverse.
fn ordered_bits(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// A real in the form that a digest keeps.
pub(crate) fn stored(value: f64) -> i64 {
    ordered_bits(value.to_bits().cast_signed())
}

/// The value of a type that a digest keeps in this form.
pub(crate) fn value_of(stored: i64, ty: Type) -> Value {
    match ty {
        Type::Real => Value::Real(f64::from_bits(ordered_bits(stored).cast_unsigned())),
        Type::DateTime => Value::DateTime(stored),
        Type::TimeSpan => Value::TimeSpan(stored),
        _ => Value::Long(stored),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_exact_and_many_within_two_thousandths() {
        let mut few = Digest::default();
        (1..=1_000).for_each(|value| few.add(value, 1));
        assert_eq!((few.percentile(0.0), few.percentile(50.0), few.percentile(99.9)), (Some(1), Some(500), Some(999)));
        assert_eq!((few.rank(685), few.total()), (685, 1_000));
        let mut many = Digest::default();
        // A walk through all residues, so that values come in no order.
        (0..500_000_i64).for_each(|step| many.add(step * 77_773 % 500_000, 1));
        for percentage in [0.1, 1.0, 25.0, 50.0, 90.0, 99.9] {
            let found = many.percentile(percentage).unwrap() as f64;
            assert!((found / 5_000.0 - percentage).abs() < 0.2, "{percentage}: {found}");
        }
        assert!(many.entries.len() <= 2 * EXACT_VALUES && many.total() == 500_000);
    }

    #[test]
    fn digests_travel_as_bytes_and_as_text() {
        let mut digest = Digest::default();
        [(stored(-1.5), 2), (stored(2.5), 1)].iter().for_each(|(value, weight)| digest.add(*value, *weight));
        assert_eq!(Digest::from_bytes(&digest.bytes()).percentile(50.0), Some(stored(-1.5)));
        let mut text = String::new();
        digest.write(Type::Real, &mut text);
        let (mut read, ty) = Digest::read(&text).unwrap();
        assert_eq!(value_of(read.percentile(100.0).unwrap(), ty), Value::Real(2.5));
        assert!(Digest::read("[1,2]").is_none() && Digest::read("{}").is_none());
    }
}
