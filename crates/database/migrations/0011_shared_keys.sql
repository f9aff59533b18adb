-- Keys of the HTTP Data Collector API. They sign requests, so they cannot be kept as hashes.
CREATE TABLE shared_keys (
    workspace TEXT PRIMARY KEY,
    primary_key TEXT NOT NULL,
    secondary_key TEXT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
