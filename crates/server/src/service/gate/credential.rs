//! What a request carries.

use access::{SecretKind, SecretToken, is_jwt, parse_shared_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

/// The name of the cookie of a session.
pub(super) const SESSION_COOKIE: &str = "vedette_session";

/// The longest `Authorization` that is looked at: access tokens have about 500 bytes, Basic with the longest password 2 KiB.
const LONGEST: usize = 8192;

/// What a request carries to say who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// An API token, by whatever scheme.
    ApiToken(SecretToken),
    /// An access token of our token endpoints, or what looks like one.
    AccessToken(String),
    /// A name and a password.
    Password {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
    /// A client's id and secret.
    Client {
        /// The `client_id`.
        id: String,
        /// Its secret.
        secret: SecretToken,
    },
    /// A signature of the HTTP Data Collector API.
    SharedKey {
        /// The workspace that it names.
        workspace: String,
        /// The signature, in base 64.
        signature: String,
    },
    /// The cookie of a session.
    Session(SecretToken),
}

/// A credential that cannot be one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// Too long.
    #[error("the header `Authorization` has more than {LONGEST} bytes")]
    Long,
    /// Damaged, or another service's.
    #[error("the credentials are not of a form that this service gives out")]
    Foreign,
    /// Another scheme.
    #[error("the scheme of `Authorization` is none of Bearer, Basic, ApiKey, SharedKey")]
    Scheme,
}

/// The credential of a request: its `Authorization`, else its session.
pub(super) fn read_credential(headers: &HeaderMap) -> Result<Option<Credential>, Unreadable> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        if value.len() > LONGEST {
            return Err(Unreadable::Long);
        }
        return read_authorization(value.to_str().map_err(|_| Unreadable::Foreign)?).map(Some);
    }
    match session_cookie(headers) {
        None => Ok(None),
        Some(text) => SecretToken::parse(SecretKind::Session, text)
            .map(|secret| Some(Credential::Session(secret)))
            .map_err(|_| Unreadable::Foreign),
    }
}

fn read_authorization(value: &str) -> Result<Credential, Unreadable> {
    let (scheme, rest) = value.trim().split_once(' ').ok_or(Unreadable::Scheme)?;
    let rest = rest.trim();
    let api_token = |text: &str| {
        SecretToken::parse(SecretKind::ApiToken, text).map(Credential::ApiToken).map_err(|_| Unreadable::Foreign)
    };
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" if is_jwt(rest) => Ok(Credential::AccessToken(rest.to_owned())),
        "bearer" => api_token(rest),
        "basic" => read_basic(rest),
        "apikey" => match base64_text(rest).as_deref().and_then(|text| text.split_once(':')) {
            // Elasticsearch's keys are an id and a key together in base 64.
            Some((_, key)) => api_token(key),
            None => api_token(rest),
        },
        "sharedkey" => {
            let (workspace, signature) = parse_shared_key(rest).ok_or(Unreadable::Foreign)?;
            Ok(Credential::SharedKey { workspace: workspace.to_owned(), signature: signature.to_owned() })
        }
        _ => Err(Unreadable::Scheme),
    }
}

fn read_basic(text: &str) -> Result<Credential, Unreadable> {
    let text = base64_text(text).ok_or(Unreadable::Foreign)?;
    let (name, password) = text.split_once(':').ok_or(Unreadable::Foreign)?;
    if let Ok(token) = SecretToken::parse(SecretKind::ApiToken, password) {
        return Ok(Credential::ApiToken(token));
    }
    if let Ok(secret) = SecretToken::parse(SecretKind::ClientSecret, password) {
        return Ok(Credential::Client { id: name.to_owned(), secret });
    }
    Ok(Credential::Password { name: name.to_owned(), password: password.to_owned() })
}

fn base64_text(text: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(text).ok()?).ok()
}

/// The value of a session's cookie.
fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<Credential>, Unreadable> {
        read_credential(&HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]))
    }

    #[test]
    fn a_token_is_found_in_every_scheme() {
        let token = SecretToken::generate(SecretKind::ApiToken);
        let text = token.reveal();
        let basic = |pair: &str| BASE64.encode(pair);
        for value in [
            format!("Bearer {text}"),
            format!("bearer  {text} "),
            format!("ApiKey {text}"),
            format!("ApiKey {}", basic(&format!("id:{text}"))),
            format!("Basic {}", basic(&format!("anybody:{text}"))),
        ] {
            assert_eq!(read(&value), Ok(Some(Credential::ApiToken(token.clone()))), "{value}");
        }
    }

    #[test]
    fn other_credentials_are_told_apart() {
        let basic = |pair: &str| format!("Basic {}", BASE64.encode(pair));
        let password = Credential::Password { name: "alice".to_owned(), password: "pass:word".to_owned() };
        assert_eq!(read(&basic("alice:pass:word")), Ok(Some(password)));
        let secret = SecretToken::generate(SecretKind::ClientSecret);
        let client = Credential::Client { id: "fluent-bit".to_owned(), secret: secret.clone() };
        assert_eq!(read(&basic(&format!("fluent-bit:{}", secret.reveal()))), Ok(Some(client)));
        assert_eq!(read("Bearer a.b.c"), Ok(Some(Credential::AccessToken("a.b.c".to_owned()))));
        let session = SecretToken::generate(SecretKind::Session);
        let cookie = format!("theme=dark; {SESSION_COOKIE}={}; x", session.reveal());
        let headers = HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())]);
        assert_eq!(read_credential(&headers), Ok(Some(Credential::Session(session))));
        assert_eq!(read_credential(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn what_is_none_of_ours_is_refused_unread() {
        for value in ["Bearer", "Bearer x", "Digest x", "Basic ???", "Basic YQ==", "ApiKey YTpi", "SharedKey a:b", ""] {
            assert!(read(value).is_err(), "{value}");
        }
        assert_eq!(read(&format!("Bearer {}", "x".repeat(9000))), Err(Unreadable::Long));
    }
}
