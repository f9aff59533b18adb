CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    value TEXT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    created BIGINT NOT NULL
);
