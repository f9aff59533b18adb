//! Listeners for syslog: datagrams, TCP and TLS.
//!
//! | module | concept |
//! |---|---|
//! | `listeners` | the sockets, and the tasks that read them |
//! | `streams` | a connection of TCP or TLS |
//! | `datagrams` | the socket of UDP |
//! | `pace` | how many messages of a sender are taken in a second |
//! | `batcher` | messages of all senders, stored together |

mod batcher;
mod datagrams;
mod listeners;
mod pace;
mod streams;

pub(crate) use listeners::Syslog;
