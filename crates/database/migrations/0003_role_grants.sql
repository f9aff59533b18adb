CREATE TABLE role_grants (
    id TEXT PRIMARY KEY,
    -- 'user', 'group', 'token' or 'client'.
    holder_kind TEXT NOT NULL,
    holder_id TEXT NOT NULL,
    role TEXT NOT NULL,
    -- A JSON array of table names; absent: all tables.
    tables TEXT,
    created BIGINT NOT NULL,
    created_by TEXT NOT NULL
);
CREATE INDEX role_grants_by_holder ON role_grants (holder_kind, holder_id);
