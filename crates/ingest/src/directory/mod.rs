//! Directory data: what users, groups, computers and applications there are, who is a member of what, and who may do what to whom.
//! Snapshots of Active Directory (SharpHound) and of Entra ID (Microsoft Graph, AzureHound).

mod azurehound;
mod entra_roles;
mod graph;
mod graph_kind;
mod graph_links;
mod graph_user;
mod identity;
mod sharphound;
mod sharphound_kind;
mod sharphound_links;
mod sharphound_user;
mod snapshot_index;
mod tables;
mod well_known_sids;

use crate::decoder::Decoder;

/// The decoders of directory data.
pub(crate) fn decoders() -> Vec<Box<dyn Decoder>> {
    vec![
        Box::new(sharphound::SharpHoundDecoder::new()),
        Box::new(azurehound::AzureHoundDecoder::new()),
        Box::new(graph::GraphDirectoryDecoder::new()),
    ]
}
