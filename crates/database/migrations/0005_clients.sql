CREATE TABLE clients (
    -- The `client_id`.
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    previous_hash TEXT,
    previous_until BIGINT,
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT,
    -- Access tokens issued before this moment are refused.
    tokens_valid_from BIGINT NOT NULL,
    disabled BIGINT NOT NULL DEFAULT 0
);
