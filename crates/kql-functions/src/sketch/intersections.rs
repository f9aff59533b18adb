//! How many values several sets have in common, of the states that `hll` gives.

use super::{DistinctValues, EXACT_COUNT};

/// For states of `hll`: how many values the first has, the first two have in common, the first three, and so on. Exact for
/// small sets; for larger ones by the sizes of unions, each off by the error of `dcount`. Nothing where a text is no such state.
pub fn intersection_counts(states: &[&str]) -> Option<Vec<i64>> {
    let mut sets = Vec::with_capacity(states.len());
    for state in states {
        let mut values = DistinctValues::default();
        values.merge_text(state, EXACT_COUNT).then_some(())?;
        sets.push(values);
    }
    Some((1..=sets.len()).map(|count| common(&sets[..count], &states[..count])).collect())
}

fn common(sets: &[DistinctValues], states: &[&str]) -> i64 {
    let few = sets.iter().map(|set| match set {
        DistinctValues::Few(hashes) => Some(hashes),
        DistinctValues::Many(_) => None,
    });
    if let Some([first, others @ ..]) = few.collect::<Option<Vec<_>>>().as_deref() {
        let count = first.iter().filter(|hash| others.iter().all(|set| set.contains(*hash))).count();
        return i64::try_from(count).unwrap_or(i64::MAX);
    }
    // The sizes of the unions of all choices of sets, those of an even number of sets taken away.
    let total = (1_u32..1 << sets.len()).map(|chosen| {
        let mut union = DistinctValues::default();
        for (_, state) in states.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0) {
            union.merge_text(state, EXACT_COUNT);
        }
        if chosen.count_ones() % 2 == 1 { union.count() } else { -union.count() }
    });
    total.sum::<i64>().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(values: impl Iterator<Item = u64>) -> String {
        let mut set = DistinctValues::default();
        // Spread over all bits, as hashes are.
        values.for_each(|value| set.insert(value.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17), EXACT_COUNT));
        let mut text = String::new();
        set.write(&mut text);
        text
    }

    #[test]
    fn few_values_are_exact() {
        let (twos, threes) = (state((0..=100).filter(|n| n % 2 == 0)), state((0..=100).filter(|n| n % 3 == 0)));
        let fives = state((0..=100).filter(|n| n % 5 == 0));
        assert_eq!(intersection_counts(&[&twos, &threes, &fives]), Some(vec![51, 17, 4]));
        assert_eq!(intersection_counts(&["{}", &twos]), None);
    }
}
