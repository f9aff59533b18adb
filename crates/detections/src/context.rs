//! What is known of an estate beside its logs: which computers are domain controllers, which accounts synchronize, …

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::context_key::{account_key, computer_key, domain_key, group_key, network_key, server_key};

/// A list of the context. Rules read it as the watchlist of its alias, by `SearchKey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ContextList {
    /// Computers that are domain controllers.
    DomainControllers,
    /// Computers, or addresses, that Entra Connect and its like run on.
    SyncServers,
    /// Accounts that synchronize directories.
    SyncAccounts,
    /// Networks that many people leave from: offices, VPNs, proxies.
    Egress,
    /// Emergency accounts, which nobody uses on ordinary days.
    BreakGlassAccounts,
    /// Accounts that programs run under.
    ServiceAccounts,
    /// Accounts that exist to be touched by intruders only.
    HoneytokenAccounts,
    /// Groups whose members hold power, beside those that Windows and Exchange come with.
    SensitiveGroups,
    /// The estate's own mail and sign-in domains.
    OwnDomains,
}

impl ContextList {
    /// All lists, in the order they are shown.
    pub const ALL: [Self; 9] = [
        Self::DomainControllers,
        Self::SyncServers,
        Self::SyncAccounts,
        Self::Egress,
        Self::BreakGlassAccounts,
        Self::ServiceAccounts,
        Self::HoneytokenAccounts,
        Self::SensitiveGroups,
        Self::OwnDomains,
    ];

    /// The alias of its watchlist: `_GetWatchlist('DomainControllers')`.
    pub fn alias(self) -> &'static str {
        match self {
            Self::DomainControllers => "DomainControllers",
            Self::SyncServers => "SyncServers",
            Self::SyncAccounts => "SyncAccounts",
            Self::Egress => "Egress",
            Self::BreakGlassAccounts => "BreakGlassAccounts",
            Self::ServiceAccounts => "ServiceAccounts",
            Self::HoneytokenAccounts => "HoneytokenAccounts",
            Self::SensitiveGroups => "SensitiveGroups",
            Self::OwnDomains => "OwnDomains",
        }
    }

    /// Its field in a context file: the alias with a small first letter.
    pub fn field(self) -> String {
        let (first, rest) = self.alias().split_at(1);
        first.to_lowercase() + rest
    }

    /// What a name is looked up by, in the form that rules compare: see [`crate::Context`]. The error says what is wrong with the
    /// name, and then what to write.
    pub fn key(self, name: &str) -> Result<String, (String, &'static str)> {
        match self {
            Self::DomainControllers => computer_key(name),
            Self::SyncServers => server_key(name),
            Self::Egress => network_key(name),
            Self::SensitiveGroups => group_key(name),
            Self::OwnDomains => domain_key(name),
            Self::SyncAccounts | Self::BreakGlassAccounts | Self::ServiceAccounts | Self::HoneytokenAccounts => {
                account_key(name)
            }
        }
    }
}

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// Somebody wrote it down.
    Given,
    /// The logs show it.
    Inferred,
}

impl Origin {
    /// `given` or `inferred`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Inferred => "inferred",
        }
    }
}

/// One computer, account, network, group or domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextEntry {
    /// As it was written, or as the logs write it.
    pub name: String,
    /// What rules find it by.
    pub key: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The note beside it, or what in the logs shows it.
    pub evidence: String,
}

/// The entries of each list.
///
/// Keys are lower-case. A computer's is its name without domain (`dc01`), an account's is its name without `DOMAIN\`, or all of
/// `name@domain`; a group's is its name without `DOMAIN\`; a network's is its canonical form with the length of its prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Context {
    lists: BTreeMap<ContextList, Vec<ContextEntry>>,
}

impl Context {
    /// The entries of a list, in the order they were added.
    pub fn entries(&self, list: ContextList) -> &[ContextEntry] {
        self.lists.get(&list).map_or(&[], Vec::as_slice)
    }

    /// Adds an entry, unless the list has one of its key.
    pub fn add(&mut self, list: ContextList, entry: ContextEntry) {
        let entries = self.lists.entry(list).or_default();
        if !entries.iter().any(|known| known.key == entry.key) {
            entries.push(entry);
        }
    }

    /// Adds what the logs show; a name that cannot be one of that list is passed over.
    pub fn infer(&mut self, list: ContextList, name: &str, evidence: &str) {
        if let Ok(key) = list.key(name) {
            let (name, evidence) = (name.to_owned(), evidence.to_owned());
            self.add(list, ContextEntry { name, key, origin: Origin::Inferred, evidence });
        }
    }

    /// The entries that somebody wrote down.
    #[must_use]
    pub fn given(&self) -> Self {
        let given = |entries: &Vec<ContextEntry>| {
            entries.iter().filter(|entry| entry.origin == Origin::Given).cloned().collect::<Vec<_>>()
        };
        let lists = self.lists.iter().map(|(list, entries)| (*list, given(entries)));
        Self { lists: lists.filter(|(_, entries)| !entries.is_empty()).collect() }
    }

    /// Whether there is no entry at all.
    pub fn is_empty(&self) -> bool {
        self.lists.values().all(Vec::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_stays_when_the_logs_show_it_too() {
        let mut context = Context::default();
        let entry = |name: &str, key: &str| ContextEntry {
            name: name.to_owned(),
            key: key.to_owned(),
            origin: Origin::Given,
            evidence: String::new(),
        };
        context.add(ContextList::DomainControllers, entry("DC01", "dc01"));
        context.infer(ContextList::DomainControllers, "DC01.contoso.local", "tickets");
        context.infer(ContextList::DomainControllers, "DC02.contoso.local", "tickets");
        context.infer(ContextList::Egress, "no address", "");
        let names: Vec<&str> =
            context.entries(ContextList::DomainControllers).iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["DC01", "DC02.contoso.local"]);
        assert!(context.entries(ContextList::Egress).is_empty());
        assert_eq!(context.given().entries(ContextList::DomainControllers).len(), 1);
    }

    #[test]
    fn fields_are_named_as_the_aliases() {
        assert_eq!(ContextList::DomainControllers.field(), "domainControllers");
        for list in ContextList::ALL {
            assert!(list.field().eq_ignore_ascii_case(list.alias()));
        }
    }

    #[test]
    fn a_context_survives_being_written() {
        let mut context = Context::default();
        context.infer(ContextList::OwnDomains, "contoso.com", "2 accounts");
        let text = serde_json::to_string(&context).expect("JSON");
        assert!(text.contains(r#"{"ownDomains":[{"name":"contoso.com""#), "{text}");
        assert_eq!(serde_json::from_str::<Context>(&text).expect("read"), context);
    }
}
