//! Distinct counts in fixed space (Flajolet et al., "HyperLogLog", 2007; linear counting for small counts).

/// Bits of a hash that choose a register.
const PRECISION: u32 = 14;
const REGISTERS: usize = 1 << PRECISION;

/// A sketch of a set of hashes; about 0.8 % standard error.
#[derive(Debug, Clone)]
pub(crate) struct HyperLogLog {
    registers: Box<[u8]>,
}

impl HyperLogLog {
    pub(crate) const BYTES: usize = REGISTERS;

    pub(crate) fn new() -> Self {
        HyperLogLog { registers: vec![0; REGISTERS].into_boxed_slice() }
    }

    /// From what [`HyperLogLog::bytes`] gave; other lengths are cut or filled.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut sketch = HyperLogLog::new();
        sketch.registers.iter_mut().zip(bytes).for_each(|(register, byte)| *register = *byte);
        sketch
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.registers
    }

    pub(crate) fn insert(&mut self, hash: u64) {
        let register = (hash >> (64 - PRECISION)) as usize;
        // The guard bit bounds the rank.
        let rank = ((hash << PRECISION) | (1 << (PRECISION - 1))).leading_zeros() + 1;
        let rank = u8::try_from(rank).unwrap_or(u8::MAX);
        self.registers[register] = self.registers[register].max(rank);
    }

    pub(crate) fn merge(&mut self, other: &HyperLogLog) {
        self.merge_bytes(&other.registers);
    }

    /// Takes in what [`HyperLogLog::bytes`] gave.
    pub(crate) fn merge_bytes(&mut self, registers: &[u8]) {
        self.registers.iter_mut().zip(registers).for_each(|(left, right)| *left = (*left).max(*right));
    }

    pub(crate) fn estimate(&self) -> i64 {
        let count = REGISTERS as f64;
        // 2^-rank, by its exponent alone.
        let share = |rank: u8| f64::from_bits((1_023 - u64::from(rank)) << 52);
        let sum: f64 = self.registers.iter().map(|rank| share(*rank)).sum();
        let alpha = 0.7213 / (1.0 + 1.079 / count);
        let raw = alpha * count * count / sum;
        let zeros = self.registers.iter().filter(|rank| **rank == 0).count();
        let estimate = if raw <= 2.5 * count && zeros > 0 { count * (count / zeros as f64).ln() } else { raw };
        estimate.round() as i64
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    #[test]
    fn estimates_are_within_three_percent() {
        for count in [2_000_u32, 30_000, 200_000] {
            let mut sketch = HyperLogLog::new();
            (0..count).for_each(|value| sketch.insert(xxh3_64(&value.to_le_bytes())));
            let error = (sketch.estimate() as f64 / f64::from(count) - 1.0).abs();
            assert!(error < 0.03, "{count}: {error}");
        }
    }
}
