-- Types of all migrations: TEXT and BIGINT only, so that SQLite and PostgreSQL mean the same. Times are microseconds since 1970, truth is 0 or 1.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name in lower case: `Alice` and `alice` are one user.
    name_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    -- A PHC string; absent for who signs in elsewhere.
    password_hash TEXT,
    -- The OpenID provider and its `sub`, for who signs in there.
    provider TEXT,
    subject TEXT,
    disabled BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    UNIQUE (provider, subject)
);
