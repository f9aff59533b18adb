//! Relational state: users, tokens, data collection rules, in SQLite or PostgreSQL.
//!
//! One connection pool of `sqlx`'s `Any` kind stands for both. The same statements run on both under these rules: parameters are `$1`, `$2`, …;
//! columns are `TEXT` or `BIGINT` only (times in microseconds, truth as 0 or 1, documents as JSON text); what must be one is begun with
//! [`Database::begin`]. A `SUM` needs a cast to `BIGINT`. Each concept has one file here, one or more under `migrations/`, and its tests run on both.
//!
//! | module | concept |
//! |---|---|
//! | `location` | where the state lies |
//! | `database` | the pool, opened and migrated |
//! | `migrations` | the numbered statements that make the tables |
//! | `state_tables`, `export`, `import` | all of it as lines of JSON, for backups |
//! | `error` | what can go wrong |
//! | `moment` | times as the tables keep them |
//! | `users`, `groups`, `role_grants` | who there is, and what is given to whom |
//! | `api_tokens`, `clients`, `sessions` | what callers prove themselves with |
//! | `sign_in_attempts`, `setup_links`, `oidc_states` | signing in |
//! | `ingestion_documents`, `queued_messages` | what ingestion is told to do, and what it has taken and not yet stored |
//! | `ingestion_outcomes`, `ingestion_statuses` | what became of it, for those who sent it |
//! | `declared_tables`, `ingestion_mappings` | what management commands of Kusto's surface made |
//! | `settings`, `secrets`, `shared_keys` | values by name, with versions; keys of the service and of senders |

mod api_tokens;
mod clients;
mod database;
mod declared_tables;
mod error;
mod export;
mod groups;
mod import;
mod ingestion_documents;
mod ingestion_mappings;
mod ingestion_outcomes;
mod ingestion_statuses;
mod location;
mod migrations;
mod moment;
mod oidc_states;
mod queued_messages;
mod role_grants;
mod secrets;
mod sessions;
mod settings;
mod setup_links;
mod shared_keys;
mod sign_in_attempts;
mod state_tables;
mod users;

pub use api_tokens::{ApiToken, NewApiToken};
pub use clients::{Client, NewClient};
pub use database::{Database, Transaction};
pub use declared_tables::DeclaredTable;
pub use error::DatabaseError;
pub use groups::Group;
pub use ingestion_documents::IngestionDocument;
pub use ingestion_mappings::IngestionMapping;
pub use ingestion_outcomes::{IngestionOutcome, OutcomeQueue, ReceivedOutcome};
pub use ingestion_statuses::IngestionStatus;
pub use location::{DatabaseLocation, Engine};
pub use moment::{from_micros, micros};
pub use oidc_states::OidcState;
pub use queued_messages::QueuedMessage;
pub use role_grants::{Holder, HolderKind, RoleGrant};
pub use sessions::Session;
pub use settings::Setting;
pub use setup_links::SetupLink;
pub use sign_in_attempts::SignInAttempts;
pub use users::{NewUser, User};
