//! Chance from a seed.

/// Steps of splitmix64: enough for spread, not for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Chance that follows from the seed alone.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to but not `high`; `low` where there is none between.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw().checked_rem(high.saturating_sub(low)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_numbers() {
        let drawn = |seed| {
            let mut random = Random::new(seed);
            (0..100).map(|_| random.between(5, 15)).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(3).iter().all(|number| (5..15).contains(number)));
        assert_eq!(Random::new(1).between(4, 4), 4);
    }
}
