//! What entries of a context are looked up by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A key, or what is wrong with the name and what to write.
type Key = Result<String, (String, &'static str)>;

const COMPUTER_HINT: &str = "write a computer's name, such as DC01 or dc01.contoso.com";
const ACCOUNT_HINT: &str = "write CONTOSO\\name for an account of the directory, name@contoso.com for one of the cloud";
const NETWORK_HINT: &str = "write an address or a range, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48";
const DOMAIN_HINT: &str = "write a domain's name, such as contoso.com";

/// The name without domain and without the `$` of its account.
pub(crate) fn computer_key(name: &str) -> Key {
    let label = name.trim().trim_end_matches('$').split('.').next().unwrap_or_default();
    if label.is_empty() || name.trim().parse::<IpAddr>().is_ok() || label.contains([' ', '\\', '/', '@', ',', '*']) {
        return Err((format!("`{name}` is no computer"), COMPUTER_HINT));
    }
    Ok(label.to_lowercase())
}

/// As [`computer_key`]; addresses are taken as they are.
pub(crate) fn server_key(name: &str) -> Key {
    match name.trim().parse::<IpAddr>() {
        Ok(address) => Ok(address.to_canonical().to_string()),
        Err(_) => computer_key(name),
    }
}

/// The name without `DOMAIN\`; all of `name@domain`.
pub(crate) fn account_key(name: &str) -> Key {
    let bare = name.trim().rsplit('\\').next().unwrap_or_default().to_lowercase();
    if bare.starts_with("s-1-5-") {
        return Err((format!("`{name}` is a SID, and rules look accounts up by name"), ACCOUNT_HINT));
    }
    if bare.is_empty() || bare.contains(['*', '/', ',']) {
        return Err((format!("`{name}` is no account"), ACCOUNT_HINT));
    }
    Ok(bare)
}

/// The name without `DOMAIN\`.
pub(crate) fn group_key(name: &str) -> Key {
    let bare = name.trim().rsplit('\\').next().unwrap_or_default().to_lowercase();
    if bare.is_empty() {
        return Err((format!("`{name}` is no group"), "write a group's name, such as CONTOSO\\Tier 0 Operators"));
    }
    Ok(bare)
}

/// The name of a mail domain.
pub(crate) fn domain_key(name: &str) -> Key {
    let domain = name.trim().trim_end_matches('.').to_lowercase();
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if !domain.contains('.') || !domain.split('.').all(is_label) {
        return Err((format!("`{name}` is no domain"), DOMAIN_HINT));
    }
    Ok(domain)
}

/// A network in its canonical form, `203.0.113.0/24`; an address is a network of its own.
pub(crate) fn network_key(name: &str) -> Key {
    let wrong = |why: String| Err((why, NETWORK_HINT));
    let (address, length) = match name.trim().split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (name.trim(), None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return wrong(format!("`{name}` is no address and no range of addresses"));
    };
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = match length.map(str::parse::<u32>) {
        None => bits,
        Some(Ok(length)) if length <= bits => length,
        Some(_) => return wrong(format!("`{name}` has no prefix length from 0 to {bits}")),
    };
    let network = masked(address, length);
    if network != address {
        return wrong(format!("`{name}` is an address within a range; the range is `{network}/{length}`"));
    }
    Ok(format!("{network}/{length}"))
}

fn masked(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_rules_compare() {
        for (found, wanted) in [
            (computer_key("DC01.Contoso.local"), "dc01"),
            (computer_key("DC01$"), "dc01"),
            (server_key("10.0.1.30"), "10.0.1.30"),
            (server_key("::ffff:10.0.1.30"), "10.0.1.30"),
            (account_key(r"CONTOSO\MSOL_1a2b"), "msol_1a2b"),
            (account_key("Mia@contoso.com"), "mia@contoso.com"),
            (group_key(r"CONTOSO\Tier 0 Operators"), "tier 0 operators"),
            (domain_key("Contoso.COM."), "contoso.com"),
            (network_key("203.0.113.7"), "203.0.113.7/32"),
            (network_key("203.0.113.0/24"), "203.0.113.0/24"),
            (network_key("0.0.0.0/0"), "0.0.0.0/0"),
            (network_key("2001:db8::/48"), "2001:db8::/48"),
        ] {
            assert_eq!(found.as_deref().ok(), Some(wanted), "{found:?}");
        }
    }

    #[test]
    fn what_cannot_be_one_is_refused_with_what_to_write() {
        for found in [
            computer_key(""),
            computer_key("10.0.0.1"),
            computer_key(r"CONTOSO\DC01"),
            account_key("S-1-5-21-1-2-3-500"),
            account_key("svc-*"),
            group_key(" "),
            domain_key("contoso"),
            domain_key("mia@contoso.com"),
            network_key("203.0.113.0/33"),
            network_key("203.0.113.7/24"),
            network_key("office"),
        ] {
            let (problem, hint) = found.expect_err("refused");
            assert!(problem.starts_with('`') && hint.starts_with("write "), "{problem} {hint}");
        }
        let (problem, _) = network_key("203.0.113.7/24").expect_err("refused");
        assert!(problem.contains("`203.0.113.0/24`"), "{problem}");
    }
}
