//! What people and programs do, and all the traces that one act leaves in the different logs.

pub(crate) mod access;
pub(crate) mod azure_operation;
pub(crate) mod changes;
pub(crate) mod directory_change;
pub(crate) mod domain;
pub(crate) mod file_operation;
pub(crate) mod graph_request;
pub(crate) mod key_vault_access;
pub(crate) mod mailbox;
pub(crate) mod mailbox_setting;
pub(crate) mod message;
pub(crate) mod office;
pub(crate) mod product_alert;
pub(crate) mod provisioning;
pub(crate) mod risk_detection;
pub(crate) mod service;
pub(crate) mod sign_in;
pub(crate) mod teams;
pub(crate) mod url_click;
pub(crate) mod web_request;
