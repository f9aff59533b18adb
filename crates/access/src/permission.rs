//! What a route asks for.

/// What a caller must be allowed for a route. Every route has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Nothing: health, discovery, sign-in itself.
    Public,
    /// To be somebody, of whatever role: one's own session and tokens.
    SignedIn,
    /// To send logs.
    Ingest,
    /// To ask: queries, metadata, lists.
    Read,
    /// To work on incidents; to ask for archived rows.
    Respond,
    /// To change rules, tables, data collection rules.
    Contribute,
    /// To give access, to back up, to change the service.
    Administer,
}
