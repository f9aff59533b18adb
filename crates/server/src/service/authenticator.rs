//! Who sent a request.

use access::Principal;
use async_trait::async_trait;
use http::request::Parts;

use super::app::App;
use super::refusal::Refusal;

/// Finds the caller by what a request carries.
#[async_trait]
pub(crate) trait Authenticator: Send + Sync {
    /// The caller; `None` where the request carries no credentials.
    ///
    /// # Errors
    /// When it carries some that are wrong, expired or locked out.
    async fn authenticate(&self, app: &App, parts: &Parts) -> Result<Option<Principal>, Refusal>;
}
