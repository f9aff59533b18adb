CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Whose it is: it may never do more than that user. Absent: the service's own.
    owner_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    secret_hash TEXT NOT NULL UNIQUE,
    -- The secret before the last rotation, and until when it is taken.
    previous_hash TEXT UNIQUE,
    previous_until BIGINT,
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT,
    rotated BIGINT,
    revoked BIGINT
);
CREATE INDEX api_tokens_by_owner ON api_tokens (owner_id);
