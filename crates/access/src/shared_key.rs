//! Signatures of the HTTP Data Collector API.
//!
//! <https://learn.microsoft.com/previous-versions/azure/azure-monitor/logs/data-collector-api#authorization>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a `SharedKey` signature covers.
#[derive(Debug, Clone, Copy)]
pub struct SharedKeyRequest<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The body's length as sent, in bytes.
    pub content_length: u64,
    /// The header as sent.
    pub content_type: &'a str,
    /// The header `x-ms-date` as sent.
    pub date: &'a str,
    /// The path.
    pub path: &'a str,
}

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharedKeyError {
    /// The date is no date of HTTP.
    #[error("the header `x-ms-date` is not a date such as `Mon, 04 Apr 2016 08:00:00 GMT`")]
    Date,
    /// The date is too far from now: the request may be an old one sent again.
    #[error("the header `x-ms-date` is more than 15 minutes away from this service's clock")]
    Window,
    /// The signature is another one.
    #[error("the signature does not belong to this request and key")]
    Signature,
}

/// How far a request's date may be from now.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Length of a signature in base 64: 32 bytes.
const SIGNATURE_LENGTH: usize = 44;

/// A new key as such keys look: 64 bytes in base 64.
pub fn new_shared_key() -> String {
    BASE64.encode(crate::random_bytes::<64>())
}

/// The two parts of the value of `Authorization: SharedKey WORKSPACE:SIGNATURE`.
pub fn parse_shared_key(value: &str) -> Option<(&str, &str)> {
    let (workspace, signature) = value.trim().rsplit_once(':')?;
    (!workspace.is_empty() && signature.len() == SIGNATURE_LENGTH).then_some((workspace, signature))
}

/// The signature of a request.
pub fn sign_shared_key(request: &SharedKeyRequest<'_>, key: &str) -> Option<String> {
    Some(BASE64.encode(mac(request, key)?.finalize().into_bytes()))
}

/// Proves a signature by one of the keys.
///
/// # Errors
/// Why it is not taken. All keys are tried whatever the first says.
pub fn verify_shared_key(
    request: &SharedKeyRequest<'_>,
    signature: &str,
    keys: &[String],
    now: DateTime<Utc>,
) -> Result<(), SharedKeyError> {
    let date = DateTime::parse_from_rfc2822(request.date).map_err(|_| SharedKeyError::Date)?;
    if (date.to_utc() - now).abs() > WINDOW {
        return Err(SharedKeyError::Window);
    }
    let signature = BASE64.decode(signature).map_err(|_| SharedKeyError::Signature)?;
    let proven = keys
        .iter()
        .filter_map(|key| mac(request, key))
        .fold(false, |proven, mac| mac.verify_slice(&signature).is_ok() | proven);
    if proven { Ok(()) } else { Err(SharedKeyError::Signature) }
}

fn mac(request: &SharedKeyRequest<'_>, key: &str) -> Option<Hmac<Sha256>> {
    let SharedKeyRequest { method, content_length, content_type, date, path } = request;
    let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64.decode(key).ok()?).ok()?;
    mac.update(format!("{method}\n{content_length}\n{content_type}\nx-ms-date:{date}\n{path}").as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: SharedKeyRequest<'static> = SharedKeyRequest {
        method: "POST",
        content_length: 1024,
        content_type: "application/json",
        date: "Mon, 04 Apr 2016 08:00:00 GMT",
        path: "/api/logs",
    };

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("a time")
    }

    /// `openssl dgst -sha256 -hmac KEY` over the text of the vendor's example.
    #[test]
    fn a_signature_is_the_one_that_senders_make() {
        let key = BASE64.encode(b"0123456789abcdef");
        assert_eq!(sign_shared_key(&REQUEST, &key).as_deref(), Some(EXPECTED));
        let keys = [new_shared_key(), key];
        assert_eq!(verify_shared_key(&REQUEST, EXPECTED, &keys, at("2016-04-04T08:10:00Z")), Ok(()));
        assert_eq!(parse_shared_key(&format!(" 41aa-bb:{EXPECTED}")), Some(("41aa-bb", EXPECTED)));
        assert_eq!(parse_shared_key("workspace:short"), None);
    }

    const EXPECTED: &str = "jbJEX4oJMkeFbirowLku5TD8ag8ipI6AjC1uZQiyvAU=";

    #[test]
    fn what_the_signature_covers_cannot_be_changed() {
        let now = at("2016-04-04T08:00:00Z");
        let keys = [BASE64.encode(b"0123456789abcdef")];
        for changed in [
            SharedKeyRequest { method: "PUT", ..REQUEST },
            SharedKeyRequest { content_length: 1025, ..REQUEST },
            SharedKeyRequest { content_type: "text/plain", ..REQUEST },
            SharedKeyRequest { date: "Mon, 04 Apr 2016 08:00:01 GMT", ..REQUEST },
            SharedKeyRequest { path: "/api/log", ..REQUEST },
        ] {
            assert_eq!(
                verify_shared_key(&changed, EXPECTED, &keys, now),
                Err(SharedKeyError::Signature),
                "{changed:?}"
            );
        }
        for key in ["", "no base 64!", &new_shared_key()] {
            assert_eq!(
                verify_shared_key(&REQUEST, EXPECTED, &[key.to_owned()], now),
                Err(SharedKeyError::Signature),
                "{key}"
            );
        }
        assert_eq!(verify_shared_key(&REQUEST, EXPECTED, &[], now), Err(SharedKeyError::Signature));
    }

    #[test]
    fn an_old_request_is_not_taken_again() {
        let keys = [BASE64.encode(b"0123456789abcdef")];
        for (now, expected) in [
            ("2016-04-04T08:15:00Z", Ok(())),
            ("2016-04-04T08:15:01Z", Err(SharedKeyError::Window)),
            ("2016-04-04T07:44:59Z", Err(SharedKeyError::Window)),
        ] {
            assert_eq!(verify_shared_key(&REQUEST, EXPECTED, &keys, at(now)), expected, "{now}");
        }
        let undated = SharedKeyRequest { date: "2016-04-04", ..REQUEST };
        assert_eq!(verify_shared_key(&undated, EXPECTED, &keys, at("2016-04-04T08:00:00Z")), Err(SharedKeyError::Date));
    }
}
