//! Relational state: users, tokens, data collection rules, in SQLite or PostgreSQL.
