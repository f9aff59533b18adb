//! `evaluate`: plugins, one file each.
//!
//! To add one: a file with a function of the type [`Apply`] that reads its arguments with [`Arguments`], and a line in
//! [`PLUGINS`].

mod arguments;
mod bag_unpack;
mod call;
mod output_schema;
mod pivot;
mod refused;

pub(super) use arguments::{Arguments, Wanted};
pub(super) use call::PluginCall;

use crate::binder::{Bind, Binder};
use crate::scope::Relation;

/// Applies a plugin to a table.
type Apply = fn(&mut Binder<'_>, Relation, &PluginCall<'_>) -> Bind<Relation>;

/// The plugins by name.
const PLUGINS: &[(&str, Apply)] = &[
    ("bag_unpack", |binder, input, call| binder.bag_unpack(input, call)),
    ("pivot", |binder, input, call| binder.pivot(input, call)),
];
