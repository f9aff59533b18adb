//! Who may do what: roles, permissions, callers, and how a caller proves who it is. Functions of their input and a given `now`; no I/O but the operating
//! system's random bytes.
//!
//! | module | concept |
//! |---|---|
//! | `role` | what is given to users, groups and tokens |
//! | `permission` | what a route asks for |
//! | `principal` | who calls, and what that caller may |
//! | `table_scope` | the tables that exist for a caller |
//! | `effective_access` | what somebody may, from all that it was given |
//! | `password` | what is stored of passwords, and how they are proven |
//! | `secret_token` | the form of the secrets that we give out |
//! | `access_token` | tokens that our token endpoints issue |
//! | `shared_key` | signatures of the HTTP Data Collector API |
//! | `sas` | shared access signatures of queued ingestion |
//! | `lock_out` | how failed sign-ins slow down who tries |
//! | `session_policy` | how long a session lasts |
//! | `oidc` | signing in at an OpenID provider |
//! | `random`, `hex` | random bytes, hexadecimal digits |

mod access_token;
mod effective_access;
mod hex;
mod lock_out;
mod oidc;
mod password;
mod permission;
mod principal;
mod random;
mod role;
mod sas;
mod secret_token;
mod session_policy;
mod shared_key;
mod table_scope;

pub use access_token::{
    ACCESS_TOKEN_LIFETIME, AccessTokenClaims, AccessTokenError, access_token_claims, is_jwt, sign_access_token,
    verify_access_token,
};
pub use effective_access::{EffectiveAccess, Grant};
pub use lock_out::{FAILURES_REMEMBERED, LockOutSubject, waits};
pub use oidc::{
    OidcBegun, OidcError, OidcFinished, OidcHttp, OidcHttpError, OidcHttpFuture, OidcIdentity, OidcProvider,
    OidcReturned, OidcSettings,
};
pub use password::{PasswordProof, WeakPassword, check_new_password, hash_password, prove_password};
pub use permission::Permission;
pub use principal::{Principal, PrincipalKind};
pub use random::random_bytes;
pub use role::{Role, UnknownRole};
pub use sas::{SasError, SasGrant, has_sas, sign_sas, verify_sas};
pub use secret_token::{MalformedSecret, SecretKind, SecretToken, same_hash};
pub use session_policy::{SEEN_EVERY, SessionPolicy};
pub use shared_key::{
    SharedKeyError, SharedKeyRequest, new_shared_key, parse_shared_key, sign_shared_key, verify_shared_key,
};
pub use table_scope::TableScope;
