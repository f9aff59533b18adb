//! The state, on SQLite and PostgreSQL alike.

mod access_rows;
mod callers;
mod engines;
mod exports;
mod ingestion;
mod locations;
mod postgres_server;
mod restarts;
mod signing_in;
mod values;
