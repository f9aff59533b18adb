//! What can go wrong with an OpenID provider.

use std::error::Error;

/// A sign-in at an OpenID provider that failed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The configuration has a value that is no URL.
    #[error("the OpenID provider's {what} `{value}` is no URL")]
    Url {
        /// Which setting.
        what: &'static str,
        /// Its value.
        value: String,
    },
    /// The provider could not be asked, or what it says of itself is not to be used.
    #[error("the OpenID provider `{issuer}` cannot be discovered: {reason}")]
    Discovery {
        /// Its issuer URL.
        issuer: String,
        /// Why not.
        reason: String,
    },
    /// The provider did not take the code.
    #[error("the OpenID provider refused the authorization code: {0}")]
    Exchange(String),
    /// The provider gave no ID token, or one that is not to be believed.
    #[error("the OpenID provider's ID token is not to be believed: {0}")]
    Token(String),
}

/// A request to a provider that got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OidcHttpError(pub String);

/// An error with its causes in one line.
pub(super) fn in_one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    // What a provider sends goes into logs.
    text.chars().filter(|character| !character.is_control()).take(500).collect()
}
