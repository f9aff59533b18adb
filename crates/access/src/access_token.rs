//! Access tokens that our token endpoints issue: JSON Web Tokens with HMAC-SHA256 under a key that only this service has.
//!
//! They are tokens of this service for itself, so a shared key suffices. They have the form of a JWT since some clients look at `exp` in it; what counts is the
//! signature and that the principal is still there, which the caller looks up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long an access token lasts, as Microsoft's do by default: between 60 and 90 minutes.
///
/// <https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime>
pub const ACCESS_TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(60);

/// Longer ones are refused unread. Ours have about 500 bytes; audiences are cut to keep it so.
const LONGEST: usize = 4096;

/// What a caller may ask to have in its token, in characters; the rest is cut.
const LONGEST_AUDIENCE: usize = 256;

/// How far the clock may go back, when the machine sets it, before a fresh token is refused.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What an access token says, under the names of Microsoft's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Which service it is for, as the client asked. Ours are for this service whatever it says.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when it counts.
    pub nbf: i64,
    /// Until when it counts.
    pub exp: i64,
    /// The client that asked.
    pub appid: String,
    /// Which kind of caller it is: `client` or `token`.
    pub idtyp: String,
    /// The caller's id.
    pub sub: String,
    /// The tenant that was asked for.
    pub tid: String,
}

/// Why an access token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// It has not the form of one.
    #[error("this is no access token of this service")]
    Malformed,
    /// Somebody else signed it, or it was changed.
    #[error("the access token was not issued by this service")]
    Signature,
    /// Its time is over, or has not begun.
    #[error("the access token has expired\nask the token endpoint for another")]
    Expired,
}

/// The head of all our tokens. No other algorithm is ever looked at.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Claims for a caller, issued now.
pub fn access_token_claims(
    idtyp: &str,
    sub: &str,
    issuer: &str,
    tenant: &str,
    audience: &str,
    now: DateTime<Utc>,
) -> AccessTokenClaims {
    let issued = now.timestamp();
    let cut = |text: &str| text.chars().take(LONGEST_AUDIENCE).collect::<String>();
    AccessTokenClaims {
        aud: cut(audience),
        iss: cut(issuer),
        iat: issued,
        nbf: issued,
        exp: issued + ACCESS_TOKEN_LIFETIME.num_seconds(),
        appid: sub.to_owned(),
        idtyp: idtyp.to_owned(),
        sub: sub.to_owned(),
        tid: cut(tenant),
    }
}

/// Signs claims.
pub fn sign_access_token(claims: &AccessTokenClaims, key: &[u8; 32]) -> String {
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!("{}.{}", BASE64URL.encode(HEADER), BASE64URL.encode(claims));
    let signature = BASE64URL.encode(mac(&signed, key).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// Whether a text looks like a JSON Web Token, of whoever.
pub fn is_jwt(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// Proves an access token.
///
/// # Errors
/// Why it is not taken.
pub fn verify_access_token(
    token: &str,
    key: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<AccessTokenClaims, AccessTokenError> {
    if token.len() > LONGEST || !is_jwt(token) {
        return Err(AccessTokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(AccessTokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(AccessTokenError::Malformed)?;
    let signature = BASE64URL.decode(signature).map_err(|_| AccessTokenError::Malformed)?;
    mac(signed, key).verify_slice(&signature).map_err(|_| AccessTokenError::Signature)?;
    if header != BASE64URL.encode(HEADER) {
        return Err(AccessTokenError::Malformed);
    }
    let claims = BASE64URL.decode(claims).map_err(|_| AccessTokenError::Malformed)?;
    let claims: AccessTokenClaims = serde_json::from_slice(&claims).map_err(|_| AccessTokenError::Malformed)?;
    let now = now.timestamp();
    if now >= claims.exp || now + CLOCK_SKEW.num_seconds() < claims.nbf {
        return Err(AccessTokenError::Expired);
    }
    Ok(claims)
}

fn mac(text: &str, key: &[u8; 32]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn claims() -> AccessTokenClaims {
        access_token_claims(
            "client",
            "fluent-bit",
            "https://vedette.example/adfs",
            "adfs",
            "https://vedette.example",
            at(0),
        )
    }

    #[test]
    fn a_token_counts_for_an_hour() {
        let token = sign_access_token(&claims(), &[1; 32]);
        for (seconds, expected) in [
            (0, Ok(claims())),
            (3599, Ok(claims())),
            (3600, Err(AccessTokenError::Expired)),
            (-300, Ok(claims())),
            (-301, Err(AccessTokenError::Expired)),
        ] {
            assert_eq!(verify_access_token(&token, &[1; 32], at(seconds)), expected, "{seconds}");
        }
        assert_eq!(verify_access_token(&token, &[2; 32], at(0)), Err(AccessTokenError::Signature));
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_refused() {
        let token = sign_access_token(&claims(), &[1; 32]);
        // The last digit holds two bits that count for nothing, which the decoder wants to be zero.
        for place in 0..token.len() {
            let other = if &token[place..=place] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            assert!(verify_access_token(&changed, &[1; 32], at(0)).is_err(), "{place}");
        }
    }

    #[test]
    fn no_other_algorithm_is_looked_at() {
        let claims = BASE64URL.encode(serde_json::to_vec(&claims()).expect("JSON"));
        for header in
            [r#"{"alg":"none"}"#, r#"{"alg":"none","typ":"JWT"}"#, r#"{"alg":"HS256","typ":"JWT","kid":"../../key"}"#]
        {
            let signed = format!("{}.{claims}", BASE64URL.encode(header));
            let signature = BASE64URL.encode(mac(&signed, &[1; 32]).finalize().into_bytes());
            for token in [format!("{signed}."), format!("{signed}.{signature}")] {
                assert!(verify_access_token(&token, &[1; 32], at(0)).is_err(), "{header}");
            }
        }
        for token in ["", "..", "a.b", "a.b.c.d", &format!("{}.a.b", "x".repeat(5000))] {
            assert_eq!(
                verify_access_token(token, &[1; 32], at(0)).err(),
                Some(if token == ".." { AccessTokenError::Signature } else { AccessTokenError::Malformed })
            );
        }
    }

    #[test]
    fn a_long_audience_makes_no_long_token() {
        let claims = access_token_claims("client", "c", &"i".repeat(9999), &"t".repeat(9999), &"ä".repeat(9999), at(0));
        let token = sign_access_token(&claims, &[1; 32]);
        assert!(token.len() < LONGEST, "{}", token.len());
        verify_access_token(&token, &[1; 32], at(0)).expect("taken");
    }
}
