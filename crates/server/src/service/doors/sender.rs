//! Who sent something.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::service::connection::Connection;
use crate::service::guard::Caller;
use crate::service::refusal::Refusal;

/// A sender: an identity, an address, or an identity that sends from an address. Many machines may share a token, and many identities a relay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sender {
    /// The name of a token, client or user, or a folder; empty where nobody says who it is.
    pub(crate) identity: String,
    /// Where it sends from.
    pub(crate) address: Option<IpAddr>,
}

impl Sender {
    /// One that is known by its address alone.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self { identity: String::new(), address: Some(address.to_canonical()) }
    }

    /// One that is known by its name alone.
    pub(crate) fn named(identity: impl Into<String>) -> Self {
        Self { identity: identity.into(), address: None }
    }

    /// Those beyond the number of senders that are told apart.
    pub(crate) fn others() -> Self {
        Self::named("(others)")
    }
}

impl Display for Sender {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.identity.as_str(), self.address) {
            ("", Some(address)) => write!(f, "{address}"),
            (identity, Some(address)) => write!(f, "{identity} at {address}"),
            (identity, None) => f.write_str(identity),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Sender {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Caller(caller) = Caller::from_request_parts(parts, state).await?;
        let connection = parts.extensions.get::<Connection>();
        let address = connection.map(|connection| connection.peer.ip().to_canonical());
        Ok(Self { identity: caller.name, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_shown_by_what_is_known_of_it() {
        let address: IpAddr = "::ffff:192.0.2.7".parse().unwrap();
        assert_eq!(Sender::at(address).to_string(), "192.0.2.7");
        assert_eq!(Sender::named("forwarder").to_string(), "forwarder");
        let both = Sender { identity: "forwarder".to_owned(), ..Sender::at(address) };
        assert_eq!(both.to_string(), "forwarder at 192.0.2.7");
    }
}
