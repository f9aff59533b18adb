CREATE TABLE setup_links (
    secret_hash TEXT PRIMARY KEY,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT
);
