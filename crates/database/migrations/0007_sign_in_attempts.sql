CREATE TABLE sign_in_attempts (
    -- `user:NAME` or `address:ADDRESS`.
    subject TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failure BIGINT NOT NULL,
    locked_until BIGINT
);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_failure);
