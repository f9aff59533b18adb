-- Custom tables that were made by a command, with the columns that they had then.
CREATE TABLE declared_tables (
    name TEXT NOT NULL PRIMARY KEY,
    columns TEXT NOT NULL,
    updated BIGINT NOT NULL
);
