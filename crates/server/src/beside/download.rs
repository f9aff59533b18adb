//! Files over HTTPS.

use std::time::Duration;

use kql_engine::{ExternalError, ExternalRequest};
use reqwest::redirect::{Attempt, Policy};
use url::Url;

use super::ExternalAccess;

/// Longest time until a connection stands.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Longest time for a whole file.
const TOTAL_TIME: Duration = Duration::from_secs(120);
/// Most redirections that are followed.
const MAX_REDIRECTIONS: usize = 5;

/// The file at an address whose host is allowed. Redirections are followed to allowed hosts only.
pub(super) async fn download(
    address: Url,
    access: &ExternalAccess,
    request: &ExternalRequest,
) -> Result<Vec<u8>, ExternalError> {
    let failed = |error: reqwest::Error| ExternalError::failed(&request.uri, &causes(&error.without_url()));
    let allowed = access.clone();
    let client = reqwest::Client::builder()
        .https_only(true)
        .connect_timeout(CONNECT_TIME)
        .timeout(TOTAL_TIME)
        .redirect(Policy::custom(move |attempt| follow(attempt, &allowed)))
        .build()
        .map_err(failed)?;
    let mut response = client.get(address).send().await.map_err(failed)?;
    if !response.status().is_success() {
        let mut why = format!("the host answers {}", response.status());
        if response.status().is_redirection() {
            why.push_str(", which leads to a host that is not allowed");
        }
        return Err(ExternalError::failed(&request.uri, &why));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > request.max_bytes {
            return Err(ExternalError::too_large(request));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn follow(attempt: Attempt<'_>, access: &ExternalAccess) -> reqwest::redirect::Action {
    let is_allowed = attempt.url().host_str().is_some_and(|host| access.allows_host(host));
    if is_allowed && attempt.previous().len() <= MAX_REDIRECTIONS { attempt.follow() } else { attempt.stop() }
}

/// An error with what caused it, outermost first.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
