"""Writes lines of JSON with DuckDB to Parquet and with chDB into a MergeTree table; prints the name and the seconds of each.

What the peers keep is what the service keeps: the columns of the envelope, and the properties whole.
"""

import os
import shutil
import sys
import time

lines, folder = sys.argv[1:3]
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)
TEXTS = ["time", "resourceId", "operationName", "category", "tenantId", "resultType", "resultDescription", "callerIpAddress", "correlationId", "identity", "location"]


def duckdb():
    import duckdb

    connection = duckdb.connect()
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in TEXTS) + ", 'properties': 'JSON'"
    connection.execute(
        f"COPY (SELECT * REPLACE (CAST(time AS TIMESTAMP) AS time) FROM read_json('{lines}', format='newline_delimited', columns={{{columns}}})"
        f" ORDER BY time) TO '{folder}/lines.parquet' (FORMAT parquet, COMPRESSION zstd)"
    )


def chdb():
    from chdb import session

    connection = session.Session(f"{folder}/chdb")
    connection.query("CREATE DATABASE IF NOT EXISTS logs ENGINE = Atomic")
    columns = ", ".join(f"{name} String" for name in TEXTS[1:])
    connection.query(f"CREATE TABLE logs.lines (time DateTime64(7), {columns}, properties String) ENGINE = MergeTree ORDER BY time")
    connection.query(
        f"INSERT INTO logs.lines SELECT * FROM file('{lines}', JSONEachRow, 'time DateTime64(7), {columns}, properties String')"
        " SETTINGS date_time_input_format='best_effort', input_format_json_read_objects_as_strings=1"
    )
    connection.close()


for name, write in [("DuckDB to Parquet", duckdb), ("chDB into MergeTree", chdb)]:
    began = time.monotonic()
    write()
    print(f"{name}\t{time.monotonic() - began:.3f}", flush=True)
