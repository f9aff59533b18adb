//! `POST /api/v1/backups`: a backup of the running service.

use std::path::PathBuf;

use access::Permission;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::housekeeping::{BackupOutcome, BackupPlace, back_up_with};
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;

/// Longest name of a backup, in bytes.
const NAME_BYTES: usize = 100;

/// What to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBackup {
    /// The name of its folder.
    name: String,
}

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/backups", Permission::Administer, make)
            .summary("Backs up the workspace with users and settings into a new folder of this name")
            .takes::<NewBackup>()
            .gives::<BackupOutcome>(StatusCode::OK),
    ]
}

async fn make(State(app): State<App>, Payload(body): Payload) -> Result<Json<BackupOutcome>, Refusal> {
    let new: NewBackup = serde_json::from_slice(&body).map_err(|error| {
        Refusal::bad_request("InvalidRequestBody", format!("the body is not `{{\"name\": …}}`: {error}"))
    })?;
    let folder = place(app.config().housekeeping.backup_folder.clone(), &new.name)?;
    // It goes on where the caller leaves.
    let made = tokio::spawn(async move { back_up(&app, folder).await }).await;
    let made = made.map_err(|_| Refusal::internal("the backup was interrupted"))?;
    made.map(Json).map_err(|error| {
        tracing::error!(%error, "a backup failed");
        Refusal::internal(format!("the backup failed: {error}"))
    })
}

/// All rows that are acknowledged by now are in it.
async fn back_up(app: &App, folder: PathBuf) -> Result<BackupOutcome, crate::Error> {
    let maintenance = app.live().maintain();
    let place = BackupPlace { folder: &folder, database: Some(app.database()), now: app.now() };
    let outcome = back_up_with(&maintenance, app.live().path(), &place).await?;
    tracing::info!(folder = outcome.folder, position = outcome.position, rows = outcome.rows, "backed up");
    Ok(outcome)
}

/// A new folder of this name: it never leads out of the folder for backups.
fn place(folder: Option<PathBuf>, name: &str) -> Result<PathBuf, Refusal> {
    let folder = folder.ok_or_else(|| {
        let message = "no folder for backups is configured; set `housekeeping.backup_folder`";
        Refusal::bad_request("BackupsNotConfigured", message)
    })?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > NAME_BYTES || name.starts_with('.') || !name.bytes().all(is_plain) {
        let shown: String = name.chars().take(NAME_BYTES).collect();
        let message = format!("`{shown}` is no name of a backup: letters, digits, `-`, `_` and `.`");
        return Err(Refusal::bad_request("InvalidBackupName", message));
    }
    let path = folder.join(name);
    if path.exists() {
        return Err(Refusal::bad_request("BackupExists", format!("there is a backup `{name}` already")));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::service::testing::TestService;

    #[test]
    fn a_name_leads_nowhere_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let of = |name: &str| place(Some(folder.path().to_owned()), name);
        assert_eq!(of("2026-03-02_a.1"), Ok(folder.path().join("2026-03-02_a.1")));
        for name in ["", ".", "..", "../x", "a/b", "/etc", "a\\b", "a b", "a\0b", &"x".repeat(101)] {
            assert!(of(name).is_err(), "{name:?}");
        }
        assert!(place(None, "a").is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_running_service_backs_itself_up_and_the_backup_is_restored() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!("[housekeeping]\nbackup_folder = {:?}\n", folder.path());
        let service = TestService::with(&config, super::super::routes()).await;
        let table = schema::table("SigninLogs").expect("built in");
        let row = serde_json::json!({"TimeGenerated": "2026-03-02T11:00:00Z", "UserPrincipalName": "mia@example.com"});
        let rows = crate::rows_from_json::rows_from_json(table, &[row.as_object().cloned().expect("an object")]);
        let appended = service.app.live().append(vec![(table, rows.expect("fits"))], None).await;
        assert_eq!(appended.expect("appends").rows, 1);
        let call = |name: &'static str, role: &'static str| {
            let body = serde_json::json!({"name": name}).to_string();
            service.call(role, Method::POST, "/api/v1/backups", body)
        };
        assert_eq!(call("first", "Contributor").await.status, StatusCode::FORBIDDEN);
        assert_eq!(call("../first", "Administrator").await.status, StatusCode::BAD_REQUEST);
        let answer = call("first", "Administrator").await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        assert_eq!(answer.json()["rows"], 1, "a row that was not in its table yet is in the backup");
        assert_eq!(call("first", "Administrator").await.status, StatusCode::BAD_REQUEST);
        let target = folder.path().join("restored");
        let restored = storage::restore(&folder.path().join("first"), &target).await.expect("restores");
        let snapshot = restored.workspace.snapshot().await.expect("snapshots");
        assert_eq!(snapshot.statistics("SigninLogs").expect("has rows").rows, 1);
    }
}
