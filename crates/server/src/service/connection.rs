//! What is known of the connection that a request came on.

use std::net::SocketAddr;

/// Among a request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Whoever connected.
    pub(crate) peer: SocketAddr,
    /// Whether it is encrypted.
    pub(crate) is_tls: bool,
}
