//! Shared access signatures, under which the clients of queued ingestion put blobs and messages here.
//!
//! The parameters have Azure Storage's names, since its clients pass them on as they are; what is signed is our own, since only this service reads it.
//!
//! <https://learn.microsoft.com/rest/api/storageservices/create-service-sas>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a signature allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SasGrant {
    /// The container or queue: the first segment of the path.
    pub resource: String,
    /// Who asked for it, as `kind:id`. What it may is looked up when the signature is used.
    pub holder: String,
    /// Until when it counts, in whole seconds.
    pub expires: DateTime<Utc>,
}

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SasError {
    /// A parameter is missing or damaged.
    #[error("the shared access signature lacks `{0}`")]
    Missing(&'static str),
    /// It belongs to something else.
    #[error("the shared access signature does not belong to this container")]
    Signature,
    /// Its time is over.
    #[error("the shared access signature has expired\nask for the ingestion resources again")]
    Expired,
}

/// The version of Azure Storage whose parameters these are; clients want to see one.
const VERSION: &str = "2024-11-04";

/// Longer queries are refused unread.
const LONGEST: usize = 2048;

/// The query that allows this, without `?`.
pub fn sign_sas(grant: &SasGrant, key: &[u8; 32]) -> String {
    let expires = grant.expires.to_rfc3339_opts(SecondsFormat::Secs, true);
    let signature = BASE64URL.encode(mac(&grant.resource, &grant.holder, &expires, key).finalize().into_bytes());
    // Unpadded base 64 and the time need no escapes but for the colons.
    let holder = BASE64URL.encode(&grant.holder);
    format!("sv={VERSION}&sr=c&sp=racw&se={}&skoid={holder}&sig={signature}", expires.replace(':', "%3A"))
}

/// Whether a query carries a signature at all.
pub fn has_sas(query: &str) -> bool {
    parameter(query, "sig").is_some()
}

/// Proves the signature in a query.
///
/// # Errors
/// Why it is not taken.
pub fn verify_sas(resource: &str, query: &str, key: &[u8; 32], now: DateTime<Utc>) -> Result<SasGrant, SasError> {
    if query.len() > LONGEST {
        return Err(SasError::Missing("sig"));
    }
    let named = |name: &'static str| parameter(query, name).ok_or(SasError::Missing(name));
    let expires = named("se")?.replace("%3A", ":").replace("%3a", ":");
    let decode = |name: &'static str, text: &str| BASE64URL.decode(text).map_err(|_| SasError::Missing(name));
    let holder = String::from_utf8(decode("skoid", named("skoid")?)?).map_err(|_| SasError::Missing("skoid"))?;
    let signature = decode("sig", named("sig")?)?;
    mac(resource, &holder, &expires, key).verify_slice(&signature).map_err(|_| SasError::Signature)?;
    let expires = DateTime::parse_from_rfc3339(&expires).map_err(|_| SasError::Missing("se"))?.to_utc();
    if now >= expires {
        return Err(SasError::Expired);
    }
    Ok(SasGrant { resource: resource.to_owned(), holder, expires })
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

fn mac(resource: &str, holder: &str, expires: &str, key: &[u8; 32]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    // Lengths before the parts: no two grants make the same text. The first word keeps these apart from other uses of a key.
    for part in ["sas", resource, holder, expires] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn grant() -> SasGrant {
        SasGrant { resource: "temp".to_owned(), holder: "client:fluent-bit&sig=x".to_owned(), expires: at(60) }
    }

    #[test]
    fn a_signature_counts_for_its_container_and_time() {
        let query = sign_sas(&grant(), &[1; 32]);
        let with_more = format!("comp=block&blockid=AAAA&{query}&timeout=30");
        for query in [&query, &with_more, &query.replace("%3A", ":")] {
            assert!(has_sas(query));
            assert_eq!(verify_sas("temp", query, &[1; 32], at(59)), Ok(grant()), "{query}");
            assert_eq!(verify_sas("temp", query, &[1; 32], at(60)), Err(SasError::Expired));
            assert_eq!(verify_sas("other", query, &[1; 32], at(0)), Err(SasError::Signature));
            assert_eq!(verify_sas("temp", query, &[2; 32], at(0)), Err(SasError::Signature));
        }
    }

    #[test]
    fn a_signature_that_was_changed_anywhere_is_refused() {
        let query = sign_sas(&grant(), &[1; 32]);
        let signed = query.find("se=").expect("there");
        for place in signed..query.len() {
            let other = if &query[place..=place] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &query[..place], &query[place + 1..]);
            assert!(verify_sas("temp", &changed, &[1; 32], at(0)).is_err(), "{changed}");
        }
        assert_eq!(verify_sas("temp", "", &[1; 32], at(0)), Err(SasError::Missing("se")));
        assert!(!has_sas("sigma=1&asig=2"));
    }
}
