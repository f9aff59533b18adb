//! A provider, as configured and as it describes itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreAuthenticationFlow, CoreClientAuthMethod, CoreJsonWebKeySet, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, SignatureVerificationError, TokenResponse,
};

use super::client_type::{DiscoveredClient, UserInfo};
use super::error::in_one_line;
use super::identity::Claims;
use super::{OidcError, OidcHttpError, OidcIdentity};
use crate::{SecretKind, SecretToken};

/// ID tokens and the userinfo endpoint have the same claims, but no trait in common.
macro_rules! claims_of {
    ($claims:expr) => {
        Claims {
            subject: $claims.subject(),
            preferred_username: $claims.preferred_username(),
            email: $claims.email(),
            email_verified: $claims.email_verified(),
            name: $claims.name(),
            other: $claims.additional_claims(),
        }
    };
}

/// An answer to a request to a provider.
pub type OidcHttpFuture = Pin<Box<dyn Future<Output = Result<HttpResponse, OidcHttpError>> + Send>>;

/// What sends requests to providers.
#[derive(Clone)]
pub struct OidcHttp(Arc<dyn Fn(HttpRequest) -> OidcHttpFuture + Send + Sync>);

impl OidcHttp {
    /// Requests are sent by this.
    pub fn new(send: impl Fn(HttpRequest) -> OidcHttpFuture + Send + Sync + 'static) -> Self {
        Self(Arc::new(send))
    }
}

impl<'c> AsyncHttpClient<'c> for OidcHttp {
    type Error = OidcHttpError;
    type Future = OidcHttpFuture;

    fn call(&'c self, request: HttpRequest) -> OidcHttpFuture {
        (self.0)(request)
    }
}

/// A provider, as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// Its issuer URL, exactly as it says it itself.
    pub issuer: String,
    /// Our `client_id` there.
    pub client_id: String,
    /// Our secret there; absent for a public client.
    pub client_secret: Option<String>,
    /// What to ask for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names groups: its name, or a path with points.
    pub group_claim: String,
}

/// A provider that was discovered.
#[derive(Debug, Clone)]
pub struct OidcProvider {
    settings: OidcSettings,
    metadata: CoreProviderMetadata,
}

/// What came back from the provider, with what was kept of the sign-in's beginning.
#[derive(Debug)]
pub struct OidcReturned<'a> {
    /// The redirect address that the sign-in began with.
    pub redirect: &'a str,
    /// The code that the provider gave.
    pub code: String,
    /// [`OidcBegun::nonce`].
    pub nonce: String,
    /// [`OidcBegun::pkce_verifier`].
    pub pkce_verifier: String,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct OidcBegun {
    /// Where to send the browser.
    pub url: String,
    /// What comes back with it.
    pub state: SecretToken,
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves that the code comes back to who asked for it.
    pub pkce_verifier: String,
}

/// A sign-in that has ended well.
#[derive(Debug)]
pub struct OidcFinished {
    /// Who it is.
    pub identity: OidcIdentity,
    /// The provider with its present keys, where it has changed them.
    pub with_new_keys: Option<OidcProvider>,
}

impl OidcProvider {
    /// Asks a provider for its description and keys.
    ///
    /// # Errors
    /// `OidcError::Discovery`.
    pub async fn discover(settings: OidcSettings, http: &OidcHttp) -> Result<Self, OidcError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|_| OidcError::Url { what: "issuer", value: settings.issuer.clone() })?;
        let metadata = CoreProviderMetadata::discover_async(issuer, http).await;
        let metadata = metadata
            .map_err(|error| OidcError::Discovery { issuer: settings.issuer.clone(), reason: in_one_line(&error) })?;
        Ok(Self { settings, metadata })
    }

    /// Begins a sign-in that comes back to `redirect`.
    ///
    /// # Errors
    /// `OidcError::Url` for a redirect that is none.
    pub fn begin(&self, redirect: &str) -> Result<OidcBegun, OidcError> {
        let client = self.client(redirect)?;
        let state = SecretToken::generate(SecretKind::OidcState);
        let csrf = CsrfToken::new(state.reveal().to_owned());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, || csrf, Nonce::new_random);
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (url, _, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        Ok(OidcBegun {
            url: url.to_string(),
            state,
            nonce: nonce.secret().clone(),
            pkce_verifier: verifier.into_secret(),
        })
    }

    /// Ends a sign-in: exchanges the code, proves the ID token, and asks the userinfo endpoint for what that does not say.
    ///
    /// # Errors
    /// `OidcError::Exchange` and `OidcError::Token`.
    pub async fn finish(
        &self,
        returned: OidcReturned<'_>,
        now: DateTime<Utc>,
        http: &OidcHttp,
    ) -> Result<OidcFinished, OidcError> {
        let OidcReturned { redirect, code, nonce, pkce_verifier } = returned;
        let client = self.client(redirect)?;
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Exchange(in_one_line(&error)))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(pkce_verifier));
        let response = request.request_async(http).await.map_err(|error| OidcError::Exchange(in_one_line(&error)))?;
        let token = response.id_token().ok_or_else(|| OidcError::Token("there is none".to_owned()))?;
        let nonce = Nonce::new(nonce);
        let mut with_new_keys = None;
        let claims = match token.claims(&client.id_token_verifier().set_time_fn(move || now), &nonce) {
            // The provider may have changed its keys since they were asked for.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let renewed = self.with_present_keys(http).await?;
                let client = renewed.client(redirect)?;
                let claims = token.claims(&client.id_token_verifier().set_time_fn(move || now), &nonce);
                let claims = claims.cloned().map_err(|error| OidcError::Token(in_one_line(&error)));
                with_new_keys = Some(renewed);
                claims
            }
            claims => claims.cloned().map_err(|error| OidcError::Token(in_one_line(&error))),
        }?;
        let group_claim = &self.settings.group_claim;
        let mut identity = OidcIdentity::of(&claims_of!(claims), group_claim);
        let complete = identity.name.is_some() && identity.groups.is_some();
        if !complete && self.metadata.userinfo_endpoint().is_some() {
            // The subject must be the same: a provider's answer about somebody else is an error.
            let request = client.user_info(response.access_token().clone(), Some(claims.subject().clone()));
            let request = request.map_err(|error| OidcError::Token(in_one_line(&error)))?;
            let said: UserInfo =
                request.request_async(http).await.map_err(|error| OidcError::Token(in_one_line(&error)))?;
            identity = identity.or(OidcIdentity::of(&claims_of!(said), group_claim));
        }
        Ok(OidcFinished { identity, with_new_keys })
    }

    /// What is configured.
    pub fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    async fn with_present_keys(&self, http: &OidcHttp) -> Result<Self, OidcError> {
        let keys = CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), http).await;
        let keys = keys.map_err(|error| OidcError::Discovery {
            issuer: self.settings.issuer.clone(),
            reason: in_one_line(&error),
        })?;
        Ok(Self { settings: self.settings.clone(), metadata: self.metadata.clone().set_jwks(keys) })
    }

    fn client(&self, redirect: &str) -> Result<DiscoveredClient, OidcError> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|_| OidcError::Url { what: "redirect", value: redirect.to_owned() })?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let client =
            DiscoveredClient::from_provider_metadata(self.metadata.clone(), id, secret).set_redirect_uri(redirect);
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        // Basic is the default where nothing is said.
        let only_by_form = methods.is_some_and(|methods| !methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        Ok(if only_by_form { client.set_auth_type(AuthType::RequestBody) } else { client })
    }
}
