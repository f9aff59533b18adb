//! Whole numbers of groups in the order in which they come, in flat buffers.

/// Numbers with their groups. They are put together by group once, when they are wanted.
#[derive(Debug, Default)]
pub(super) struct ValueLog {
    groups: Vec<u32>,
    values: Vec<i64>,
}

/// The numbers of a log by groups.
#[derive(Debug)]
pub(super) struct ByGroup {
    starts: Vec<usize>,
    values: Vec<i64>,
}

impl ByGroup {
    /// The numbers of a group in the order in which they came, unless they were put in another.
    pub(super) fn values(&mut self, group: usize) -> &mut [i64] {
        &mut self.values[self.starts[group]..self.starts[group + 1]]
    }
}

impl ValueLog {
    /// Appends a number of a group.
    #[inline]
    pub(super) fn push(&mut self, group: usize, value: i64) {
        // More groups than this don't fit into memory.
        self.groups.push(u32::try_from(group).unwrap_or(u32::MAX));
        self.values.push(value);
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The numbers of the first `n` groups by group.
    pub(super) fn by_group(&self, n: usize) -> ByGroup {
        let mut starts = vec![0; n + 1];
        for group in &self.groups {
            if let Some(count) = starts.get_mut(*group as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut values = vec![0; sum];
        for (group, value) in self.groups.iter().zip(&self.values) {
            if (*group as usize) < n {
                let at = &mut next[*group as usize];
                values[*at] = *value;
                *at += 1;
            }
        }
        ByGroup { starts, values }
    }

    /// How many numbers each of the first `n` groups has.
    pub(super) fn counts(&self, n: usize) -> Vec<usize> {
        let mut counts = vec![0; n];
        for group in &self.groups {
            if let Some(count) = counts.get_mut(*group as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// Takes out, in order, the numbers of some groups.
    pub(super) fn remove(&mut self, is_taken: impl Fn(usize) -> bool, mut each: impl FnMut(usize, i64)) {
        let mut kept = 0;
        for at in 0..self.values.len() {
            let (group, value) = (self.groups[at], self.values[at]);
            if is_taken(group as usize) {
                each(group as usize, value);
            } else {
                (self.groups[kept], self.values[kept]) = (group, value);
                kept += 1;
            }
        }
        self.groups.truncate(kept);
        self.values.truncate(kept);
    }

    /// Drops the first `n` groups; the rest is renumbered from 0.
    pub(super) fn drop_first(&mut self, n: usize) {
        self.remove(|group| group < n, |_, _| {});
        if self.values.is_empty() {
            *self = ValueLog::default();
        }
        let first = u32::try_from(n).unwrap_or(u32::MAX);
        self.groups.iter_mut().for_each(|group| *group -= first);
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.groups.capacity() * size_of::<u32>() + self.values.capacity() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_within_groups() {
        let mut log = ValueLog::default();
        [(1, 5), (0, 7), (1, 4), (3, 9), (1, 6)].iter().for_each(|(group, value)| log.push(*group, *value));
        let mut all = log.by_group(4);
        assert_eq!(all.values(1), &[5, 4, 6]);
        assert_eq!((all.values(0).to_vec(), all.values(2).len(), all.values(3).to_vec()), (vec![7], 0, vec![9]));
        assert_eq!(log.counts(4), [1, 3, 0, 1]);
        let mut taken = Vec::new();
        log.remove(|group| group == 1, |group, value| taken.push((group, value)));
        assert_eq!(taken, [(1, 5), (1, 4), (1, 6)]);
        log.drop_first(1);
        assert_eq!(log.by_group(3).values(2), &[9]);
        log.drop_first(3);
        assert_eq!((log.len(), log.size()), (0, 0));
    }
}
