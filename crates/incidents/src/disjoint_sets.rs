//! Union-find: which things belong together when pairs of them do.

/// Sets of the numbers `0..len`, each number alone at first.
#[derive(Debug, Clone)]
pub(crate) struct DisjointSets {
    parents: Vec<usize>,
}

impl DisjointSets {
    pub(crate) fn new(len: usize) -> Self {
        Self { parents: (0..len).collect() }
    }

    /// Puts the sets of two numbers together.
    pub(crate) fn union(&mut self, left: usize, right: usize) {
        let (left, right) = (self.find(left), self.find(right));
        // The smaller number leads, so the result does not depend on the order of unions.
        self.parents[left.max(right)] = left.min(right);
    }

    /// The smallest number of the set.
    pub(crate) fn find(&mut self, number: usize) -> usize {
        let mut root = number;
        while self.parents[root] != root {
            root = self.parents[root];
        }
        let mut at = number;
        while self.parents[at] != root {
            at = std::mem::replace(&mut self.parents[at], root);
        }
        root
    }

    /// The sets, each in order, ordered by their first number.
    pub(crate) fn into_sets(mut self) -> Vec<Vec<usize>> {
        let mut sets: Vec<Vec<usize>> = vec![Vec::new(); self.parents.len()];
        for number in 0..self.parents.len() {
            let root = self.find(number);
            sets[root].push(number);
        }
        sets.retain(|set| !set.is_empty());
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn belonging_together_is_transitive(pairs in prop::collection::vec((0_usize..20, 0_usize..20), 0..30)) {
            let mut sets = DisjointSets::new(20);
            pairs.iter().for_each(|(left, right)| sets.union(*left, *right));
            let mut reachable = [[false; 20]; 20];
            (0..20).for_each(|number| reachable[number][number] = true);
            for (left, right) in &pairs {
                reachable[*left][*right] = true;
                reachable[*right][*left] = true;
            }
            for (via, left, right) in (0..20).flat_map(|via| (0..400).map(move |pair| (via, pair / 20, pair % 20))) {
                reachable[left][right] |= reachable[left][via] && reachable[via][right];
            }
            for (left, row) in reachable.iter().enumerate() {
                for (right, together) in row.iter().enumerate() {
                    prop_assert_eq!(sets.find(left) == sets.find(right), *together);
                }
            }
            let all = sets.into_sets();
            prop_assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 20);
        }
    }
}
