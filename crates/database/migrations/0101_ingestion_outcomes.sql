-- What became of messages of queued ingestion. holder is who sent the message, as `kind:id`: nobody else reads its outcome.
ALTER TABLE queued_messages ADD COLUMN holder TEXT NOT NULL DEFAULT '';

-- The queues of outcomes. A message is shown again from `visible` on; receipt belongs to whoever received it last.
CREATE TABLE ingestion_outcomes (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    holder TEXT NOT NULL,
    document TEXT NOT NULL,
    inserted BIGINT NOT NULL,
    visible BIGINT NOT NULL,
    receipt TEXT NOT NULL,
    receives BIGINT NOT NULL
);

CREATE INDEX ingestion_outcomes_of_queue ON ingestion_outcomes (queue, holder, inserted);

-- The table of statuses. document is a JSON object of text by name.
CREATE TABLE ingestion_statuses (
    holder TEXT NOT NULL,
    partition_key TEXT NOT NULL,
    row_key TEXT NOT NULL,
    document TEXT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (holder, partition_key, row_key)
);

CREATE INDEX ingestion_statuses_of_age ON ingestion_statuses (updated);
