//! Tests of live workspaces.
