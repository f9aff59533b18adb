//! The gate of a service without sockets.

mod clients;
mod given_access;
mod sessions;
mod tokens;
mod visitor;
