-- Ingestion mappings of Kusto's surface: kind is `Json` or `Csv`, mapping is JSON text.
CREATE TABLE ingestion_mappings (
    table_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (table_name, kind, name)
);
