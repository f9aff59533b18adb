//! Things an alert names: accounts, hosts, addresses and the rest.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::EntityKind;

/// Longest identifier kept, in bytes; what is longer is cut at a character boundary.
const MAX_IDENTIFIER_BYTES: usize = 8 * 1024;

/// Account names that say nothing by themselves: an account known only by one of these is no entity (Sentinel's list).
const MEANINGLESS_ACCOUNT_NAMES: [&str; 11] = [
    "admin",
    "administrator",
    "system",
    "root",
    "anonymous",
    "authenticated user",
    "network",
    "null",
    "local system",
    "localsystem",
    "network service",
];

/// Accounts that every Windows machine has: they are the same name everywhere, never the same actor.
const BUILT_IN_ACCOUNTS: [&str; 8] = [
    "system",
    "local system",
    "localsystem",
    "local service",
    "network service",
    "anonymous logon",
    "anonymous",
    "iusr",
];

/// SIDs of the accounts above, plus Nobody and Everyone.
const BUILT_IN_SIDS: [&str; 6] = ["s-1-5-18", "s-1-5-19", "s-1-5-20", "s-1-5-7", "s-1-0-0", "s-1-1-0"];

/// Something an alert names: what kind it is and what identifies it (Sentinel's V3 identifiers).
///
/// Made by [`Entity::new`], which brings the identifiers to one form, so equal things compare equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Identifier name, such as `UPNSuffix`, to its value; never empty.
    pub identifiers: BTreeMap<String, String>,
}

impl Entity {
    /// Builds an entity from identifiers as found in a row. Absent values (empty, `-`) are dropped; a user principal name or
    /// `DOMAIN\name` given as `FullName` or `Name` is split; an address loses its port and `::ffff:`; a full host name is split into
    /// name and domain. `None` when nothing that identifies is left.
    pub fn new<I, N, V>(kind: EntityKind, identifiers: I) -> Option<Self>
    where
        I: IntoIterator<Item = (N, V)>,
        N: Into<String>,
        V: AsRef<str>,
    {
        let mut identifiers: BTreeMap<String, String> = identifiers
            .into_iter()
            .filter_map(|(name, value)| Some((name.into(), present(value.as_ref())?.to_owned())))
            .collect();
        match kind {
            EntityKind::Account => split_account(&mut identifiers),
            EntityKind::Host => split_host(&mut identifiers),
            EntityKind::Ip => normalize_address(&mut identifiers),
            _ => {}
        }
        let entity = Self { kind, identifiers };
        entity.identifies().then_some(entity)
    }

    /// An account by its user principal name, `DOMAIN\name` or plain name.
    pub fn account(full_name: &str) -> Option<Self> {
        Self::new(EntityKind::Account, [("FullName", full_name)])
    }

    /// A host by its full or short name.
    pub fn host(full_name: &str) -> Option<Self> {
        Self::new(EntityKind::Host, [("FullName", full_name)])
    }

    /// An address, with or without a port.
    pub fn ip(address: &str) -> Option<Self> {
        Self::new(EntityKind::Ip, [("Address", address)])
    }

    /// The value of an identifier.
    pub fn identifier(&self, name: &str) -> Option<&str> {
        self.identifiers.get(name).map(String::as_str)
    }

