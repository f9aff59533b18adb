//! Sessions of browsers, protected from other sites.

use access::{Permission, Principal, SecretKind, SecretToken, same_hash};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use database::{Session, User};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::credential::{Credential, SESSION_COOKIE, read_credential};
use super::requests::{BODY_BYTES, address, is_tls, read_json};
use super::{AuditEvent, Gate};

/// The header in which a page repeats what it was told at sign-in; another site's page cannot know it.
const CSRF_HEADER: &str = "x-csrf-token";

/// Sessions of one user at a time: some browsers, some machines.
const SESSIONS_OF_A_USER: i64 = 20;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/session", Permission::Public, begin)
            .body_bytes(BODY_BYTES)
            .summary("Signs in with name and password; sets the session's cookie")
            .takes::<SignIn>()
            .gives::<ShownSession>(StatusCode::OK),
        Route::get("/api/v1/session", Permission::SignedIn, show)
            .summary("Who is signed in, and what it may")
            .gives::<ShownSession>(StatusCode::OK),
        Route::delete("/api/v1/session", Permission::SignedIn, end)
            .summary("Signs out")
            .gives_nothing(StatusCode::NO_CONTENT),
    ]
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    password: String,
}

/// Who a caller is and what it may, for itself to read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(super) struct ShownSession {
    id: String,
    name: String,
    /// User, Application, ManagedIdentity or Service.
    kind: String,
    roles: Vec<&'static str>,
    /// The only tables that exist for it; all of them where it is null.
    tables: Option<Vec<String>>,
    /// What requests of the session that change something repeat in the header `x-csrf-token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// When the session that just began ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
    /// Names of the OpenID providers at which one can sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    providers: Option<Vec<String>>,
}

async fn begin(State(app): State<App>, parts: Parts, Payload(body): Payload) -> Result<Response, Refusal> {
    let SignIn { name, password } = read_json(&body)?;
    let address = address(&parts);
    let user = app.gate().sign_in(&name, &password, &address, app.now()).await?;
    app.gate().begin_session(&user, &address, is_tls(&parts), app.now()).await
}

async fn show(State(app): State<App>, Caller(caller): Caller, headers: HeaderMap) -> Json<ShownSession> {
    let mut shown = describe(&caller);
    // A page that was loaded anew needs the token again; only pages of this site can read the answer.
    if let Ok(Some(Credential::Session(secret))) = read_credential(&headers) {
        shown.csrf_token = Some(csrf_token(&secret));
    }
    shown.providers = Some(app.gate().config().oidc.keys().cloned().collect());
    Json(shown)
}

async fn end(State(app): State<App>, Caller(caller): Caller, headers: HeaderMap) -> Result<Response, Refusal> {
    let Ok(Some(Credential::Session(secret))) = read_credential(&headers) else {
        return Err(Refusal::bad_request("BadRequest", "only a session is signed out; a token is revoked"));
    };
    app.gate().database().end_session(&secret.hash()).await?;
    app.gate().verified().forget_all();
    app.gate().audit(AuditEvent::by("Sign out", &caller, app.now()));
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(response.headers_mut(), "", 0, true);
    Ok(response)
}

impl Gate {
    /// Begins a session of a user who has just proven itself.
    pub(super) async fn begin_session(
        &self,
        user: &User,
        address: &str,
        is_tls: bool,
        now: DateTime<Utc>,
    ) -> Result<Response, Refusal> {
        let refused = || Refusal::unauthenticated("the user may not sign in");
        let caller = self.user_as_caller(user).await?.ok_or_else(refused)?;
        let secret = SecretToken::generate(SecretKind::Session);
        let lifetime = self.session_policy().lifetime;
        let session = Session {
            id_hash: secret.hash(),
            user: user.id.clone(),
            created: now,
            last_seen: now,
            expires: now + lifetime,
            address: address.to_owned(),
        };
        self.database().begin_session(&session, SESSIONS_OF_A_USER).await?;
        self.audit(AuditEvent::by("Sign in", &caller, now).from(address).about("User", &user.name));
        let mut shown = describe(&caller);
        shown.csrf_token = Some(csrf_token(&secret));
        shown.expires = Some(session.expires);
        let mut response = Json(shown).into_response();
        set_cookie(response.headers_mut(), secret.reveal(), lifetime.num_seconds(), is_tls);
        Ok(response)
    }
}

fn describe(caller: &Principal) -> ShownSession {
    let tables = match &caller.tables {
        access::TableScope::All => None,
        access::TableScope::Only(names) => Some(names.iter().cloned().collect()),
    };
    ShownSession {
        id: caller.id.clone(),
        name: caller.name.clone(),
        kind: format!("{:?}", caller.kind),
        roles: caller.roles.iter().map(|role| role.name()).collect(),
        tables,
        csrf_token: None,
        expires: None,
        providers: None,
    }
}

/// Refuses a session's request that changes something unless it repeats the token that the session's page was told. `SameSite=Strict` keeps the
/// cookie from other sites' requests in browsers that know it; this keeps them out everywhere.
///
/// <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>
pub(super) fn check_origin(parts: &Parts, secret: &SecretToken) -> Result<(), Refusal> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let repeated = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if same_hash(repeated, &csrf_token(secret)) {
        return Ok(());
    }
    let message =
        format!("a session's request that changes something repeats `csrfToken` in the header `{CSRF_HEADER}`");
    Err(Refusal::new(StatusCode::FORBIDDEN, "CsrfTokenMissing", message))
}

/// What a session's page must repeat: it follows from the secret in the cookie, which pages cannot read.
fn csrf_token(secret: &SecretToken) -> String {
    Sha256::digest(format!("csrf {}", secret.reveal())).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn set_cookie(headers: &mut HeaderMap, value: &str, seconds: i64, is_tls: bool) {
    let secure = if is_tls { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
