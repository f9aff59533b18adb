//! What people and programs do, and all the traces that one act leaves in the different logs.

pub(crate) mod directory_change;
pub(crate) mod product_alert;
pub(crate) mod sign_in;