    /// The best identity of this entity, in lower case: equal keys mean the same thing. Weak identities (a bare account name) are
    /// marked with `~` and are good for comparing within one alert or rule only.
    pub fn key(&self) -> String {
        self.strong_keys().into_iter().next().unwrap_or_else(|| {
            let all: Vec<String> = self.identifiers.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}~{}", self.kind.stored_type(), all.join("|")).to_lowercase()
        })
    }

    /// Every identity that names this entity beyond doubt, best first, in lower case.
    pub fn strong_keys(&self) -> Vec<String> {
        let of = |name: &str| self.identifier(name);
        let pair = |left: &str, right: &str, between: &str| Some(format!("{}{between}{}", of(left)?, of(right)?));
        let found: Vec<Option<String>> = match self.kind {
            EntityKind::Account => vec![
                of("AadUserId").map(str::to_owned),
                of("Sid").filter(|sid| !is_built_in_sid(sid)).map(str::to_owned),
                of("ObjectGuid").map(str::to_owned),
                of("PUID").map(str::to_owned),
                pair("Name", "UPNSuffix", "@"),
                pair("NTDomain", "Name", "\\"),
                pair("Name", "DnsDomain", "@"),
            ],
            EntityKind::Host => {
                let names: Vec<Option<String>> = ["HostName", "NetBiosName"]
                    .into_iter()
                    .flat_map(|name| [pair(name, "DnsDomain", "."), pair("NTDomain", name, "\\")])
                    .collect();
                let named_with_domain = names.iter().any(Option::is_some);
                let short = of("HostName").or(of("NetBiosName")).filter(|_| !named_with_domain).map(str::to_owned);
                [of("AzureID").map(str::to_owned), of("OMSAgentID").map(str::to_owned)]
                    .into_iter()
                    .chain(names)
                    .chain([short])
                    .collect()
            }
            EntityKind::Ip => vec![of("Address").map(str::to_owned)],
            EntityKind::CloudApplication => vec![of("AppId").map(str::to_owned), of("Name").map(str::to_owned)],
            EntityKind::File | EntityKind::FileHash | EntityKind::RegistryKey | EntityKind::Malware => {
                let all: Vec<&str> = self.identifiers.values().map(String::as_str).collect();
                vec![(all.len() > 1).then(|| all.join("|"))]
            }
            EntityKind::Process
            | EntityKind::MailCluster
            | EntityKind::MailMessage
            | EntityKind::SubmissionMail
            | EntityKind::RegistryValue => vec![],
            _ => self.identifiers.values().take(1).cloned().map(Some).collect(),
        };
        found.into_iter().flatten().map(|key| format!("{}:{key}", self.kind.stored_type()).to_lowercase()).collect()
    }

    /// True for what is the same on every machine or means nobody: `SYSTEM`, `ANONYMOUS LOGON`, loopback and link-local
    /// addresses. Alerts that share such a thing have nothing in common.
    pub fn is_built_in(&self) -> bool {
        match self.kind {
            EntityKind::Account => self.is_built_in_account(),
            EntityKind::Ip => {
                self.identifier("Address").and_then(|address| address.parse().ok()).is_some_and(is_local_address)
            }
            EntityKind::Host => self
                .identifier("HostName")
                .or(self.identifier("NetBiosName"))
                .is_some_and(|name| name.eq_ignore_ascii_case("localhost")),
            _ => false,
        }
    }

    fn is_built_in_account(&self) -> bool {
        let name = self.identifier("Name").unwrap_or_default().to_lowercase();
        let per_session = ["dwm-", "umfd-"]
            .iter()
            .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u32>().is_ok()));
        per_session || BUILT_IN_ACCOUNTS.contains(&name.as_str()) || self.identifier("Sid").is_some_and(is_built_in_sid)
    }

    /// What a person would call it: `alice@contoso.com`, `CONTOSO\alice`, `dc1.contoso.com`, `203.0.113.7`.
    pub fn friendly_name(&self) -> String {
        let of = |name: &str| self.identifier(name);
        let named = match self.kind {
            EntityKind::Account => match (of("Name"), of("UPNSuffix"), of("NTDomain")) {
                (Some(name), Some(suffix), _) => Some(format!("{name}@{suffix}")),
                (Some(name), None, Some(domain)) => Some(format!("{domain}\\{name}")),
                (name, ..) => name.or(of("DisplayName")).map(str::to_owned),
            },
            EntityKind::Host => match (of("HostName").or(of("NetBiosName")), of("DnsDomain")) {
                (Some(name), Some(domain)) => Some(format!("{name}.{domain}")),
                (name, _) => name.map(str::to_owned),
            },
            EntityKind::CloudApplication => of("Name").map(str::to_owned),
            _ => None,
        };
        named.or_else(|| self.identifiers.values().next().cloned()).unwrap_or_default()
    }

    /// The entity as `SecurityAlert.Entities` holds it: `{"$id":"3","Name":"alice","UPNSuffix":"contoso.com","Type":"account"}`.
    pub fn to_sentinel_json(&self, id: usize) -> Value {
        let mut object = Map::new();
        object.insert("$id".to_owned(), Value::String(id.to_string()));
        for name in self.kind.identifiers() {
            if let Some(value) = self.identifier(name) {
                object.insert((*name).to_owned(), Value::String(value.to_owned()));
            }
        }
        object.insert("Type".to_owned(), Value::String(self.kind.stored_type().to_owned()));
        Value::Object(object)
    }

    /// Reads one element of `SecurityAlert.Entities`; `None` for references (`$ref`), unknown types and what identifies nothing.
    pub fn from_sentinel_json(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let kind = EntityKind::from_stored_type(object.get("Type")?.as_str()?)?;
        let identifiers = kind.identifiers().iter().filter_map(|name| Some((*name, scalar_text(object.get(*name)?)?)));
        Self::new(kind, identifiers)
    }

    fn identifies(&self) -> bool {
        if self.kind != EntityKind::Account {
            return !self.identifiers.is_empty();
        }
        match self.identifiers.iter().map(|(name, value)| (name.as_str(), value)).collect::<Vec<_>>().as_slice() {
            [] => false,
            [("Name", name)] => !MEANINGLESS_ACCOUNT_NAMES.contains(&name.to_lowercase().as_str()),
            _ => true,
        }
    }
}

