//! Who may do what: roles, permissions, callers, and how a caller proves who it is. Functions of their input and a given `now`; no I/O.
//!
//! | module | concept |
//! |---|---|
//! | `role` | what is given to users, groups and tokens |
//! | `permission` | what a route asks for |
//! | `principal` | who calls, and what that caller may |
//! | `table_scope` | the tables that exist for a caller |

mod permission;
mod principal;
mod role;
mod table_scope;

pub use permission::Permission;
pub use principal::{Principal, PrincipalKind};
pub use role::Role;
pub use table_scope::TableScope;
