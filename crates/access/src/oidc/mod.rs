//! Signing in at an OpenID provider, of whoever: discovery, authorization code with PKCE, state and nonce, keys that rotate.
//!
//! HTTP is handed in, so that the service's one client with its limits does it.
//!
//! <https://openid.net/specs/openid-connect-core-1_0.html>
//!
//! | module | concept |
//! |---|---|
//! | `provider` | a provider, as configured and as it describes itself |
//! | `client_type` | the protocol's client, with all claims kept |
//! | `identity` | who somebody is, from claims |
//! | `error` | what can go wrong |

mod client_type;
mod error;
mod identity;
mod provider;

pub use error::{OidcError, OidcHttpError};
pub use identity::OidcIdentity;
pub use provider::{OidcBegun, OidcFinished, OidcHttp, OidcHttpFuture, OidcProvider, OidcReturned, OidcSettings};
