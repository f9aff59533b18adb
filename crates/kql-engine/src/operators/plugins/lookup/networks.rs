//! Networks in an order in which the ones that hold an address are found with one binary search.

use kql_functions::Network;

/// No network.
const NONE: u32 = u32::MAX;

/// A network: its first and last address, and the row that it comes from.
#[derive(Debug)]
struct Entry {
    first: u128,
    last: u128,
    row: u32,
    /// The smallest network around it.
    parent: u32,
}

/// Networks either hold one another or are apart, so each knows the one around it.
#[derive(Debug, Default)]
pub(super) struct Networks {
    /// By first address, the widest first.
    entries: Vec<Entry>,
}

impl Networks {
    /// The networks of some rows.
    pub(super) fn new(networks: impl Iterator<Item = (u32, Network)>) -> Self {
        let mut entries: Vec<Entry> = networks
            .map(|(row, network)| {
                let (first, last) = network.range();
                Entry { first, last, row, parent: NONE }
            })
            .collect();
        entries.sort_by(|a, b| (a.first, b.last, a.row).cmp(&(b.first, a.last, b.row)));
        let mut around: Vec<usize> = Vec::new();
        for at in 0..entries.len() {
            while around.last().is_some_and(|outer| entries[*outer].last < entries[at].first) {
                around.pop();
            }
            entries[at].parent = around.last().and_then(|outer| u32::try_from(*outer).ok()).unwrap_or(NONE);
            around.push(at);
        }
        Self { entries }
    }

    /// The rows whose network holds the address or is held by it, in the order of the rows.
    pub(super) fn matches(&self, address: &Network, found: &mut Vec<u32>) {
        found.clear();
        let (first, last) = address.range();
        let behind = self.entries.partition_point(|entry| entry.first <= first);
        let mut at = u32::try_from(behind).unwrap_or(NONE).wrapping_sub(1);
        while let Some(entry) = self.entries.get(at as usize) {
            if entry.last >= last {
                found.push(entry.row);
            } else if entry.first == first {
                // Narrower than the address, which is a network itself: found below.
                found.push(entry.row);
            }
            at = entry.parent;
        }
        found.extend(self.entries[behind..].iter().take_while(|entry| entry.first <= last).map(|entry| entry.row));
        found.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(networks: &[&str], address: &str) -> Vec<u32> {
        let parsed = (0_u32..).zip(networks).filter_map(|(row, text)| Some((row, Network::parse_v4(text)?)));
        let mut rows = Vec::new();
        Networks::new(parsed).matches(&Network::parse_v4(address).unwrap(), &mut rows);
        rows
    }

    #[test]
    fn every_network_around_an_address_is_found() {
        let networks = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "11.0.0.0/8", "x", "10.1.0.0/16"];
        assert_eq!(found(&networks, "10.1.2.3"), [0, 1, 2, 3, 6]);
        assert_eq!(found(&networks, "10.1.3.3"), [0, 1, 6]);
        assert_eq!(found(&networks, "10.200.0.1"), [0]);
        assert_eq!(found(&networks, "12.0.0.1"), [0; 0]);
        assert_eq!(found(&networks, "0.0.0.0"), [0; 0]);
    }

    #[test]
    fn a_network_finds_those_inside_of_it() {
        let networks = ["10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16", "10.0.0.0/8"];
        assert_eq!(found(&networks, "10.1.0.0/15"), [0, 1, 3]);
        assert_eq!(found(&networks, "10.2.0.0/15"), [2, 3]);
        assert_eq!(found(&networks, "0.0.0.0/0"), [0, 1, 2, 3]);
        assert_eq!(found(&["0.0.0.0/0"], "255.255.255.255"), [0]);
    }

    #[test]
    fn host_bits_of_a_network_do_not_matter() {
        assert_eq!(found(&["10.1.2.3/16"], "10.1.200.200"), [0]);
    }
}
