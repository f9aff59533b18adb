CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL
);
CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    -- 'local', or the OpenID provider that says so: each sign-in replaces what that provider said.
    source TEXT NOT NULL,
    PRIMARY KEY (user_id, group_id, source)
);
CREATE INDEX memberships_by_group ON memberships (group_id);
