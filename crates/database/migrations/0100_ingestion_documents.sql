-- Data collection rules and endpoints, ingestion mappings, tables that were made before they have rows: a document each, by kind and name.
CREATE TABLE ingestion_documents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
-- What was taken by queued ingestion and is not yet stored: the message, by its id.
CREATE TABLE queued_messages (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    inserted BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