/// A JSON scalar as text; `None` for null, arrays and objects.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn present(value: &str) -> Option<&str> {
    let value = value.trim();
    let cut = (0..=value.len().min(MAX_IDENTIFIER_BYTES)).rev().find(|&at| value.is_char_boundary(at)).unwrap_or(0);
    let value = &value[..cut];
    (!value.is_empty() && value != "-").then_some(value)
}

fn split_account(identifiers: &mut BTreeMap<String, String>) {
    let full = identifiers.remove("FullName");
    for text in full.into_iter().chain(identifiers.remove("Name")) {
        let (part, qualifier) = if let Some((domain, name)) = text.split_once('\\') {
            (name.to_owned(), Some(("NTDomain", domain.to_owned())))
        } else if let Some((name, suffix)) = text.rsplit_once('@') {
            (name.to_owned(), Some(("UPNSuffix", suffix.to_owned())))
        } else {
            (text, None)
        };
        for (name, value) in [("Name", part)].into_iter().chain(qualifier) {
            if let Some(value) = present(&value) {
                identifiers.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
}

fn split_host(identifiers: &mut BTreeMap<String, String>) {
    let full = identifiers.remove("FullName");
    for text in full.into_iter().chain(identifiers.remove("HostName")) {
        let text = text.trim_start_matches('\\');
        let (name, qualifier) = if text.parse::<IpAddr>().is_ok() {
            (text, None)
        } else if let Some((domain, name)) = text.split_once('\\') {
            (name, Some(("NTDomain", domain)))
        } else if let Some((name, domain)) = text.split_once('.') {
            (name, Some(("DnsDomain", domain.trim_end_matches('.'))))
        } else {
            (text, None)
        };
        for (name, value) in [("HostName", name)].into_iter().chain(qualifier) {
            if let Some(value) = present(value) {
                identifiers.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
}

fn normalize_address(identifiers: &mut BTreeMap<String, String>) {
    let Some(text) = identifiers.remove("Address") else { return };
    match parse_address(&text) {
        Some(address) => {
            identifiers.insert("Address".to_owned(), address.to_string());
        }
        // A scope without an address identifies nothing.
        None => identifiers.clear(),
    }
}

/// Reads `1.2.3.4`, `1.2.3.4:5678`, `[2603::9]:42402`, `::ffff:1.2.3.4`, `fe80::1%3`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address,
        None => text,
    };
    let bare = bare.split('%').next().unwrap_or(bare);
    let address = bare.parse::<IpAddr>().ok().or_else(|| {
        let (address, port) = bare.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        address.parse::<IpAddr>().ok()
    })?;
    Some(address.to_canonical())
}

fn is_built_in_sid(sid: &str) -> bool {
    BUILT_IN_SIDS.contains(&sid.to_lowercase().as_str())
}

fn is_local_address(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    address.is_loopback() || address.is_unspecified() || link_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(entity: Option<Entity>) -> String {
        entity.map(|entity| entity.key()).unwrap_or_default()
    }

    #[test]
    fn one_account_has_one_key_however_it_is_written() {
        for text in ["GradyA@Contoso.com", "gradya@contoso.com", " gradya@CONTOSO.COM "] {
            assert_eq!(key(Entity::account(text)), "account:gradya@contoso.com");
        }
        let parts = Entity::new(EntityKind::Account, [("Name", "gradya"), ("UPNSuffix", "contoso.com")]);
        assert_eq!(key(parts), "account:gradya@contoso.com");
        let whole_as_name =
            Entity::new(EntityKind::Account, [("Name", "gradya@contoso.com"), ("UPNSuffix", "contoso.com")]);
        assert_eq!(key(whole_as_name), "account:gradya@contoso.com");
        assert_eq!(key(Entity::account("THESHIRE\\pgustavo")), "account:theshire\\pgustavo");
    }

    #[test]
    fn an_object_id_wins_over_names_but_names_still_match() {
        let entity =
            Entity::new(EntityKind::Account, [("FullName", "a@b.c"), ("AadUserId", "11-22")]).expect("identified");
        assert_eq!(entity.strong_keys(), ["account:11-22", "account:a@b.c"]);
    }

    #[test]
    fn accounts_that_say_nothing_are_no_entities() {
        for text in ["", "-", "Administrator", "SYSTEM", "root"] {
            assert_eq!(Entity::account(text), None, "{text}");
        }
        assert!(Entity::account("CONTOSO\\Administrator").is_some());
        assert_eq!(key(Entity::account("bob")), "account~name=bob");
        assert!(Entity::account("bob").expect("named").strong_keys().is_empty());
    }

    #[test]
    fn addresses_are_brought_to_one_form() {
        for (text, wanted) in [
            ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4:5678", "1.2.3.4"),
            ("::ffff:172.18.39.5", "172.18.39.5"),
            ("[2603:10A6::9]:42402", "2603:10a6::9"),
            ("2A09:bac5:114:105::1a:9b", "2a09:bac5:114:105::1a:9b"),
            ("fe80::9582:39e0:356b:ef4e%12", "fe80::9582:39e0:356b:ef4e"),
        ] {
            assert_eq!(Entity::ip(text).expect(text).identifier("Address"), Some(wanted));
        }
        for text in ["", "-", "LOCAL", "NOT-FOUND", "999.1.1.1", "1.2.3.4:port"] {
            assert_eq!(Entity::ip(text), None, "{text}");
        }
    }

    #[test]
    fn hosts_are_name_and_domain() {
        let host = Entity::host("WORKSTATION6.theshire.local").expect("named");
        assert_eq!(
            (host.identifier("HostName"), host.identifier("DnsDomain")),
            (Some("WORKSTATION6"), Some("theshire.local"))
        );
        assert_eq!(host.key(), "host:workstation6.theshire.local");
        assert_eq!(key(Entity::host("WS6")), "host:ws6");
        assert_eq!(key(Entity::host("CORP\\WS6")), "host:corp\\ws6");
        assert_eq!(key(Entity::host("10.0.0.1")), "host:10.0.0.1");
    }

    #[test]
    fn what_every_machine_has_is_built_in() {
        for built_in in [
            Entity::account("NT AUTHORITY\\SYSTEM"),
            Entity::account("NT AUTHORITY\\ANONYMOUS LOGON"),
            Entity::account("Window Manager\\DWM-2"),
            Entity::new(EntityKind::Account, [("Sid", "S-1-5-19")]),
            Entity::ip("127.0.0.1"),
            Entity::ip("::1"),
            Entity::ip("::ffff:127.0.0.1"),
            Entity::ip("fe80::1"),
            Entity::ip("0.0.0.0"),
        ] {
            assert!(built_in.as_ref().is_some_and(Entity::is_built_in), "{built_in:?}");
        }
        assert!(!Entity::account("CONTOSO\\alice").expect("named").is_built_in());
        assert!(!Entity::ip("10.0.0.1").expect("address").is_built_in());
    }

    #[test]
    fn the_stored_form_is_the_products_and_reads_back() {
        let entity = Entity::account("alice@contoso.com").expect("named");
        let json = entity.to_sentinel_json(3);
        assert_eq!(json.to_string(), r#"{"$id":"3","Name":"alice","UPNSuffix":"contoso.com","Type":"account"}"#);
        assert_eq!(Entity::from_sentinel_json(&json), Some(entity));
        assert_eq!(Entity::from_sentinel_json(&serde_json::json!({"$ref": "1"})), None);
    }

    #[test]
    fn a_huge_identifier_is_cut() {
        let entity = Entity::new(EntityKind::Url, [("Url", "é".repeat(MAX_IDENTIFIER_BYTES))]).expect("present");
        assert_eq!(entity.identifier("Url").map(str::len), Some(MAX_IDENTIFIER_BYTES));
    }
}
