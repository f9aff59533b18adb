//! Quantiles of any number of values in a fixed number of counters.

/// Counters for each doubling: quantiles are exact below 16 and within 7 % above.
const STEPS: u32 = 8;
/// Bits that tell the steps apart.
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Values below this have a counter of their own.
const EXACT: u64 = 2 * STEPS as u64;
/// Counters that 64-bit numbers need.
const COUNTERS: usize = 64 * STEPS as usize;

/// How often values occurred.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    highest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; COUNTERS], total: 0, highest: 0 }
    }
}

impl Histogram {
    /// Counts `value`.
    pub(super) fn add(&mut self, value: u64) {
        self.counts[position(value)] += 1;
        self.total += 1;
        self.highest = self.highest.max(value);
    }

    /// The value below which `permille` of 1,000 values lie; 0 when there is none.
    pub(super) fn quantile(&self, permille: u64) -> u64 {
        let wanted = self.total * permille / 1_000;
        let mut before = 0;
        for (position, count) in self.counts.iter().enumerate() {
            before += count;
            if *count > 0 && before > wanted {
                return value(position).min(self.highest);
            }
        }
        self.highest
    }
}

fn position(value: u64) -> usize {
    if value < EXACT {
        return value as usize;
    }
    let doubling = value.ilog2();
    let step = (value >> (doubling - STEP_BITS)) & (u64::from(STEPS) - 1);
    ((doubling - STEP_BITS) * STEPS) as usize + STEPS as usize + step as usize
}

/// The middle of the values that are counted at `position`.
fn value(position: usize) -> u64 {
    let position = position as u64;
    if position < EXACT {
        return position;
    }
    let doubling = position / u64::from(STEPS) - 1;
    let step = position % u64::from(STEPS);
    let width = 1_u64 << doubling;
    (u64::from(STEPS) + step) * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_for_small_and_close_for_large_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(500), 0);
        (1..=15).for_each(|value| histogram.add(value));
        assert_eq!((histogram.quantile(500), histogram.quantile(999), histogram.highest), (8, 15, 15));
        for value in [16, 100, 12_345, 1 << 40] {
            let found = super::value(position(value));
            assert!(found.abs_diff(value) * 100 <= value * 7, "{value}: {found}");
        }
        assert!(position(u64::MAX) < COUNTERS);
    }
}
