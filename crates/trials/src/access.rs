//! An administrator and tokens for a service of one's own.

use serde_json::{Value, json};

use crate::{HttpClient, Service};

/// The administrator's name.
const NAME: &str = "admin";
/// Its password; the service and all that it has are gone with the trial.
const PASSWORD: &str = "the tailwind of a trial 7";
/// `admin` and its password as the scheme Basic has them.
const BASIC: &str = "Basic YWRtaW46dGhlIHRhaWx3aW5kIG9mIGEgdHJpYWwgNw==";

/// What callers present.
#[derive(Debug, Clone)]
pub struct Access {
    /// The token of an administrator.
    pub administrator: String,
    /// The token of a sender (role Ingest).
    pub ingest: String,
    /// The token of one who asks (role Reader).
    pub reader: String,
}

/// Makes the first administrator with the set-up link, as whoever reads the service's output does, and tokens by its password.
///
/// # Errors
/// When the service prints no link or refuses.
pub fn set_up(service: &Service) -> Result<Access, String> {
    let secret = service.setup_secret()?;
    let mut client = HttpClient::new(service.http, None);
    let body = json!({"secret": secret, "name": NAME, "password": PASSWORD});
    let answer = client.post_json("/api/v1/setup", &body).map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("set-up was answered with {}: {}", answer.status, answer.text()));
    }
    let mut token = |role: &str| make_token(&mut client, role);
    Ok(Access { administrator: token("Administrator")?, ingest: token("Ingest")?, reader: token("Reader")? })
}

fn make_token(client: &mut HttpClient, role: &str) -> Result<String, String> {
    let body = json!({"name": format!("{role} of a trial"), "roles": [{"role": role}]}).to_string();
    let headers = [("content-type", "application/json"), ("authorization", BASIC)];
    let answer = client.send("POST", "/api/v1/tokens", &headers, body.as_bytes()).map_err(|error| error.to_string())?;
    let made = answer.json()?;
    let token = made["token"].as_str().or_else(|| made["secret"].as_str()).filter(|_| answer.status < 300);
    token
        .map(str::to_owned)
        .ok_or_else(|| format!("no token of {role}: {}: {}", answer.status, Value::to_string(&made)))
}
